"""The main job without a GPU, on a copy of examples/matmul.py: check, hover, preview, resources, lock, model-tune; prints what it does."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ARGUMENTS = "bf16[4096,4096], bf16[4096,4096]"
# Right for a product of few rows; here so slow that the model, which can only tell large gains from its own error, is sure of a better one.
SMALL_TILES = "block_sizes=[16, 16, 16]"


def step(title: str, *command: str, lines: int = 12) -> None:
    """Run one `helion` command and show the head of what it prints; stops at the first failure."""
    print(f"\n== {title}\n$ helion {shlex.join(command)}", flush=True)
    both = subprocess.STDOUT  # in the order in which a terminal shows it
    done = subprocess.run([sys.executable, "-m", "helion", *command], stdout=subprocess.PIPE, stderr=both, text=True, check=False)
    output = done.stdout.rstrip().splitlines()
    print("\n".join(output[:lines] + (["..."] if len(output) > lines else [])), flush=True)
    if done.returncode != 0:
        sys.exit(f"helion exited with {done.returncode}")


def main() -> None:
    """Everything happens in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "matmul.py"
        shutil.copy(Path(__file__).parent / "examples" / "matmul.py", copy)
        kernel = f"{copy}::matmul"
        step("check: every problem, nothing run", "check", str(copy))
        step("what a hover shows: types without arguments", "show", kernel, "--types", lines=30)
        triton = ("show", kernel, "--args", ARGUMENTS, "--triton")
        step("preview: the generated Triton", *triton, lines=60)
        step("offline: what the compiled kernel uses, no GPU", "show", kernel, "--args", ARGUMENTS, "--resources")
        step("lock a config by hand", "lock", kernel, "--args", ARGUMENTS, "--device", "sm_90", "--config", SMALL_TILES)
        tuning = ("tune", kernel, "--args", ARGUMENTS, "--target", "sm_90", "--budget", "15", "--lock")
        step("tune by the model (estimated) and lock what it is sure of", *tuning, lines=30)
        print("\n== the decorator now")
        text = copy.read_text(encoding="utf-8")
        start = text.index("@helion.kernel")
        print(text[start : text.index("def matmul(")].rstrip())
        step("what is locked, and on what evidence", "refresh", "audit", str(copy))
        step("and the file still checks", "check", str(copy))


if __name__ == "__main__":
    main()
