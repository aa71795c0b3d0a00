#!/usr/bin/env bash
# Builds Kubernetes and CoreDNS from their Go modules into the cache, unless they are there. Prints their directory on
# stdout. Some ten minutes on two processors the first time.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
kubernetes=v1.34.4 coredns=v1.12.4
cache="${BARNABAS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas}"
bin="$cache/kubernetes-${kubernetes#v}"
say() { printf '%s\n' "$*" >&2; }

bash "$here/../../../scripts/ensure-packages.sh" containerd=containerd runc=runc etcd=etcd-server \
  iptables=iptables conntrack=conntrack openssl=openssl debootstrap=debootstrap buildah=buildah \
  mkfs.ext4=e2fsprogs blockdev=util-linux findmnt=util-linux /usr/lib/cni/bridge=containernetworking-plugins

if [ ! -x "$bin/coredns" ]; then
  if ! go version 2>/dev/null | awk '{ split(substr($3, 3), v, "."); new = v[1] > 1 || v[2] >= 24 } END { exit !new }'; then
    say 'needed, and not here: Go 1.24 or newer, to build Kubernetes (Debian 12 has an older one: see https://go.dev/doc/install)'
    exit 2
  fi
  mkdir -p "$cache"
  fresh="$(mktemp -d "$cache/.kubernetes-XXXXXX")"
  trap 'rm -rf "$fresh"' EXIT
  export CGO_ENABLED=0
  package=k8s.io/component-base/version
  say "building Kubernetes $kubernetes (some eight minutes)"
  (cd "$here" && go build -trimpath -o "$fresh/kubenode" -ldflags "-s -w -X $package.gitVersion=$kubernetes \
    -X $package.gitMajor=1 -X $package.gitMinor=34" .) >&2
  (cd "$here" && go build -trimpath -ldflags '-s -w' -o "$fresh/pause" ./pause) >&2
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet; do
    ln -s kubenode "$fresh/$name"
  done
  say "building CoreDNS $coredns (some three minutes)"
  GOBIN="$fresh" go install -trimpath -ldflags '-s -w' "github.com/coredns/coredns@$coredns" >&2
  chmod 755 "$fresh"
  # Whoever is first has it.
  mv -T "$fresh" "$bin" 2>/dev/null || [ -x "$bin/coredns" ]
fi
printf '%s\n' "$bin"
