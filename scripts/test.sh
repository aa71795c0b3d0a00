#!/usr/bin/env bash
# npm test: sets up what is missing, then the checks, the unit and contract tests, and the tests on real Java and Kafka.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
step() { printf '\n== %s\n' "$*"; }

step 'checks: types, lint, format'
npm run --silent check
step 'bundle'
npm run --silent build
step 'Java, Maven, the jars of Kafka, strace, kustomize'
for version in 3.9.2 4.3.1; do bash scripts/ensure-kafka.sh "$version" >/dev/null; done
bash scripts/ensure-packages.sh strace=strace flock=util-linux openssl=openssl
bash scripts/ensure-kustomize.sh
step 'tests'
exec npx tsx test/run.ts --jobs 2 ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} test
