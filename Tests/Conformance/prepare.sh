#!/usr/bin/env bash
# Makes FOLDER/venv with the packages of requirements.txt and FOLDER/generated with
# Python code for Protos/. Asks the network only for packages that are not there yet.
#
#   Tests/Conformance/prepare.sh FOLDER
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
protos="$here/../../Protos"
# The service of the interop tests.
testing="$here/Protos"

mkdir -p "$1"
cd "$1"
exec 9>lock
flock 9

if ! cmp --silent "$here/requirements.txt" installed.txt; then
    rm -rf venv
    python3 -m venv venv
    if ! venv/bin/pip install --quiet --no-deps --requirement "$here/requirements.txt"; then
        echo "prepare: pip could not install $here/requirements.txt; the conformance tests need it once" >&2
        exit 1
    fi
    cp "$here/requirements.txt" installed.txt
fi

mapfile -t sources < <(cd "$protos" && find . -name '*.proto' -printf '%P\n' | sort)
mapfile -t tested < <(cd "$testing" && find . -name '*.proto' -printf '%P\n' | sort)
{
    (cd "$protos" && sha256sum "${sources[@]}")
    (cd "$testing" && sha256sum "${tested[@]}")
} >wanted.txt
if ! cmp --silent wanted.txt generated.txt; then
    rm -rf generated generated.txt
    mkdir generated
    venv/bin/python -m grpc_tools.protoc --proto_path="$protos" --proto_path="$testing" \
        --python_out=generated --grpc_python_out=generated "${sources[@]}" "${tested[@]}"
    cp wanted.txt generated.txt
fi
