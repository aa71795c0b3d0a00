#!/usr/bin/env bash
# npm run test:soak -- [--only soak|faults|explorer]… [--seed N] [--claims N] [--agents N] [--ids N]
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
npm run --silent build
bash scripts/ensure-packages.sh strace=strace flock=util-linux
exec node --import tsx test/soak/main.ts ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} "$@"
