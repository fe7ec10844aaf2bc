"""What importing costs: decorating a kernel, and running it eagerly, need neither triton nor TorchInductor."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import helion
from helion import language, runtime

ROOT = Path(__file__).parents[2]

_SCRIPT = """
import sys
sys.modules["triton"] = None
import torch
import helion
import helion.language as hl
from examples.softmax import softmax

x = torch.randn(5, 7)
torch.testing.assert_close(helion.kernel(softmax.fn, ref_mode=helion.RefMode.EAGER)(x), x.softmax(1))
print(sorted(m for m in sys.modules if m.split(".")[0] in ("triton", "sklearn", "libcst") or m.startswith("torch._inductor.")))
"""


def test_decorating_and_running_eagerly_import_no_compiler() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "['triton']"


_DECORATED = """
import gc
import sys
import torch
import helion
import helion.language as hl

@helion.kernel
def double(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out

compiling = ("helion.codegen", "helion.device_ir", "helion.typecheck", "helion.typed_kernel", "helion.ops.table", "helion.ops.tiles")
print([name for name in compiling if name in sys.modules], gc.isenabled())
"""


def test_defining_a_kernel_imports_nothing_that_compiles_one(tmp_path: Path) -> None:
    (tmp_path / "double.py").write_text(_DECORATED)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, tmp_path / "double.py"], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "[] True"


def test_each_name_of_the_language_has_the_home_that_type_checkers_see() -> None:
    checked = next(node for node in ast.parse(Path(language.__file__).read_text()).body if isinstance(node, ast.If))
    imports = [node for node in checked.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert seen.keys() == set(language.__all__) == language._HOMES.keys()
    assert {name for name, module in seen.items() if language._HOMES[name] != module} == {"constexpr"}
    assert all(getattr(language, name).__name__ == name for name in language.__all__)


@pytest.mark.parametrize("module", [helion, language, runtime], ids=lambda module: module.__name__)
def test_a_name_that_no_module_has_is_none_to_type_checkers_too(module: ModuleType) -> None:
    """They take one with a function `__getattr__` to have every name: `hl.zeroes` would be nobody's fault to tell."""
    defined = [node.name for node in ast.parse(Path(module.__file__ or "").read_text()).body if isinstance(node, ast.FunctionDef)]
    assert "__getattr__" not in defined
    with pytest.raises(AttributeError, match="zeroes"):
        module.zeroes  # noqa: B018


_CODE = """
import sys
import torch
import helion
from examples.add import add
from examples.matmul import matmul

def code(kernel):
    arguments = [torch.empty(64, 64, dtype=torch.bfloat16, device="meta") for _ in range(2)]
    bound = helion.kernel(kernel.fn, autotune_effort="none").bind(arguments)
    return bound.to_triton_code(bound.config_spec.default())

text = code({"add": add, "matmul": matmul}[sys.argv[1]])
print([name for name in ("torch._dynamo", "torch._inductor.lowering", "triton", "sympy.tensor.tensor") if name in sys.modules])
print(text)
"""


def _code(kernel: str, cache: Path) -> tuple[str, str]:
    """What of the slow modules a process imports for a kernel's code, and the code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HELION_CACHE_DIR": str(cache)}
    environment.pop("TRITON_INTERPRET", None)
    found = subprocess.run([sys.executable, "-c", _CODE, kernel], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    imported, _, text = found.stdout.partition("\n")
    return imported, text


def test_code_of_our_own_ops_alone_imports_no_inductor(tmp_path: Path) -> None:
    assert _code("matmul", tmp_path)[0] == "[]"


def test_what_inductor_told_one_process_no_other_imports_it_for(tmp_path: Path) -> None:
    asked, first = _code("add", tmp_path)
    assert "torch._inductor.lowering" in asked
    kept, second = _code("add", tmp_path)
    assert kept == "[]"
    assert second == first
