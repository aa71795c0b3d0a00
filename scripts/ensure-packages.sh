#!/usr/bin/env bash
# ensure-packages.sh COMMAND=PACKAGE…: installs the Debian packages of those commands that are missing.
set -euo pipefail
missing=()
for pair in "$@"; do
  command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "needed, and not here: ${missing[*]} (install them, or run this as root on Debian)" >&2
  exit 2
fi
echo "installing ${missing[*]} (apt-get)" >&2
apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
