#!/usr/bin/env bash
# ensure-kustomize.sh: prints the command that renders the manifests: `kubectl kustomize`, `kustomize build`, or one that is built
# into the cache. Debian's own kubectl is older than components are.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
version=v5.0.3 # the newest that Debian's Go compiles
cache="${BARNABAS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas}"
built="$cache/kustomize-${version#v}"

# renders COMMAND…: on the overlay that asks most of it
renders() { command -v "$1" >/dev/null && "$@" "$here/manifests/overlays/statefulset" >/dev/null 2>&1; }

for command in 'kubectl kustomize' 'kustomize build' "$built/kustomize build"; do
  # shellcheck disable=SC2086
  if renders $command; then echo "$command"; exit 0; fi
done
# One that is too old and manifests that are wrong look alike from outside: the newest shall say which.
if [ ! -x "$built/kustomize" ]; then
  bash "$here/scripts/ensure-packages.sh" go=golang-go
  mkdir -p "$cache"
  fresh="$(mktemp -d "$cache/.kustomize-XXXXXX")"
  trap 'rm -rf "$fresh"' EXIT
  echo "building kustomize $version" >&2
  CGO_ENABLED=0 GOBIN="$fresh/bin" go install -trimpath "sigs.k8s.io/kustomize/kustomize/v5@$version" >&2
  # Whoever is first has it.
  mv -T "$fresh/bin" "$built" 2>/dev/null || [ -x "$built/kustomize" ]
fi
echo "$built/kustomize build"
