#!/usr/bin/env bash
# Builds the load driver and the mirrors into a folder.
#
#   Benchmarks/build.sh FOLDER
#
# The mirrors link nghttp2, protobuf-c and LMDB statically, as newsrpc does in release mode: a call into a shared
# library costs as much as a tenth of a small request.
set -euo pipefail
mkdir -p "$1"
out="$(cd "$1" && pwd)"
cd "$(dirname "${BASH_SOURCE[0]}")"

archive() { # PKG-CONFIG-NAME LIBRARY
    echo "$(pkg-config --variable=libdir "$1")/lib$2.a"
}
compile() { # OUTPUT ARGUMENT...
    local output="$1"
    shift
    "${CC:-clang}" -O2 -Wall -Wextra -Wno-sign-compare -Wno-deprecated-declarations -o "$out/$output" "$@"
}

mapfile -t messages < <(find ../Sources/CNewsProto -name '*.c')
nghttp2="$(archive libnghttp2 nghttp2)"
common=(
    -I../Sources/CNewsProto/include mirrors/serve.c "${messages[@]}"
    "$nghttp2" "$(archive libprotobuf-c protobuf-c)"
)

compile blast load/*.c "$nghttp2"
compile mirror-memory mirrors/memory.c "${common[@]}"
compile mirror-lmdb -I../Sources/CCRC32C/include mirrors/lmdb.c ../Sources/CCRC32C/crc32c.c "${common[@]}" \
    "$(archive lmdb lmdb)"
compile writes -I../Sources/CCRC32C/include mirrors/writes.c ../Sources/CCRC32C/crc32c.c "$(archive lmdb lmdb)"
