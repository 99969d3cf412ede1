#!/bin/bash
# Installs what the virtual dock needs on this machine: an emulator, and makers of file systems and guests. Quick, and
# silent, when nothing is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

#   qemu-*              the machine, and its disks
#   mmdebstrap, e2fsprogs   the guest's root file system
#   dosfstools, mtools  vfat cameras, made and filled without root
#   swtpm               a TPM
#   exfatprogs, fdisk   exfat cameras and partition tables (the guest's own kernel fills exfat ones)
exec packaging/system-packages.sh qemu-system-x86 qemu-utils mmdebstrap e2fsprogs dosfstools mtools exfatprogs fdisk \
  swtpm
