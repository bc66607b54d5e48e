#!/usr/bin/env bash
# Builds programs in release mode, with the Swift runtime and the C libraries
# inside, and prints the folder that holds them.
#
#   scripts/release.sh [PRODUCT...]      newsrpc-server and newsrpc-cli when none is named
#
# A call through the procedure linkage table of a shared library costs more than
# a tenth of a small request, so archives are linked instead. They stand alone in
# a folder that comes first on the link path: `-lnghttp2` then finds the archive
# there, and not the shared library that lies beside it in the system's folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

products=("$@")
[ ${#products[@]} -gt 0 ] || products=(newsrpc-server newsrpc-cli)

archives="$PWD/.build/archives"
mkdir -p "$archives"
link_archive() { # PATH
    if [ ! -f "$1" ]; then
        echo "release: $1 is missing; scripts/setup.sh build installs it" >&2
        exit 1
    fi
    ln -sfn "$1" "$archives/$(basename "$1")"
}
library_folder() { # PKG-CONFIG-NAME
    pkg-config --variable=libdir "$1"
}
link_archive "$(library_folder libnghttp2)/libnghttp2.a"
link_archive "$(library_folder libprotobuf-c)/libprotobuf-c.a"
link_archive "$(library_folder lmdb)/liblmdb.a"
link_archive "$(library_folder libssl)/libssl.a"
link_archive "$(library_folder libcrypto)/libcrypto.a"
link_archive "$(library_folder zlib)/libz.a"
# Debian's libzstd.pc names another folder than the one that the archive lies in.
link_archive "$(clang -print-file-name=libzstd.a)"
link_archive "$(clang -print-file-name=libstdc++.a)"

options=(
    --configuration release --static-swift-stdlib
    -Xlinker "-L$archives" -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
    # Overlapping accesses are looked for in debug builds, where every test runs; asking the runtime about each access
    # to an object's field costs a tenth of a small request.
    -Xswiftc -enforce-exclusivity=unchecked
)
# Foundation's archive names mktemp in a function that nothing here calls; the linker warns of it all the same.
for product in "${products[@]}"; do
    swift build "${options[@]}" --product "$product" 2>&1 | grep -v "the use of .mktemp' is dangerous" >&2
done
folder="$(swift build "${options[@]}" --show-bin-path)"

# The C library stays shared: looking up host names needs it so.
for product in "${products[@]}"; do
    others="$(ldd "$folder/$product" | awk '{ print $1 }' |
        grep -Ev '^(linux-vdso\.so|libc\.so|libm\.so|/lib.*/ld-linux)' || true)"
    if [ -n "$others" ]; then
        echo "release: $product still needs shared libraries: ${others//$'\n'/ }" >&2
        exit 1
    fi
done
echo "$folder"
