#!/usr/bin/env bash
# npm run test:recover -- MODE…: recoveries on real clusters, cut off again and again. The modes: zookeeper, kraft, old (0.10.1).
# All of them without. A quarter of an hour each, but for the old.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
npm run --silent build
for version in 3.9.2 4.3.1 0.10.1.1; do bash scripts/ensure-kafka.sh "$version" >/dev/null; done
export BARNABAS_TEST_RECOVER="${*:-zookeeper kraft old}"
exec npx tsx test/run.ts --verbose --deadline-s 3600 ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} \
  test/kafka/recover.suite.ts
