#!/bin/busybox sh
# The first thing that runs in a machine: finds the disk and goes on from there.
run=/bin/busybox
$run mount -t proc proc /proc
$run mount -t sysfs sys /sys
$run mount -t devtmpfs dev /dev
# Each may need another, and a kernel may have it built in: once round is not enough.
for round in 1 2; do
  for module in /modules/*.ko; do $run insmod "$module" 2>/dev/null; done
done
tries=0
until [ -b /dev/vda ] || [ $tries -gt 100 ]; do
  $run sleep 0.1
  tries=$((tries + 1))
done
$run mount -t ext4 /dev/vda /root && exec $run switch_root /root /sbin/machine-init
