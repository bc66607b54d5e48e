#!/usr/bin/env bash
# Builds everything, makes the data, measures, prints the tables as Markdown.
#
#   Benchmarks/run.sh [OPTION...]      options of bench.py, such as -r 11 or --cells 4x32
#
# NEWSRPC_BENCH names the folder for programs and data (.build/bench). The data is made anew on every run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bench="${NEWSRPC_BENCH:-.build/bench}"
release="$(scripts/release.sh)"
Benchmarks/build.sh "$bench/programs"
rm -rf "$bench/data"
mkdir -p "$bench/data"
Benchmarks/prepare.py "$bench/programs" "$release" "$bench/data"
Benchmarks/bench.py "$bench/programs" "$release" "$bench/data" "$@"
# Writes, watchers and starts have no options in common with it.
[ $# -gt 0 ] || NEWSRPC_BENCH="$bench" Benchmarks/writes.py "$bench/programs" "$release"
