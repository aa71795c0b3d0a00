#!/bin/bash
# Process 1 of a machine. On the kernel's command line: number=1 is the server, the others are clients.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
for module in virtio_net nfs nfsv4 nfsd; do modprobe "$module"; done
number="$(sed -n 's/.*number=\([0-9]*\).*/\1/p' /proc/cmdline)"
hostname "machine$number"
ip link set lo up
# eth0 leads to the one who commands, eth1 to the other machines.
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth1 up
ip addr add "192.168.77.$number/24" dev eth1

if [ "$number" = 1 ]; then
  mount -t tmpfs -o size=512m volume /srv/volume
  mount -t nfsd nfsd /proc/fs/nfsd
  mkdir -p /run/rpc_pipefs
  echo '/srv/volume *(rw,sync,no_root_squash,no_subtree_check,fsid=1)' >/etc/exports
  rpcbind -w
  # Linux gives a client 90 s by default; a test need not take that long.
  echo 15 >/proc/fs/nfsd/nfsv4leasetime
  echo 15 >/proc/fs/nfsd/nfsv4gracetime
  exportfs -ra
  rpc.nfsd -N 3 -V 4 4
  rpc.mountd -N 3
fi
echo "READY $number"
exec python3 /control.py
