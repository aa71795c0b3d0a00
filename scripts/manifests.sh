#!/usr/bin/env bash
# npm run manifests -- [OVERLAY [FILE]]: renders an overlay (minikube) for a release into dist/install.yaml, with the images of
# this version.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
overlay="${1:-minikube}"
case "$overlay" in -h | --help) sed -n '2,3s/^# //p' scripts/manifests.sh; exit 0 ;; esac
[ -d "manifests/overlays/$overlay" ] || { echo "manifests: no overlay $overlay; there are: $(ls manifests/overlays | xargs)" >&2; exit 2; }
out="${2:-dist/install.yaml}"
version="$(node -p 'require("./package.json").version')"
kafka="$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' images/kafka/pom.xml)"
kustomize="$(bash scripts/ensure-kustomize.sh)"

# kustomize reads no directory outside, and names none absolutely.
work="$(mktemp -d manifests/.release-XXXXXX)"
trap 'rm -rf "$work"' EXIT
cat >"$work/kustomization.yaml" <<END
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../overlays/$overlay
images:
  - { name: barnabas/agent, newTag: '$version' }
  - { name: barnabas/kafka, newTag: '$version-kafka-$kafka' }
END
mkdir -p "$(dirname "$out")"
# Whole or not at all.
{ echo "# Barnabas $version: manifests/overlays/$overlay"; $kustomize "$work"; } >"$work/install.yaml"
mv "$work/install.yaml" "$out"
printf '%s\n' "$out"
