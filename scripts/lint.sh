#!/usr/bin/env bash
# Checks the formatting of the Swift sources by .swift-format; --fix formats them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Generated code is as its generator writes it.
mapfile -d '' files < <(find Package.swift Sources Tests -name '*.swift' -not -path '*/Generated/*' -print0 | sort -z)
if [ "${1:-}" = --fix ]; then
    swift format --in-place --parallel "${files[@]}"
else
    swift format lint --strict --parallel "${files[@]}"
fi
