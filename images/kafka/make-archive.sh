#!/bin/sh
# make-archive.sh DIR: starts ZooKeeper and a broker once, and writes what classes they loaded into DIR/<class>.jsa.
# An archive is a help and no need: where this fails, the image starts its brokers a little slower.
set -eu
out="$1"
work="$(mktemp -d)"
zookeeper=org.apache.zookeeper.server.quorum.QuorumPeerMain
mkdir -p "$out"
printf 'dataDir=%s/zookeeper\nclientPort=21810\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n' "$work" >"$work/zookeeper.properties"
printf 'broker.id=0\nlog.dirs=%s/kafka\nzookeeper.connect=127.0.0.1:21810\nlisteners=PLAINTEXT://127.0.0.1:21892\n' "$work" >"$work/server.properties"
touch "$work/kafka.Kafka.log"
# Given at start, the option to map an archive would hinder the making of one.
start() { # start CLASS FILE
  KAFKA_OPTS="-XX:ArchiveClassesAtExit=$out/$1.jsa" /opt/kafka/bin/kafka-run-class.sh "$1" "$2" >"$work/$1.log" 2>&1 &
}
start $zookeeper "$work/zookeeper.properties"
zookeeper_pid=$!
start kafka.Kafka "$work/server.properties"
kafka_pid=$!
for _ in $(seq 600); do
  if grep -q 'started (kafka.server' "$work/kafka.Kafka.log" || ! kill -0 $kafka_pid 2>/dev/null; then break; fi
  sleep 0.1
done
kill -TERM $kafka_pid && wait $kafka_pid || true
kill -TERM $zookeeper_pid && wait $zookeeper_pid || true
if ! ls -l "$out"/*.jsa; then cat "$work"/*.log; fi
rm -rf "$work"
