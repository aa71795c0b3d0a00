#!/bin/sh
# make-archive.sh DIR: starts ZooKeeper and two brokers, kills one of them, and writes what classes ZooKeeper and that broker's
# second life loaded into DIR/<class>.jsa: a start after a crash, replication, clients, and an orderly end.
# An archive is a help and no need: where this fails, the image starts its brokers a little slower.
set -eu
out="$1"
work="$(mktemp -d)"
bin="${KAFKA_HOME:-/opt/kafka}/bin"
zookeeper=org.apache.zookeeper.server.quorum.QuorumPeerMain
mkdir -p "$out"
printf 'dataDir=%s/zookeeper\nclientPort=21810\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n' "$work" >"$work/zookeeper.properties"
for id in 0 1; do
  printf 'broker.id=%s\nlog.dirs=%s/kafka-%s\nzookeeper.connect=127.0.0.1:21810\nlisteners=PLAINTEXT://127.0.0.1:2189%s\n' $id "$work" $id $id
  printf 'num.recovery.threads.per.data.dir=4\noffsets.topic.replication.factor=2\n'
done >"$work/both"
sed -n 1,6p "$work/both" >"$work/0.properties"
sed -n 7,12p "$work/both" >"$work/1.properties"
brokers=127.0.0.1:21890,127.0.0.1:21891

# start NAME CLASS FILE [OPTION]. Given at start, the option to map an archive would hinder the making of one.
start() {
  KAFKA_OPTS="${4-}" "$bin/kafka-run-class.sh" "$2" "$3" >"$work/$1.log" 2>&1 &
}
# until_so COMMAND…: within a minute.
until_so() {
  deadline=$(($(date +%s) + 60))
  while [ "$(date +%s)" -lt $deadline ]; do
    if "$@" >>"$work/waits.log" 2>&1; then return 0; fi
    sleep 0.1
  done
  return 1
}
has_started() { grep -q 'started (kafka.server' "$work/$1.log"; }
topics() { "$bin/kafka-topics.sh" --bootstrap-server $brokers "$@"; }
in_sync() { ! topics --describe --under-replicated-partitions | grep 'Topic:'; }
tool() { "$bin/kafka-run-class.sh" "$@" >>"$work/tools.log" 2>&1; }
use() {
  seq 1000 | tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server $brokers --topic used --producer-property acks=all ||
    seq 1000 | tool kafka.tools.ConsoleProducer --bootstrap-server $brokers --topic used --producer-property acks=all
  tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server $brokers --topic used --from-beginning --max-messages 1000 --timeout-ms 30000
}

train() {
  until_so has_started zero && until_so has_started one || return 1
  topics --create --topic used --partitions 40 --replication-factor 2 && use || return 1
  kill -KILL $one
  wait $one || true
  tool org.apache.zookeeper.ZooKeeperMain -server 127.0.0.1:21810 delete /brokers/ids/1 || return 1
  start again kafka.Kafka "$work/1.properties" "-XX:ArchiveClassesAtExit=$out/kafka.Kafka.jsa"
  one=$!
  until_so has_started again && until_so in_sync || return 1
  "$bin/kafka-leader-election.sh" --bootstrap-server $brokers --election-type preferred --all-topic-partitions && use
}

start zookeeper $zookeeper "$work/zookeeper.properties" "-XX:ArchiveClassesAtExit=$out/$zookeeper.jsa"
keeper=$!
start zero kafka.Kafka "$work/0.properties"
zero=$!
start one kafka.Kafka "$work/1.properties"
one=$!
train >"$work/train.log" 2>&1 || echo 'the classes of less than a whole life are archived' >&2
for pid in $one $zero $keeper; do kill -TERM $pid && wait $pid || true; done
if ! ls -l "$out"/*.jsa; then tail -n 50 "$work"/*.log; fi
rm -rf "$work"
