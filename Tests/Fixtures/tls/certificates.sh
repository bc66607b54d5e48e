#!/usr/bin/env bash
# Makes the certificates that tests of TLS use, with an authority of their own. Keeps those of the last hours.
#
#   Tests/Fixtures/tls/certificates.sh FOLDER
set -euo pipefail

script="$(realpath "${BASH_SOURCE[0]}")"
mkdir -p "$1"
cd "$1"
exec 9>lock
flock 9
if [ -f made ] && cmp --silent "$script" made && [ -z "$(find made -mmin +720)" ]; then
    exit 0
fi
rm -f ./*.pem ./*.key ./*.csr ./*.srl made

run() { # COMMAND...
    openssl "$@" >openssl.log 2>&1 || {
        echo "certificates: openssl $*" >&2
        cat openssl.log >&2
        exit 1
    }
}
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc)

authority() { # NAME COMMON-NAME
    run req -x509 "${new_key[@]}" -keyout "$1.key" -out "$1.pem" -days 30 -subj "/CN=$2"
}
signed() { # NAME AUTHORITY SUBJECT ALTERNATIVE-NAMES
    run req -x509 "${new_key[@]}" -keyout "$1.key" -out "$1.pem" -days 30 -subj "$3" \
        -CA "$2.pem" -CAkey "$2.key" -addext "subjectAltName=$4" -addext basicConstraints=critical,CA:FALSE
}

authority ca 'Test Authority'
authority other-ca 'Other Authority'
here='DNS:localhost,IP:127.0.0.1,IP:::1'
signed server ca /CN=first.test "$here"
signed replacement ca /CN=second.test "$here"
signed elsewhere ca /CN=elsewhere.test DNS:news.example.com,DNS:*.wild.example,IP:192.0.2.1
signed stranger other-ca /CN=stranger.test "$here"
signed client ca '/O=Example/CN=importer' 'DNS:importer.test,URI:spiffe://example.test/importer'
signed reader-client ca '/O=Example/CN=somebody' DNS:reader.test
signed unknown-client ca '/O=Example/CN=importer' 'DNS:unknown.test,URI:spiffe://example.test/unknown'
signed stray-client other-ca /CN=stray 'URI:spiffe://other.test/stray'

# Valid until yesterday: openssl's req makes none, its x509 does.
run x509 -signkey ca.key -in ca.pem -days -1 -out expired-ca.pem
run req "${new_key[@]}" -keyout expired.key -out expired.csr -subj /CN=expired.test
echo "subjectAltName=$here" >expired.ext
run x509 -req -in expired.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days -1 -extfile expired.ext -out expired.pem

# A chain: a server signed by an authority between.
run req "${new_key[@]}" -keyout middle.key -out middle.csr -subj '/CN=Middle Authority'
echo basicConstraints=critical,CA:TRUE >middle.ext
run x509 -req -in middle.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile middle.ext -out middle.pem
signed chained middle /CN=chained.test "$here"
cat middle.pem >>chained.pem

run ec -in server.key -aes128 -passout pass:secret -out encrypted.key
cp "$script" made
