#!/usr/bin/env bash
# Kills a server with SIGKILL while articles are imported, some times over, and checks
# what is promised: the store is sound afterwards, what was once listed is there still,
# and importing everything again makes it whole without doubling anything.
#
#   scripts/crash.sh [ROUNDS]      3 when it is not said
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-3}
count=20000

folder="$(scripts/release.sh 2> >(grep -E 'error:' >&2 || true))"
PATH="$folder:$PATH"
work="$(mktemp -d)"
server=
finish() {
    [ -z "$server" ] || { kill -KILL "$server" 2>/dev/null || true; }
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() {
    : >"$work/ready"
    newsrpc-server --data "$work/store" --listen "unix:$work/socket" --time-zone Asia/Shanghai \
        >"$work/ready" 2>"$work/log" &
    server=$!
    for _ in $(seq 200); do
        grep -q ', ready in ' "$work/ready" && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/log" >&2
    echo "crash: the server did not start" >&2
    exit 1
}
export NEWSRPC_SERVER="unix:$work/socket"

# Synthetic: numbered titles, one a minute, over two weeks that belong to two months.
awk -v count="$count" 'BEGIN {
    for (n = 0; n < count; n++) {
        day = 20 + int(n / 1440)
        time = sprintf("2026-%02d-%02dT%02d:%02d:00Z", day > 28 ? 3 : 2, day > 28 ? day - 28 : day, n / 60 % 24, n % 60)
        printf "{\"title\":\"synthetic article %05d\",\"publishTime\":\"%s\",\"body\":\"%0200d\"}\n", n, time, n
    }
}' >"$work/articles.jsonl"

before=0
for round in $(seq "$rounds"); do
    start
    newsrpc-cli import "$work/articles.jsonl" >"$work/import.out" 2>&1 &
    import=$!
    sleep "0.$((round * 2 % 9 + 1))"
    kill -KILL "$server"
    wait "$server" 2>/dev/null || true
    wait "$import" 2>/dev/null || true
    newsrpc-server check "$work/store" >"$work/check.out" 2>&1 || {
        cat "$work/check.out" >&2
        echo "crash: the store is damaged after round $round" >&2
        exit 1
    }
    start
    found=$(newsrpc-cli list --limit 0 -o name | wc -l)
    echo "round $round: killed while importing; $found of $count articles stored, the store is sound"
    [ "$found" -ge "$before" ] || { echo "crash: there were $before before" >&2; exit 1; }
    before=$found
    kill -TERM "$server"
    wait "$server"
    server=
done

start
newsrpc-cli import "$work/articles.jsonl"
found=$(newsrpc-cli list --limit 0 -o name | sort -u | wc -l)
[ "$found" -eq "$count" ] || { echo "crash: $found articles after importing all $count again" >&2; exit 1; }
kill -TERM "$server"
wait "$server"
server=
newsrpc-server check "$work/store" >"$work/check.out" 2>&1 || { cat "$work/check.out" >&2; exit 1; }
echo "all $count articles are there once, the store is sound"
