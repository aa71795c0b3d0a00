#!/bin/sh
# zookeeper-server-start.sh FILE: becomes the ZooKeeper server.
exec "${0%/*}/kafka-run-class.sh" org.apache.zookeeper.server.quorum.QuorumPeerMain "$@"
