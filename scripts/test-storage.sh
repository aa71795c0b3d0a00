#!/usr/bin/env bash
# npm run test:storage: real file systems: ext4, xfs and tmpfs, GlusterFS, and NFSv4.2 between virtual machines. As root.
# Arguments are the suites to run: local, gluster, nfs. All of them without.
set -euo pipefail
. "$(dirname "$0")/ensure-npm.sh"
[ $# -gt 0 ] || set -- local gluster nfs
npm run --silent build
bash scripts/ensure-packages.sh mkfs.xfs=xfsprogs mkfs.ext4=e2fsprogs gluster=glusterfs-cli glusterd=glusterfs-server \
  mount.glusterfs=glusterfs-client pgrep=procps
case " $* " in *' nfs '*) bash test/storage/machines/build.sh >/dev/null ;; esac
exec npx tsx test/run.ts --verbose --deadline-s 900 ${BARNABAS_TEST_SUMMARY:+--summary "$BARNABAS_TEST_SUMMARY"} \
  $(printf 'test/storage/%s.suite.ts ' "$@")
