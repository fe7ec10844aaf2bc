"""Checking where triton is not installed, and without loading the compiler behind torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
sys.modules["triton"] = None
from pathlib import Path
from helion import compiler
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals
from helion.syntax.parse import parse_module

for path in sorted(Path(sys.argv[1]).glob("*.py")):
    module = parse_module(SourceFile.read(path))
    names = FileGlobals(module)
    for kernel in module.kernels:
        typed = check_kernel(kernel, infer_signature(kernel, names), names, Settings())
        assert typed.diagnostics == (), (path, typed.diagnostics)
        print(kernel.name)
"""


def test_checking_needs_no_triton() -> None:
    examples = Path(__file__).parents[2] / "examples"
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(examples)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"matmul", "attention", "layer_norm"} <= set(done.stdout.split())


def test_checking_does_not_load_inductor() -> None:
    program = PROGRAM.replace("from helion import compiler\n", "") + "\nprint('torch._inductor.lowering' in sys.modules)\n"
    examples = Path(__file__).parents[2] / "examples"
    done = subprocess.run([sys.executable, "-c", program, str(examples)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "False"
