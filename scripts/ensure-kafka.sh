#!/usr/bin/env bash
# ensure-kafka.sh [VERSION]: Java, Maven and the jars of one Kafka version (ZooKeeper's among them), kept in a cache.
# Prints the directory of the jars, and nothing else, on stdout.
set -euo pipefail
version="${1:-3.9.2}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cache="${BARNABAS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas}"
jars="$cache/kafka-$version"
say() { printf '%s\n' "$*" >&2; }

# The tests run small Java programs from source, which takes the compiler too.
has_java() { [ "$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge 17 ] 2>/dev/null; }
has_maven() { [ -d "$jars" ] || command -v mvn >/dev/null; }

if ! has_java || ! has_maven; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say 'installing Java 17 and Maven (apt-get)'
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless maven >&2
  fi
  has_java || { say 'a JDK of version 17 or newer is needed: install one, such as openjdk-17-jdk-headless'; exit 2; }
  has_maven || { say 'Maven is needed to fetch the jars of Kafka: install it, such as by apt-get install maven'; exit 2; }
fi

if [ ! -d "$jars" ]; then
  say "fetching Kafka $version with Maven into $jars"
  mkdir -p "$cache"
  fresh="$(mktemp -d "$cache/.kafka-XXXXXX")"
  trap 'rm -rf "$fresh"' EXIT
  case "$version" in 0.*) older='-Dscala.version=2.11 -Pjava-8' ;; *) older= ;; esac
  # shellcheck disable=SC2086
  mvn -q -B -f "$here/images/kafka/pom.xml" -Dkafka.version="$version" $older dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fresh/jars" >&2
  # Whoever is first has it; a second one at the same time has fetched the same.
  mv -T "$fresh/jars" "$jars" 2>/dev/null || [ -d "$jars" ]
fi
printf '%s\n' "$jars"
