#!/usr/bin/env bash
# npm run manifests -- [OVERLAY]: renders an overlay (minikube) into dist/install.yaml, which a release carries:
# `kubectl apply -f install.yaml` then needs neither kustomize nor this repository.
set -euo pipefail
cd "$(dirname "$0")/.."
overlay="manifests/overlays/${1:-minikube}"
[ -d "$overlay" ] || { echo "manifests: there is no $overlay; there are: $(ls manifests/overlays | xargs)" >&2; exit 2; }
command -v kubectl >/dev/null || { echo 'manifests: kubectl is needed' >&2; exit 2; }
mkdir -p dist
{
  printf '# Barnabas %s, manifests/overlays/%s\n' "$(node -p 'require("./package.json").version')" "${overlay##*/}"
  kubectl kustomize "$overlay"
} >dist/.install.yaml
mv dist/.install.yaml dist/install.yaml
echo dist/install.yaml
