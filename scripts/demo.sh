#!/usr/bin/env bash
# The first minute with newsrpc: a server on a store of its own and a free port,
# two captured pages imported, listed and read. Leaves nothing running or lying about.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo "building in release mode (the first time takes a few minutes) ..."
folder="$(scripts/release.sh 2> >(grep -E 'error:|^Build of' >&2 || true))"
PATH="$folder:$PATH"

work="$(mktemp -d)"
server=
finish() {
    local status=$?
    if [ -n "$server" ]; then
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [ "$status" -ne 0 ] && [ -s "$work/server.log" ]; then
        sed 's/^/server: /' "$work/server.log" >&2
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

show() { # COMMAND... : prints it as it would be typed, then runs it
    printf '\n$ %s\n' "$*"
    "$@"
}

printf '\n$ newsrpc-server --data %s --listen 127.0.0.1:0 --time-zone Asia/Shanghai &\n' "$work/store"
newsrpc-server --data "$work/store" --listen 127.0.0.1:0 --time-zone Asia/Shanghai \
    >"$work/ready" 2>"$work/server.log" &
server=$!
for _ in $(seq 200); do
    grep -q ', ready in ' "$work/ready" && break
    kill -0 "$server" 2>/dev/null || { echo "demo: the server did not start" >&2; exit 1; }
    sleep 0.05
done
cat "$work/ready"
NEWSRPC_SERVER="$(sed -n 's/.* listening on \([^,]*\),.*/\1/p' "$work/ready")"
[ -n "$NEWSRPC_SERVER" ] || { echo "demo: no ready line after 10 s" >&2; exit 1; }
export NEWSRPC_SERVER
echo "\$ export NEWSRPC_SERVER=$NEWSRPC_SERVER"

show newsrpc-cli import Samples/*.txt
show newsrpc-cli list --since 2026-02 -o table
name="$(newsrpc-cli list --since 2024-03 --until 2024-03 -o name)"
show newsrpc-cli get "$name" -o text

printf '\n$ kill -TERM %%1; wait %%1\n'
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
echo "the server stopped with status $status"
exit "$status"
