# shellcheck shell=bash disable=SC2034
# Sourced: what a package for DISTRO (bookworm, trixie) on ARCH (amd64, arm64) has of its own.
DISTRO=${DISTRO:-bookworm} ARCH=${ARCH:-amd64}

# The version of Debian's python3, and what follows the package's version, so that an upgrade of Debian finds a higher.
case $DISTRO in
bookworm) target_python=3.11 target_suffix='' target_glibc=36 ;;
trixie) target_python=3.13 target_suffix=+deb13 target_glibc=41 ;;
*)
  echo "There is no package for DISTRO=$DISTRO: bookworm (Debian 12) or trixie (Debian 13)." >&2
  exit 2
  ;;
esac

case $ARCH in
amd64) target_machine=x86_64 ;;
arm64) target_machine=aarch64 ;;
*)
  echo "There is no package for ARCH=$ARCH: amd64 or arm64." >&2
  exit 2
  ;;
esac

target_next_python=3.$((${target_python#3.} + 1))

# The platform tags of wheels that run there, the newest first: of its glibc or an earlier one.
target_platforms=()
for ((minor = target_glibc; minor >= 17; minor--)); do
  target_platforms+=(--platform "manylinux_2_${minor}_$target_machine")
done
target_platforms+=(--platform "manylinux2014_$target_machine")

# What takes the symbols out of its libraries; Debian has one for each foreign processor.
if [[ $(dpkg --print-architecture) == "$ARCH" ]]; then
  target_strip=strip target_strip_package=binutils
else
  target_strip=$target_machine-linux-gnu-strip target_strip_package=binutils-${target_machine//_/-}-linux-gnu
fi
