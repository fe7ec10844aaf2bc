#!/usr/bin/env bash
# Builds, checks, tests and packages the extension from the npm registry alone.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --silent
npm run --silent check
npm run --silent test
npm run --silent package
size=$(stat -c %s helion-toolkit.vsix)
echo "helion-toolkit.vsix: $size bytes"
[ "$size" -le 300000 ]
