#!/usr/bin/env bash
# npm run test:elect -- VERSION…: elections on real clusters, under load and on a wounded one. The versions: 0.10.1.1, 2.8.2,
# 3.9.2 (ZooKeeper) and 4.3.1 (KRaft); all of them without. Two minutes each.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
[ $# -gt 0 ] || set -- 0.10.1.1 2.8.2 3.9.2 4.3.1
npm run --silent build
for version in 3.9.2 "$@"; do bash scripts/ensure-kafka.sh "$version" >/dev/null; done
export BARNABAS_TEST_ELECT="$*"
exec npx tsx test/run.ts --verbose --deadline-s 1200 ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} \
  test/kafka/elect.suite.ts
