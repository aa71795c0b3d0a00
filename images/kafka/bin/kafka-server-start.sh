#!/bin/sh
# kafka-server-start.sh FILE: becomes the broker.
exec "${0%/*}/kafka-run-class.sh" kafka.Kafka "$@"
