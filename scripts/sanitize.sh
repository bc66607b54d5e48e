#!/usr/bin/env bash
# Builds the tests with a sanitizer and runs them: data races (thread), misuse of memory (address).
#
#   scripts/sanitize.sh [thread|address]... [-- FILTER...]     both, and all tests, when none is named
#
# The programs that tests start are built the same way and lie beside them. Every process of a run, children as well,
# writes what the sanitizer finds to .build/sanitize/reports; a process with a report ends with status 66, so its test
# fails, and the script fails when there is any report, whatever the tests made of it. Each sanitizer has a build of its
# own below .build/sanitize.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"

sanitizers=()
filters=()
while [ $# -gt 0 ]; do
    case $1 in
        thread | address) sanitizers+=("$1") ;;
        --) shift && filters=("$@") && break ;;
        *) echo "usage: scripts/sanitize.sh [thread|address]... [-- FILTER...]" >&2; exit 2 ;;
    esac
    shift
done
[ ${#sanitizers[@]} -gt 0 ] || sanitizers=(thread address)

# Code is some ten times slower under a sanitizer, and not all of it alike: what tests wait for may take longer.
export NEWSRPC_TEST_PATIENCE="${NEWSRPC_TEST_PATIENCE:-20}"

# What both sanitizers are told: where reports go, and how a process ends that has one.
reports="$root/.build/sanitize/reports"
common="log_path=$reports/report:log_exe_name=1:exitcode=66"

# Swift's printer of backtraces forks, which processes under a sanitizer do not survive.
export SWIFT_BACKTRACE=enable=no
# Swift's runtime keeps metadata for good, which is no leak.
export ASAN_OPTIONS="$common:detect_leaks=0:detect_stack_use_after_return=1"
# All reports of a run, and not only the first; a long memory of accesses, so that both sides are shown.
export TSAN_OPTIONS="$common:halt_on_error=0:history_size=4:atexit_sleep_ms=100"
TSAN_OPTIONS+=":suppressions=$root/scripts/sanitize-thread.txt"

failed=0
for sanitizer in "${sanitizers[@]}"; do
    export NEWSRPC_TEST_SANITIZER="$sanitizer"
    options=(--sanitize="$sanitizer" --scratch-path ".build/sanitize/$sanitizer")
    echo "sanitize: building for $sanitizer" >&2
    # ld.gold says for each function of the address sanitizer that it does not export it, as it should not.
    swift build --build-tests "${options[@]}" 2> >(grep -v 'Cannot export local symbol' >&2)
    rm -rf "$reports"
    mkdir -p "$reports"
    preload=
    if [ "$sanitizer" = thread ]; then
        preload="$root/.build/sanitize/mutex.so"
        "$(dirname "$(readlink -f "$(command -v swiftc)")")/clang" -O1 -Wall -Wextra -Werror -fPIC -shared \
            scripts/sanitize-mutex.c -o "$preload"
    fi
    echo "sanitize: testing for $sanitizer" >&2
    status=0
    LD_PRELOAD="$preload" swift test --skip-build --disable-xctest "${options[@]}" "${filters[@]/#/--filter=}" ||
        status=$?
    [ "$status" -eq 0 ] || failed=1
    found="$(find "$reports" -type f -size +0 | sort)"
    if [ -n "$found" ]; then
        failed=1
        while IFS= read -r report; do
            printf '\n==== %s\n' "${report#"$root/"}"
            cat "$report"
        done <<<"$found"
        echo "sanitize: $(cat $found | grep -c '^SUMMARY:') reports for $sanitizer" >&2
    else
        echo "sanitize: no report for $sanitizer, the tests ended with status $status" >&2
    fi
done
exit "$failed"
