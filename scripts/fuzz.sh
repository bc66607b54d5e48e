#!/usr/bin/env bash
# Lets libFuzzer, with the address sanitizer, look for inputs that end the process.
#
#   scripts/fuzz.sh SECONDS [TARGET...]      all targets, one after the other, when none is named
#
# It begins with Tests/Fixtures/fuzz/TARGET, which the tests replay, and keeps what it learns in
# .build/fuzz/corpus/TARGET. An input that ends the process is written to .build/fuzz/TARGET-crash-...; once mended, it
# belongs to the former folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds="${1:?usage: scripts/fuzz.sh SECONDS [TARGET...]}"
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls Tests/Fixtures/fuzz)

export NEWSRPC_FUZZ=1
options=(
    --configuration release --scratch-path .build/fuzz/package --product FuzzEntry
    -Xswiftc -sanitize=fuzzer,address
)
swift build "${options[@]}" >&2
folder="$(swift build "${options[@]}" --show-bin-path)"
program=.build/fuzz/newsrpc-fuzz
# libFuzzer brings the main function.
swiftc -sanitize=fuzzer,address "$folder/libFuzzEntry.a" -lnghttp2 -lprotobuf-c -lz -lzstd -llmdb -lssl -lcrypto \
    -o "$program"

for target in "${targets[@]}"; do
    [ -d "Tests/Fixtures/fuzz/$target" ] || { echo "fuzz: no target \"$target\"" >&2; exit 2; }
    corpus=".build/fuzz/corpus/$target"
    mkdir -p "$corpus"
    echo "fuzz: $target for $seconds s"
    # Swift's runtime keeps memory on purpose, which is no leak. Its printer of backtraces is in libFuzzer's way.
    NEWSRPC_FUZZ_TARGET="$target" SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 nice -n 10 "$program" \
        -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix=".build/fuzz/$target-" "$corpus" "Tests/Fixtures/fuzz/$target" 2>&1 |
        grep -E 'SUMMARY|ERROR|Fatal|Test unit|stat::(number_of_executed|peak_rss)|DONE|#[0-9]+.*(INITED|DONE)'
done
