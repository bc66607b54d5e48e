#!/usr/bin/env bash
# The interop tests of gRPC: the test programs of this package and grpcio, each as server and as client.
#
#   Tests/Conformance/interop.sh FOLDER-OF-PROGRAMS FOLDER-OF-PYTHON
set -euo pipefail
programs="$(cd "$1" && pwd)"
environment="$(cd "$2" && pwd)"
cd "$(dirname "${BASH_SOURCE[0]}")"
python="$environment/venv/bin/python"
export NEWSRPC_GENERATED="$environment/generated"
limit=$((240 * ${NEWSRPC_TEST_PATIENCE:-1}))

server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Both servers print where they listen and stop when their standard input ends.
start() { # COMMAND...
    coproc SERVER { exec "$@"; }
    server=$SERVER_PID
    local line
    read -r -t "$((limit / 8))" line <&"${SERVER[0]}" || { echo "interop: no server: $*" >&2; exit 1; }
    address="${line##* }"
}
stop() {
    local input=${SERVER[1]} pid=$server
    exec {input}>&-
    wait "$pid" || { echo "interop: the server ended with status $?" >&2; exit 1; }
    server=
}

echo "-- client: grpcio, server: newsrpc"
start "$programs/newsrpc-interop" serve
NEWSRPC_INTEROP="$address" timeout "$limit" "$python" -B interop_client.py
stop

echo "-- client: newsrpc, server: newsrpc"
start "$programs/newsrpc-interop" serve
timeout "$limit" "$programs/newsrpc-interop" call "$address"
stop

echo "-- client: newsrpc, server: grpcio"
start "$python" -B interop_server.py
# A service of grpcio is not told whether a message came compressed.
timeout "$limit" "$programs/newsrpc-interop" call "$address" --no-compression-probes
stop
