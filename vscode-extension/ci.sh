#!/usr/bin/env bash
# Builds, checks, tests and packages the extension from the npm registry alone; then drives it in a real VS Code.
# ci.sh [PYTHON [OUT]]: with the Python that has the toolkit (the repository's .venv, if left out) and a folder for pictures.
# HELION_EXTENSION_E2E=0 leaves out the tests in VS Code. Pictures, VS Code's log and the server's are kept in the folder.
# Exit codes: 1 build, checks or unit tests; 2 the package is too large; 3 no VS Code to test in; 4 a test in VS Code failed.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-$here/../.venv/bin/python}
out=${2:-$here/e2e/out}
stage() { printf -- '--- %s (%ss)\n' "$1" "$SECONDS"; }

stage "build, checks, unit tests"
cd "$here"
npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent check && npm run --silent test &&
  npm run --silent package || exit 1
size=$(stat -c %s helion-toolkit.vsix)
echo "helion-toolkit.vsix: $size bytes"
[ "$size" -le 300000 ] || exit 2
if [ "${HELION_EXTENSION_E2E:-1}" = 0 ]; then
  stage "tests in VS Code are off"
  exit 0
fi
stage "VS Code"
e2e/install.sh || exit 3
stage "tests in VS Code"
e2e/run.sh "$python" "$out" || {
  echo "what the window showed and what was logged: $out"
  exit 4
}
stage "done"
