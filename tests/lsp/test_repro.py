"""Minimal repros: they hold what the kernel needs and no more, run by themselves, and show the same diagnostic."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion import compiler
from helion.source import SourceFile
from helion_lsp.worker.repro import repro
from tests.lsp.conftest import TEXT, URI, Client

ARGS = "f32[48], float(2.0), (f32[48], f32[48]), ?"
OPS = """import math

SHIFT = math.log(2.0)
UNUSED = SHIFT + 1


def shifted(v, by):
    return v + by * SHIFT


def unused(v):
    return v
"""
KERNEL = """from __future__ import annotations

import os

import torch
import helion
import helion.language as hl
from .ops import shifted as moved
from .ops import unused

FOLDER = os.environ.get("FOLDER")
HALF = 0.5
SCALE = HALF * 4


def scaled(v: torch.Tensor) -> torch.Tensor:
    return v * SCALE


@helion.kernel(configs={"sm_90": helion.Config(block_sizes=[16], num_warps=2)}, static_shapes=False, inputs=lambda: [FOLDER])
def both(x: torch.Tensor, by: float, table: tuple[torch.Tensor, torch.Tensor], unit: int = 3) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = moved(scaled(x[tile]), by) + table[0][tile] + table[1][tile] * unit
    return out


if __name__ == "__main__":
    both(torch.zeros(4), 1.0, (torch.zeros(4), torch.zeros(4)))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for name, text in (("__init__", ""), ("ops", OPS), ("both", KERNEL)):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """In an empty folder, so that nothing of the project helps."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    path = elsewhere / "repro.py"
    path.write_text(text + '\nprint("it ran")\n', encoding="utf-8")
    env = {**os.environ, "TRITON_INTERPRET": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run([sys.executable, "-P", path], cwd=elsewhere, env=env, capture_output=True, text=True, check=False)


def codes(text: str) -> list[str]:
    return [diagnostic.code for _, diagnostic in compiler.check_file(SourceFile("repro.py", text))]


def test_a_repro_has_what_the_kernel_needs_of_all_files_and_runs(package: Path) -> None:
    text = repro(str(package / "both.py"), KERNEL, {"kernel": "both", "args": ARGS, "target": "sm_90"})["text"]
    assert "helion.Config(block_sizes=[16]" in text
    assert "static_shapes=False" in text
    for needed in ("import math", "SHIFT = math.log(2.0)", "moved = shifted", "HALF = 0.5", "def scaled(v", "target sm_90"):
        assert needed in text, needed
    for other in ("UNUSED", "def unused", "FOLDER", "inputs", "import os", "__main__", "from ."):
        assert other not in text, other
    done = run(package, text)
    assert (done.stdout, done.returncode) == ("it ran\n", 0), done.stderr


def test_a_config_that_is_asked_for_is_the_one(package: Path) -> None:
    asked = {"kernel": "both", "args": ARGS, "config": "block_sizes=[32]"}
    assert "helion.Config(block_sizes=[32])" in repro(str(package / "both.py"), KERNEL, asked)["text"]
    assert "block_sizes" in repro(str(package / "both.py"), KERNEL, {**asked, "config": "block_sizes=[32, 1]"})["problem"]
    assert "no kernel" in repro(str(package / "both.py"), KERNEL, {"kernel": "neither"})["problem"]


def test_a_diagnostic_is_told_and_shown_again(tmp_path: Path) -> None:
    broken = TEXT.replace("out[tile_m, tile_n] = acc", "out[tile_n, tile_m] = acc")
    text = repro("matmul.py", broken, {"kernel": "matmul", "args": "f32[32,16],f32[16,64]"})["text"]
    assert "#   error[shape-mismatch]: [tile_n, tile_m] and f32[tile_m, tile_n] cannot be broadcast together" in text
    assert codes(text) == ["shape-mismatch"]
    done = run(tmp_path, text)
    assert done.returncode == 1
    assert "error[shape-mismatch]" in done.stderr


def test_a_text_that_does_not_parse_stays_as_it_is(tmp_path: Path) -> None:
    broken = TEXT.replace("acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])", "acc = torch.addmm(acc, x[tile_m")
    text = repro("matmul.py", broken, {"kernel": "matmul"})["text"]
    assert "            acc = torch.addmm(acc, x[tile_m\n" in text
    assert "error[syntax-error]" in text
    assert "syntax-error" in codes(text)


def test_functions_that_callers_give_come_along() -> None:
    text = TEXT.replace("lambda acc, tile: torch.relu(acc + bias[tile[1]])", "lambda acc, tile: torch.relu(acc)")
    given = repro("matmul.py", text, {"kernel": "matmul_with_epilogue", "args": "f32[32,16], f32[16,64], ?"})["text"]
    assert "        lambda acc, tile: torch.relu(acc),\n" in given
    assert "names bias, which only its caller knows" in repro("matmul.py", TEXT, {"kernel": "matmul_with_epilogue"})["text"]


def test_the_request_gives_a_text_even_where_the_checker_fails(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        found: Any = await client.protocol.send_request_async("helion/repro", {"uri": URI, "kernel": "matmul"})
        assert "observed: nothing by the checker" in found.text
        shown: Any = await client.workspace_execute_command_async(lsp.ExecuteCommandParams("helion.showRepro", [URI, "matmul"]))
        assert Path(shown["path"]).read_text(encoding="utf-8") == found.text
        gone: Any = await client.protocol.send_request_async("helion/repro", {"uri": URI, "kernel": "gone"})
        assert gone.problem == "there is no kernel `gone`"

    drive(scenario)


def test_without_trust_the_text_alone(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        found: Any = await client.protocol.send_request_async("helion/repro", {"uri": URI, "kernel": "matmul"})
        assert "the workspace is not trusted" in found.text
        assert "def matmul(x" in found.text
        assert "helion_repro_caller" not in found.text

    drive(scenario, ready=False, trusted=False)
