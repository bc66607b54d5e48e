#!/usr/bin/env bash
# How a large store behaves beside a small one of 10,000 articles: fills both over ten years, then measures how long the
# server takes to open them, after a clean stop and after a kill -9, and what lists, articles and memory are (scale.py).
#
#   Benchmarks/scale.sh [COUNT [--in-order | --by-date]]
#
# 200,000 articles unless COUNT says otherwise; 1,000,000 take 9 GB with their source. With --in-order they come in the
# order of their dates, and otherwise one of each day after the other; with --by-date the client is asked to put those
# in order.
#
# NEWSRPC_BENCH names the folder for programs and data (.build/bench).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

count="${1:-200000}"
order=()
import=()
case "${2:-}" in
'') ;;
--in-order) order=(--in-order) ;;
--by-date) import=(--by-date) ;;
*)
    echo "scale: $2 is not known; --in-order and --by-date are" >&2
    exit 2
    ;;
esac
bench="${NEWSRPC_BENCH:-.build/bench}"
release="$(scripts/release.sh)"
Benchmarks/build.sh "$bench/programs"

work="$(mktemp -d "$bench/scale.XXXXXX")"
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

start() { # STORE
    : >"$work/ready"
    "$release/newsrpc-server" --data "$1" --listen 127.0.0.1:0 --threads 1 --time-zone Asia/Shanghai >"$work/ready" &
    server=$!
    until grep -q ' ready in ' "$work/ready"; do
        kill -0 "$server" || exit 1
        sleep 0.02
    done
    port="$(sed -n 's/.*listening on 127.0.0.1:\([0-9]*\),.*/\1/p' "$work/ready")"
}
stop() {
    kill "$server"
    wait "$server" || true
    server=
}
fill() { # STORE COUNT
    start "$1"
    local begin end
    begin="$(date +%s%N)"
    Benchmarks/generate.py "$2" --from 2016-11-01 --to 2026-10-31 --pool 5000 "${order[@]}" \
        >"$work/articles.jsonl"
    echo "generated $2 articles in $((($(date +%s%N) - begin) / 1000000)) ms" >&2
    begin="$(date +%s%N)"
    "$release/newsrpc-cli" --server "127.0.0.1:$port" import "$work/articles.jsonl" \
        "${import[@]}"
    end="$(date +%s%N)"
    echo "imported $2 articles in $(((end - begin) / 1000000)) ms, $(($2 * 1000000000 / (end - begin))) a second"
    awk '/RssAnon/ { printf "RssAnon after the import: %.1f MiB\n", $2 / 1024 }' "/proc/$server/status"
    rm "$work/articles.jsonl"
    stop
}
measure() { # STORE
    start "$1"
    sed 's/^.*listening on [^,]*, /after a clean stop: /' "$work/ready"
    Benchmarks/scale.py "$bench/programs" "$port" "$server"
    # Every shard is written, then the process ends without a word.
    Benchmarks/generate.py 4000 --from 2016-11-01 --to 2026-10-31 --pool 100 --seed "$RANDOM" >"$work/more.jsonl"
    "$release/newsrpc-cli" --server "127.0.0.1:$port" import "$work/more.jsonl"
    kill -9 "$server"
    wait "$server" || true
    start "$1"
    sed 's/^.*listening on [^,]*, /after kill -9: /' "$work/ready"
    stop
}

fill "$work/small" 10000
fill "$work/large" "$count"
echo "--- small store"
measure "$work/small"
echo "--- large store"
measure "$work/large"
