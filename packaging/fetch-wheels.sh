#!/bin/bash
# Downloads the wheels that requirements/runtime.txt names into build/wheels/DISTRO-ARCH, checks their hashes and prints
# the folder. Nothing in them is run. What is there already is not asked for again.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/target.sh
lock=requirements/runtime.txt
wheels=build/wheels/$DISTRO-$ARCH
stamp=$wheels/.of-$(sha256sum "$lock" | cut -c1-16)

mkdir -p build/wheels
exec 9>build/wheels/.fetching
flock 9
if ! [[ -e $stamp ]]; then
  new=$(mktemp -d build/wheels/new.XXXXXX)
  trap 'rm -rf "$new"' EXIT
  .venv/bin/python -m pip --no-input --disable-pip-version-check download --quiet --dest "$new" --no-deps \
    --require-hashes --only-binary :all: --implementation cp --python-version "$target_python" \
    "${target_platforms[@]}" -r "$lock" >&2
  touch "$new/${stamp##*/}"
  chmod 755 "$new"
  rm -rf "$wheels"
  mv -T "$new" "$wheels"
fi
echo "$wheels"
