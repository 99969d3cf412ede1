#!/bin/bash
# Builds the package: bwvdock, the Python packages of requirements/runtime.txt, units, rules and documentation.
#
#     packaging/build-deb.sh                            dist/bwvdock_VERSION_amd64.deb, for Debian 12
#     DISTRO=trixie ARCH=arm64 packaging/build-deb.sh   dist/trixie-arm64/bwvdock_VERSION+deb13_arm64.deb
#
# Nothing that is in the package is run, so that any machine builds it for any other. The same commit gives the same
# bytes: times come from the commit, modes and order from here. Who builds packages for others is their maintainer:
# DEBFULLNAME and DEBEMAIL, as for Debian's own tools. `make deb` installs what this needs.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/target.sh
umask 022
export LC_ALL=C TZ=UTC
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

packaging/system-packages.sh "$target_strip_package" dpkg-dev xz-utils
VERSION=$(sed -nE 's/^__version__ = "(.*)"$/\1/p' bwvdock/__init__.py)$target_suffix
maintainer="${DEBFULLNAME:-bwvdock maintainers} <${DEBEMAIL:-maintainers@bwvdock.invalid}>"
root=build/deb/$DISTRO-$ARCH
lib=$root/usr/lib/bwvdock
doc=$root/usr/share/doc/bwvdock
out=dist
[[ $DISTRO-$ARCH == bookworm-amd64 ]] || out=dist/$DISTRO-$ARCH # `apt install ./dist/*.deb` means one
wheels=$(packaging/fetch-wheels.sh)
rm -rf "$root"
mkdir -p "$lib" "$doc" "$root/DEBIAN" "$out"

# Man pages, completion for shells, and what journalctl -x says.
.venv/bin/python -m manual "$root"

# ---------------------------------------------------------------- the program and its closed set of Python packages

.venv/bin/python -m pip --no-input --disable-pip-version-check install --quiet --target "$lib" --no-compile --no-deps \
  --no-index --find-links "$wheels" --require-hashes --only-binary :all: \
  --implementation cp --python-version "$target_python" "${target_platforms[@]}" -r requirements/runtime.txt
rm -rf "${lib:?}/bin"
packaging/trim-python.sh "$lib"
find "$lib" -path '*.dist-info/*' \( -name RECORD -o -name REQUESTED -o -name INSTALLER \) -delete
find "$lib" -name '*.so*' -exec "$target_strip" --strip-unneeded --remove-section=.comment --remove-section=.note {} +

find bwvdock -type f \( -name '*.py' -o -name '*.toml' -o -name '*.sql' -o -name '*.mp4' -o -name py.typed -o -path 'bwvdock/screen/page/*' \) -print0 |
  sort -z | xargs -0 cp --parents -t "$lib"
install -Dm644 verifier/bwvdock_verify.py "$lib/verifier/bwvdock_verify.py"
# pip leaves libraries executable or not as their wheel had it; nothing here is run by its name but the launchers.
find "$lib" -type f -exec chmod 644 {} +

install -Dm755 packaging/deb/bwvdock "$root/usr/bin/bwvdock"
install -Dm755 verifier/bwvdock_verify.py "$root/usr/bin/bwvdock-verify" # the file as it is: its digest is published
install -Dm755 packaging/deb/bwvdock-mounter "$lib/bwvdock-mounter"
install -Dm755 packaging/deb/bwvdock-signer "$lib/bwvdock-signer"
install -Dm755 packaging/deb/bwvdock-screen "$lib/bwvdock-screen"
install -Dm755 packaging/deb/bwvdock-badge-reader "$lib/bwvdock-badge-reader"
install -Dm644 -t "$root/usr/lib/systemd/system" systemd/*.service systemd/*.socket systemd/*.timer
install -Dm644 -t "$root/usr/lib/udev/rules.d" udev-rules/*.rules
install -Dm644 systemd/bwvdock.sysusers "$root/usr/lib/sysusers.d/bwvdock.conf"
install -Dm644 systemd/bwvdock.tmpfiles "$root/usr/lib/tmpfiles.d/bwvdock.conf"
install -Dm644 packaging/bwvdock.toml "$root/usr/share/bwvdock/bwvdock.toml" # the postinst copies it to /etc, once

# ---------------------------------------------------------------- what people and tools read about it

packaging/install-docs.sh "$doc"
VERSION=$VERSION TARGET_PYTHON=$target_python TARGET_MACHINE=$target_machine \
  .venv/bin/python -m inventory "$root" "$wheels" packaging/deb/copyright
install -Dm644 packaging/deb/lintian-overrides "$root/usr/share/lintian/overrides/bwvdock"
gzip -9n >"$doc/changelog.gz" <<CHANGELOG
bwvdock ($VERSION) $DISTRO; urgency=medium

  * CHANGELOG.md, beside this file, says what changed.

 -- $maintainer  $(date --date="@$SOURCE_DATE_EPOCH" --rfc-email)
CHANGELOG

# ---------------------------------------------------------------- the package

# As dpkg-gencontrol counts it, not as this machine's file system stores it.
size=$(find "$root" -path "$root/DEBIAN" -prune -o -type f -printf '%s\n' -o -printf '1024\n' |
  awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
maintainer_for_sed=$(sed 's/[&/\]/\\&/g' <<<"$maintainer")
sed "s/@VERSION@/$VERSION/; s/@ARCH@/$ARCH/; s/@SIZE@/$size/; s/@MAINTAINER@/$maintainer_for_sed/
     s/@PYTHON@/$target_python/; s/@NEXT_PYTHON@/$target_next_python/" packaging/deb/control.in >"$root/DEBIAN/control"
install -m755 -t "$root/DEBIAN" packaging/deb/{config,preinst,postinst,prerm,postrm}
install -m644 -t "$root/DEBIAN" packaging/deb/templates
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -type d -exec chmod 755 {} +
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

deb=$out/bwvdock_${VERSION}_$ARCH.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb" >/dev/null
echo "Built $deb ($(du -h "$deb" | cut -f1)), maintainer: $maintainer"
if [[ -z ${DEBEMAIL:-} ]]; then
  echo "Nobody has that address. For docks of yours, name yourself: DEBFULLNAME=\"Force IT\" DEBEMAIL=it@... make deb"
fi
