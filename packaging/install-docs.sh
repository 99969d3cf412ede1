#!/bin/bash
# Copies the documentation to FOLDER: the top Markdown files and docs/ beside them, so that their links work on a dock.
# examples/ has units that the package does not use. docs/monitoring/ has what Prometheus and Grafana read.
set -euo pipefail
doc=${1:?usage: packaging/install-docs.sh FOLDER}
mkdir -p "$doc"
doc=$(realpath "$doc")
cd "$(dirname "$0")/.."
install -m644 -t "$doc" ./*.md
install -D -m644 -t "$doc/examples" packaging/examples/*
find docs -type f \( -name '*.md' -o -name '*.svg' -o -name '*.png' -o -path 'docs/monitoring/*' \) -print0 | sort -z | xargs -0 -I{} install -D -m644 {} "$doc/{}"
