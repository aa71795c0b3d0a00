#!/usr/bin/env bash
# build.sh: what two small virtual machines need to be an NFSv4 server and a client of it, kept in the cache.
# Takes a minute or two the first time, as root on Debian, and prints the directory.
#
#   kernel, initramfs  Debian's cloud kernel, and a busybox that loads the disk's drivers and mounts it
#   disk.img           Debian with the NFS server and client, Node.js, and control.py, which runs what it is posted
set -euo pipefail
release=1
cache="${BARNABAS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
done_in="$cache/machines-$release"
say() { printf '%s\n' "$*" >&2; }
[ -f "$done_in/disk.img" ] && { echo "$done_in"; exit 0; }

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { say 'virtual machines are built as root on Debian'; exit 2; }
say 'installing QEMU and debootstrap (apt-get)'
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends qemu-system-x86 debootstrap busybox-static cpio e2fsprogs >&2

mkdir -p "$cache"
work="$(mktemp -d "$cache/.machines-XXXXXX")"
trap 'rm -rf "$work"' EXIT
cd "$work"

say 'fetching a kernel and a root file system (apt-get, debootstrap)'
kernel="$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p' | head -1)"
# As root, apt-get warns that its sandbox user can't write here, and goes on.
apt-get download -qq "$kernel" 2>/dev/null
dpkg-deb -x ./*.deb kernel
version="$(ls kernel/lib/modules)"
suite="$(. /etc/os-release && echo "$VERSION_CODENAME")"
debootstrap --variant=minbase --include=kmod,iproute2,nfs-kernel-server,nfs-common,python3-minimal,libpython3-stdlib \
  "$suite" root >&2
cp -r "kernel/lib/modules" root/lib/
chroot root depmod "$version"
cp -L "$(command -v node)" root/usr/local/bin/node
mkdir -p root/srv/volume root/mnt/volume root/opt/barnabas
cp "$here/control.py" root/control.py
install -m 755 "$here/init.sh" root/sbin/machine-init

say 'packing the disk'
size=$(($(du -sm root | cut -f1) + 300))
mke2fs -q -F -t ext4 -d root disk.img "${size}M"

mkdir -p initramfs/{bin,modules,proc,sys,dev,root}
cp /bin/busybox initramfs/bin/
drivers="root/lib/modules/$version/kernel/drivers"
for name in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do
  find "$drivers" -name "$name.ko" -exec cp {} initramfs/modules/ \;
done
install -m 755 "$here/initramfs.sh" initramfs/init
(cd initramfs && find . | cpio --quiet -o -H newc | gzip) >initramfs.gz
cp "kernel/boot/vmlinuz-$version" kernel.img

mkdir "$work/out"
mv disk.img initramfs.gz kernel.img out/
mv -T out "$done_in" 2>/dev/null || [ -f "$done_in/disk.img" ]
echo "$done_in"
