#!/usr/bin/env bash
# npm run test:versions: the locks of Kafka 0.10.1, 2.8, 3.7 and 3.9, and ours; what their brokers are asked and told.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
npm run --silent build
for version in 0.10.1.1 2.8.2 3.7.2 3.9.2 4.3.1; do bash scripts/ensure-kafka.sh "$version" >/dev/null; done
exec npx tsx test/run.ts --deadline-s 1200 ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} test/kafka/versions.suite.ts test/kafka/admin-versions.suite.ts
