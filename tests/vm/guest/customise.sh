#!/bin/sh
# Makes a fresh Debian root file system ($1) a dock in a virtual machine. Called by build.sh; $2 is this directory.
set -eu
root=$1 here=$2

echo virtual-dock >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 virtual-dock\n' >"$root/etc/hosts"
echo '/dev/vda / ext4 errors=remount-ro 0 1' >"$root/etc/fstab"
ln -sf /usr/share/zoneinfo/UTC "$root/etc/localtime"
mkdir -p "$root/var/log/journal" # the journal must survive a power cut, as it does on a dock

# The harness commands the guest through this, and nothing else in the guest depends on it.
install -D -m 0644 -t "$root/usr/local/lib/vm-agent" "$here/agent.py" "$here/commands.py"
install -D -m 0644 "$here/vm-agent.service" "$root/etc/systemd/system/vm-agent.service"
chroot "$root" systemctl --quiet enable vm-agent.service

# Root without a password on the serial console: for a person who wants to look. The machine is no one else's.
mkdir -p "$root/etc/systemd/system/serial-getty@ttyS0.service.d"
cat >"$root/etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf" <<'UNIT'
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200 %I vt220
UNIT
cat >"$root/etc/systemd/network/80-dhcp.network" <<'UNIT'
[Match]
Name=en*
[Network]
DHCP=ipv4
UNIT

# Networking takes five seconds of every boot: the harness enables it where it gives the machine a network.
mkdir -p "$root/etc/systemd/system-preset"
printf 'disable systemd-networkd.service\n' >"$root/etc/systemd/system-preset/10-vm.preset"

# Housekeeping that would wake up in the middle of a scenario and take the little processor time there is, and what
# makes the boot longer and no dock needs.
chroot "$root" systemctl --quiet mask \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  getty@tty1.service systemd-networkd-wait-online.service systemd-tmpfiles-clean.timer \
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
  systemd-binfmt.service systemd-network-generator.service systemd-pstore.service \
  modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service modprobe@loop.service \
  prometheus-node-exporter.service man-db.timer \
  umtp-responder.service # mtp_cameras.py starts it as a camera, not systemd as a phone
rm -f "$root/var/lib/man-db/auto-update" # an index of pages at each installation
rm -f "$root/etc/machine-id" "$root"/var/lib/apt/lists/*_Packages* "$root"/var/cache/apt/*.bin
: >"$root/etc/machine-id"
