#!/bin/bash
# Builds dist/bwvdock_VERSION_amd64.deb: bwvdock, the Python packages of requirements/runtime.txt, units and rules.
#
# The same commit gives the same bytes: times come from the commit, bytecode is checked by nobody's clock
# (unchecked-hash), files stand in sorted order. Needs dpkg-deb and Debian 12's python3; `make deb` makes the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

PYTHON=/usr/bin/python3
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
  echo "The package is for Debian 12: its bytecode must be made by Python 3.11, and $PYTHON is another." >&2
  exit 1
fi

version=$(sed -nE 's/^__version__ = "(.*)"$/\1/p' bwvdock/__init__.py)
root=build/deb
lib=$root/usr/lib/bwvdock
doc=$root/usr/share/doc/bwvdock
rm -rf "$root"
mkdir -p "$lib" "$doc" "$root/DEBIAN" dist

# Man pages, completion for shells, and what journalctl -x says.
.venv/bin/python -m manual "$root"

# The closed set of dependencies: just what the lock names, for the platform an installed dock has.
.venv/bin/python -m pip --no-input --disable-pip-version-check install --quiet --target "$lib" --no-compile --no-deps \
  --require-hashes --only-binary :all: --implementation cp --python-version 3.11 \
  --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
  -r requirements/runtime.txt
rm -rf "${lib:?}/bin"
packaging/trim-python.sh "$lib"
find "$lib" -path '*.dist-info/*' \( -name RECORD -o -name REQUESTED -o -name INSTALLER \) -delete

find bwvdock -type f \( -name '*.py' -o -name '*.toml' -o -name '*.sql' -o -name '*.mp4' -o -name py.typed \) -print0 |
  sort -z | xargs -0 cp --parents -t "$lib"
install -Dm644 verifier/bwvdock_verify.py "$lib/verifier/bwvdock_verify.py"

install -Dm755 packaging/deb/bwvdock "$root/usr/bin/bwvdock"
install -Dm755 verifier/bwvdock_verify.py "$root/usr/bin/bwvdock-verify" # the file as it is: its digest is published
install -Dm755 packaging/deb/bwvdock-mounter "$lib/bwvdock-mounter"
install -Dm755 packaging/deb/bwvdock-signer "$lib/bwvdock-signer"
install -Dm644 -t "$root/usr/lib/systemd/system" systemd/*.service systemd/*.socket systemd/*.timer
install -Dm644 -t "$root/usr/lib/udev/rules.d" udev-rules/*.rules
install -Dm644 systemd/bwvdock.sysusers "$root/usr/lib/sysusers.d/bwvdock.conf"
install -Dm644 systemd/bwvdock.tmpfiles "$root/usr/lib/tmpfiles.d/bwvdock.conf"
install -Dm644 packaging/bwvdock.toml "$root/etc/bwvdock/bwvdock.toml"
packaging/install-docs.sh "$doc"
install -m644 -t "$doc" packaging/deb/copyright
gzip -9n >"$doc/changelog.gz" <<CHANGELOG
bwvdock ($version) bookworm; urgency=medium

  * CHANGELOG.md, beside this file, says what changed.

 -- $(sed -n 's/^Maintainer: //p' packaging/deb/control.in)  $(date --date="@$SOURCE_DATE_EPOCH" --rfc-email)
CHANGELOG

# pip leaves libraries executable or not as their wheel had it; nothing here is run by its name but the launchers.
find "$root/usr/lib/bwvdock" -type f ! -name bwvdock-mounter ! -name bwvdock-signer -exec chmod 644 {} +
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
"$PYTHON" -I -m compileall -q --invalidation-mode unchecked-hash -s "$root" -p / "$lib"

size=$(du -sk --apparent-size "$root" | cut -f1)
sed "s/@VERSION@/$version/; s/@SIZE@/$size/" packaging/deb/control.in >"$root/DEBIAN/control"
echo /etc/bwvdock/bwvdock.toml >"$root/DEBIAN/conffiles"
install -m755 -t "$root/DEBIAN" packaging/deb/preinst packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

deb=dist/bwvdock_${version}_amd64.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb" >/dev/null
echo "Built $deb ($(du -h "$deb" | cut -f1))"
