#!/usr/bin/env bash
# npm run images -- [--builder docker|podman|buildah] [--kafka VERSION] [--node IMAGE] [--base IMAGE] [--tag TAG] [agent|kafka]…
# Builds the images barnabas/agent and barnabas/kafka with whichever builder is there.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
builder='' kafka=3.9.2 tag='' options=() images=()
usage() { sed -n '2,3s/^# //p' "$root/scripts/images.sh"; }
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --builder) builder="$2"; shift 2 ;;
    --kafka) kafka="$2"; shift 2 ;;
    --tag) tag="$2"; shift 2 ;;
    --node) options+=(--build-arg "NODE=$2"); shift 2 ;;
    --base) options+=(--build-arg "BASE=$2"); shift 2 ;;
    agent | kafka) images+=("$1"); shift ;;
    *) echo "images: what is $1?" >&2; usage >&2; exit 2 ;;
  esac
done
[ ${#images[@]} -gt 0 ] || images=(agent kafka)
for candidate in docker podman buildah; do
  [ -n "$builder" ] || ! command -v "$candidate" >/dev/null || builder="$candidate"
done
[ -n "$builder" ] || { echo 'images: docker, podman or buildah is needed' >&2; exit 2; }
version="$(node -p 'require("./package.json").version')"

npm run --silent build
context="$(mktemp -d)"
trap 'rm -rf "$context"' EXIT
cp -r dist "$context/dist"
# Of the machine that built it: another Node.js would refuse it, and a read-only image can not make its own.
for image in "${images[@]}"; do
  case "$image" in
    kafka)
      cp -r images/kafka/. "$context/"
      jars="$(bash scripts/ensure-kafka.sh "$kafka")"
      rm -rf "$context/jars"
      cp -r "$jars" "$context/jars"
      name="barnabas/kafka:${tag:-$version-kafka-$kafka}"
      ;;
    agent) name="barnabas/agent:${tag:-$version}" ;;
  esac
  printf 'building %s with %s\n' "$name" "$builder" >&2
  arguments=(-f "images/$image/Containerfile" -t "$name" --build-arg "VERSION=$version" "${options[@]}")
  [ "$image" = agent ] || arguments+=(--build-arg "KAFKA_VERSION=$kafka")
  case "$builder" in
    buildah) buildah ${BUILDAH_ROOT:+--root "$BUILDAH_ROOT" --runroot "$BUILDAH_RUNROOT"} bud --quiet ${BARNABAS_TEST_BUILD_OPTIONS:-} "${arguments[@]}" "$context" >/dev/null ;;
    *) "$builder" build --quiet "${arguments[@]}" "$context" >/dev/null ;;
  esac
  printf '%s\n' "$name"
done
