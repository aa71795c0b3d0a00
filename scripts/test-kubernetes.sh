#!/usr/bin/env bash
# npm run test:kubernetes -- SUITE…: a real Kubernetes on this machine, the images, the shipped manifests,
# and everything that may happen to a pod. As root on Debian; Kubernetes is built from its Go modules the first time.
# The suites: admission, sidecar, wrapper, init, external, plugin, lost-node, rights, which run if none is named; compare (with a
# StatefulSet), which takes its figures best on a quiet machine.
# npm run test:kubernetes -- hold [OVERLAY]: the same cluster until Ctrl-C, to look around in.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
[ $# -gt 0 ] || set -- admission sidecar wrapper init external plugin lost-node rights
binaries="$(bash test/kubernetes/cluster/build.sh)"
images="$(bash test/kubernetes/images.sh "$binaries")"
export BARNABAS_TEST_KUBERNETES="$binaries $(echo $images)"
if [ "$1" = hold ]; then exec node --import tsx test/kubernetes/hold.ts "${2:-minikube}"; fi
exec npx tsx test/run.ts --verbose --deadline-s 1500 ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} \
  $(printf 'test/kubernetes/%s.suite.ts ' "$@")
