#!/bin/sh
# kafka-run-class.sh CLASS [ARGUMENT…]: one of Kafka's programs, with the archive of its classes where there is one.
# KAFKA_HEAP_OPTS, KAFKA_OPTS, KAFKA_JVM_PERFORMANCE_OPTS and KAFKA_LOG4J_OPTS are Kafka's own.
set -eu
home="$(cd "${0%/*}/.." && pwd)"
: "${KAFKA_HEAP_OPTS=-Xmx512m -Xms256m}"
: "${KAFKA_JVM_PERFORMANCE_OPTS=-XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true}"
: "${KAFKA_LOG4J_OPTS=-Dlog4j.configuration=file:$home/config/log4j.properties}"
# A broker's name moves from pod to pod: an address is believed for a second, as DNS believes it.
names="-Dsun.net.inetaddr.ttl=1 -Dsun.net.inetaddr.negative.ttl=1"
archive="$home/cds/$1.jsa"
shared=""
if [ -f "$archive" ]; then shared="-XX:SharedArchiveFile=$archive -Xshare:auto"; fi
# In one order wherever it runs: an archive is of one class path.
classpath=$(printf '%s:' "$home"/libs/*.jar)
# shellcheck disable=SC2086
exec java $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $names $shared $KAFKA_LOG4J_OPTS ${KAFKA_OPTS-} \
  -cp "${classpath%:}" "$@"
