"""How long the steps of working on the toolkit take on this machine, into benchmarks/results/development.json.

`python -m benchmarks.development [STEP...]` measures all steps, or those named and leaves the others as they were. Processor time is what a
busy machine does not change; wall time is what somebody waits. `vscode` wants the extension's `npm run package` and `e2e/install.sh`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
RESULTS = ROOT / "benchmarks" / "results" / "development.json"
STEPS = {
    "pages": ("the pages that are made from the code", (PYTHON, "-m", "docs.generate", "--check")),
    "site": ("the site, strictly", (PYTHON, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", "{folder}/site")),
    "blocks": ("every block of the manual, one after the other", (PYTHON, "-m", "pytest", "-q", "tests/docs/test_blocks.py")),
    "editors": ("Neovim and Emacs", (PYTHON, "-m", "pytest", "-q", "tests/editors", "--require-editors")),
    "vscode": ("every scenario in a real VS Code", ("vscode-extension/e2e/run.sh", PYTHON, "{folder}/out")),
    "tests": ("all tests, a process a core", ("./test", "-q", "--require-editors")),
}


def measured(command: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Seconds of a step, and how many processes wanted a core when it began."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    waiting = os.getloadavg()[0]
    environment = {**os.environ, "PYTHON": PYTHON, "NO_MKDOCS_2_WARNING": "1", "HELION_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run([part.format(folder=folder) for part in command], cwd=ROOT, env=environment, stdout=sys.stderr, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    seconds = {"wall_s": round(time.perf_counter() - start, 1), "processor_s": round(processor, 1)}
    return {**seconds, "load_average": round(waiting, 1), "passed": done.returncode == 0}


def main() -> None:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"steps": {}}
    for name in sys.argv[1:] or STEPS:
        words, command = STEPS[name]
        with TemporaryDirectory() as folder:
            step = measured(command, Path(folder))
        found["steps"][name] = {"what": words, "date": datetime.now(UTC).date().isoformat(), "cores": os.cpu_count(), **step}
        found["command"] = "python -m benchmarks.development"
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
