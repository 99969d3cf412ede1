#!/bin/bash
# Builds the guest of the virtual dock: a small Debian 12 with Debian's own kernel.
#
#     guest/build.sh DIRECTORY      writes disk.raw, vmlinuz and initrd.img there
#
# Needs root (mmdebstrap unpacks a file system with its owners) and Debian's packages, from wherever this machine's apt
# gets them. image.py calls this and caches the result; by hand it is only for looking.
set -euo pipefail

out=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What a dock has. The kernel is the full one: Debian's cloud kernel has no USB.
packages=(
  linux-image-amd64 initramfs-tools lz4 kmod
  systemd-sysv udev dbus procps
  python3 libusb-1.0-0 ca-certificates
  e2fsprogs dosfstools exfatprogs fdisk dmsetup # the last: a disk that fails, dm-flakey
  umtp-responder mtp-tools gphoto2 # a camera that speaks MTP, and the tools beside which ours is held
  cryptsetup libtss2-esys-3.0.2-0 libtss2-mu0 libtss2-rc0 libtss2-tcti-device0 # an encrypted disk that a TPM opens
  sudo adduser man-db bash-completion curl jq prometheus-node-exporter # what the documents have a person type
)

if ((EUID != 0)); then
  echo "Building the guest needs root. Type: sudo make vm-test" >&2
  exit 1
fi

debian_sources() {
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | grep -E ' bookworm(-updates|-security)? ' | sort -u || true
}

work=$(mktemp -d "$out/work.XXXXXX")
# mmdebstrap mounts this machine's /proc, /sys and /dev/shm in there, and takes them away again unless it is killed.
trap 'rm --one-file-system -rf "$work"' EXIT

debian_sources >"$work/sources.list"
if ! [[ -s $work/sources.list ]]; then # no package lists yet
  apt-get -q update >&2
  debian_sources >"$work/sources.list"
fi
if ! [[ -s $work/sources.list ]]; then
  echo "This machine's apt knows no Debian 12 (bookworm) archive, so there is nothing to build the guest from." >&2
  echo "Add one under /etc/apt/sources.list.d and type: apt-get update" >&2
  exit 1
fi

# An initrd with the three modules that reach the disk, not the two hundred that might: emulated, it saves 10 s a boot.
cat >"$work/before-the-kernel" <<'HOOK'
set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\nCOMPRESS=lz4\nFSTYPE=ext4\n' >"$1/etc/initramfs-tools/conf.d/vm"
printf '%s\n' virtio_pci virtio_blk ext4 >"$1/usr/share/initramfs-tools/modules.d/vm"
HOOK

apt_options=(--aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"')
proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
[[ -z $proxy ]] || apt_options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")

mmdebstrap --quiet --mode=root --variant=minbase --architectures=amd64 \
  --include="$(IFS=,; echo "${packages[*]}")" "${apt_options[@]}" \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-include=/usr/share/doc/bwvdock/*' \
  --dpkgopt='path-include=/usr/share/man/man*/bwvdock*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/gpu/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/media/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/net/ethernet/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/net/wireless/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/sound/*' \
  --dpkgopt=force-unsafe-io \
  --essential-hook="sh $work/before-the-kernel \"\$1\"" \
  --customize-hook="sh $here/customise.sh \"\$1\" $here" \
  bookworm "$work/root" "$work/sources.list" >&2

# Sparse, and complete: lazily initialised inode tables would be written by the guest in the middle of a scenario.
mke2fs -q -t ext4 -L dock-root -E lazy_itable_init=0,lazy_journal_init=0 -d "$work/root" "$work/disk.raw" 8G >&2
cp "$work"/root/boot/vmlinuz-* "$work/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$work/initrd.img"
mv "$work"/{disk.raw,vmlinuz,initrd.img} "$out/"
