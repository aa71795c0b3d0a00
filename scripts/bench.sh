#!/usr/bin/env bash
# npm run bench: all the set-up on a fresh clone, then the benchmarks (bench/main.ts).
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
npm run --silent build
for version in 3.9.2 4.3.1; do bash scripts/ensure-kafka.sh "$version" >/dev/null; done
exec node --import tsx bench/main.ts "$@"
