#!/usr/bin/env bash
# npm run bench: all the set-up on a fresh clone, then the benchmarks (bench/main.ts).
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
npm run --silent build
bash scripts/ensure-kafka.sh >/dev/null
exec node --import tsx bench/main.ts "$@"
