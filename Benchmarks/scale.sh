#!/usr/bin/env bash
# How a large store behaves: fills one with synthetic articles, then measures how long the server takes to open it, and
# what the newest page costs beside that of a small store.
#
#   Benchmarks/scale.sh [COUNT]      200,000 articles unless COUNT says otherwise; about 2 GB on disk
#
# NEWSRPC_BENCH names the folder for programs and data (.build/bench).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

count="${1:-200000}"
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
    Benchmarks/generate.py "$2" >"$work/articles.jsonl"
    echo "generated $2 articles in $((($(date +%s%N) - begin) / 1000000)) ms" >&2
    begin="$(date +%s%N)"
    "$release/newsrpc-cli" --server "127.0.0.1:$port" import "$work/articles.jsonl"
    end="$(date +%s%N)"
    echo "imported $2 articles in $(((end - begin) / 1000000)) ms, $(($2 * 1000000000 / (end - begin))) a second"
    rm "$work/articles.jsonl"
    stop
}
measure() { # STORE
    start "$1"
    sed 's/^.*listening on [^,]*, /opened: /' "$work/ready"
    # ListArticles of the first 50, behind the prefix.
    printf '\0\0\0\0\002\010\062' >"$work/list"
    local i
    for i in 1 2 3; do
        "$bench/programs/blast" "$port" /news.v1.NewsService/ListArticles "$work/list" 4 32 20000 |
            sed "s/^/newest page, run $i: /"
    done
    stop
}

fill "$work/small" 2000
fill "$work/large" "$count"
echo "--- small store"
measure "$work/small"
echo "--- large store"
measure "$work/large"
