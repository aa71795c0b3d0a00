#!/usr/bin/env bash
# images.sh KUBERNETES_DIR: the images of the tests as archives in the cache: pause, agent and kafka. Prints their paths.
# No registry is asked: the base is made with debootstrap, and Node.js is this machine's own.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
cd "$root"
kubernetes="$1"
cache="${BARNABAS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas}/images"
say() { printf '%s\n' "$*" >&2; }
mkdir -p "$cache"
export STORAGE_DRIVER=overlay
buildah() { command buildah --root "$cache/storage" --runroot "$cache/run" "$@"; }
has() { buildah inspect --type image "$1" >/dev/null 2>&1; }

# make NAME DIR ENTRYPOINT: an image of one layer.
make() {
  local container
  container="$(buildah from scratch)"
  buildah add --quiet "$container" "$2" / >/dev/null
  if [ -n "${3:-}" ]; then buildah config --entrypoint "[\"$3\"]" "$container"; fi
  buildah commit --quiet --rm "$container" "$1" >/dev/null
}

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
if ! has localhost/barnabas-debian; then
  say 'making a Debian image (debootstrap)'
  debootstrap --variant=minbase bookworm "$work/debian" >/dev/null
  rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/*
  cp -r /etc/apt/apt.conf.d /etc/apt/sources.list.d "$work/debian/etc/apt/"
  rm -f "$work/debian/etc/apt/sources.list"
  make localhost/barnabas-debian "$work/debian"
fi
mkdir -p "$work/node/usr/local/bin" "$work/pause"
cp "$(readlink -f "$(command -v node)")" "$work/node/usr/local/bin/node"
cp "$kubernetes/pause" "$work/pause/pause"
make localhost/barnabas-node "$work/node"
make localhost/barnabas-pause:1 "$work/pause" /pause

# What goes into the images, and how: equal means that the archives are still good.
npm run --silent build
key="$( (find dist images scripts/images.sh scripts/ensure-kafka.sh -type f ! -name '*.cache' -print0 | sort -z | xargs -0 sha256sum; node --version) | sha256sum | cut -c1-16)"
for name in pause agent kafka; do
  archive="$cache/$name-$key.tar"
  if [ ! -f "$archive" ]; then
    case "$name" in
      pause) image=localhost/barnabas-pause:1 ;;
      *)
        say "building the image $name"
        image="$(BARNABAS_TEST_BUILD_OPTIONS='--isolation chroot --network host --layers' \
          BUILDAH_ROOT="$cache/storage" BUILDAH_RUNROOT="$cache/run" \
          bash scripts/images.sh --builder buildah --node localhost/barnabas-node --base localhost/barnabas-debian "$name")"
        ;;
    esac
    rm -f "$cache/$name"-*.tar
    buildah push --quiet "$image" "docker-archive:$archive.tmp:$image" >/dev/null
    mv "$archive.tmp" "$archive"
  fi
  printf '%s\n' "$archive"
done
