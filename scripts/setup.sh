#!/usr/bin/env bash
# Installs the Debian packages of scripts/packages.txt that are missing.
#
#   scripts/setup.sh [GROUP...]      build, protos, run, test, bench; all when none is named
#
# Nothing is asked of the network when everything is there already.
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(build protos run test bench)

wanted=()
for group in "${groups[@]}"; do
    mapfile -t named < <(awk -v group="$group" '$1 == group { print $2 }' "$list")
    if [ ${#named[@]} -eq 0 ]; then
        echo "setup: no group \"$group\" in $list" >&2
        exit 2
    fi
    wanted+=("${named[@]}")
done

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not Debian; install what corresponds to: ${wanted[*]}" >&2
    exit 1
fi
missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: run this as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
