"""Tidiness: small modules, one-sentence docstrings, clean imports, no stray names, one reader of the environment."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(p for folder in ("helion", "lsp/helion_lsp", "codemods/helion_codemods") for p in (ROOT / folder).rglob("*.py"))


def test_there_are_modules() -> None:
    assert len(MODULES) > 100


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 440, "split by topic"
    assert path.stem not in {"utils", "helpers", "common", "base", "manager"}
    assert ast.get_docstring(ast.parse(text)), "a module says in one sentence what goes in and what comes out"
    if path.relative_to(ROOT).as_posix() != "helion/runtime/environment.py":
        read = {ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
        assert not {"os.environ", "os.getenv"} & read, "the environment is read in helion/runtime/environment.py"
    assert not re.search(r"^\s*global |threading\.local|ContextVar\(", text, re.MULTILINE)


def test_import_is_light() -> None:
    program = "import sys, torch; before = set(sys.modules); import helion; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert not [m for m in loaded if m.startswith(("torch._inductor", "triton", "sklearn"))]


def test_decorating_is_light() -> None:
    program = (
        "import sys, torch; sys.path.insert(0, 'examples'); before = set(sys.modules); import vector_add;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not [m for m in done.stdout.split() if m.startswith(("torch._inductor", "sklearn"))]


def test_checking_and_preview_need_no_triton() -> None:
    """As on a laptop where triton is not to be had."""
    program = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "triton" or name.startswith("triton."):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Block())
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.preview import preview
text = open("examples/matmul.py").read()
kernels = Analyzer().analyse("matmul.py", text)["kernels"]
assert any("f32[tile_m, tile_n]" in h[2] for h in kernels[0]["hovers"])
found = preview("matmul.py", text, {"kernel": "matmul", "kind": "triton"})
assert "tl.dot(" in found["text"], found["text"]
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
