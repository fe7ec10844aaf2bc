"""Hovers, as the front puts them together from an analysis and its details: every name says something, numbers follow the config."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from helion_lsp.features.hover import hover
from helion_lsp.features.view import UNCHANGED, View
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "import torch\nimport helion\nimport helion.language as hl\n\n\n"
COPY = """def copy(x: torch.Tensor) -> torch.Tensor:
    n, d = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(n):
        rows = x[tile, :].to(torch.float32)
        out[tile, :] = rows * 2
    return out
"""


def view_of(text: str, path: str = "copy.py", **params: Any) -> View:
    details = Details().details(path, text, params)
    return View(Analyzer().analyse(path, text), UNCHANGED, details["kernels"], details["hovers"])


def hover_at(text: str, words: str, after: str = "", path: str = "copy.py", **params: Any) -> str:
    found = hover(view_of(text, path, **params), text.index(words, text.index(after)))
    return "" if found is None else found[2]


@pytest.mark.parametrize("name", ["matmul", "softmax", "attention"])
def test_every_name_of_a_kernel_says_something(name: str) -> None:
    path = EXAMPLES / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    view = view_of(text, str(path))
    lines = text.splitlines(keepends=True)
    kernels = {k["name"] for k in view.kernels()}
    silent: list[str] = []
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef) and function.name in kernels:
            for node in (inner for statement in function.body for inner in ast.walk(statement)):
                if isinstance(node, ast.Name) and node.id not in ("hl", "torch", "math"):
                    offset = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
                    if hover(view, offset) is None:
                        silent.append(f"{node.id}, line {node.lineno}")
    assert silent == []


@pytest.mark.parametrize("name", ["matmul", "softmax", "attention", "jagged_mean"])
def test_every_expression_of_a_kernel_says_something(name: str) -> None:
    """Modules are a Python server's, a method's name speaks for the method, and constants and displays for themselves."""
    path = EXAMPLES / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    view = view_of(text, str(path))
    starts = [0, *(n + 1 for n, letter in enumerate(text) if letter == "\n")]
    spoken = {(k["start"] + first, k["start"] + last) for k in view.kernels() for first, last, _ in k["hovers"]}
    silent: list[str] = []
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef) and any(function.name == k["name"] for k in view.kernels()):
            for node in (inner for statement in function.body for inner in ast.walk(statement)):
                if not isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.BinOp) or ast.unparse(node) in (
                    "hl",
                    "torch",
                ):
                    continue
                assert node.end_lineno is not None
                assert node.end_col_offset is not None
                span = (starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset)
                method = (span[1] - len(node.attr), span[1]) if isinstance(node, ast.Attribute) else span
                if not {span, method} & spoken:
                    silent.append(f"{ast.unparse(node)}, line {node.lineno}")
    assert silent == []


def test_methods_and_stores_say_what_they_are() -> None:
    text = f"{HEAD}@helion.kernel\n{COPY}"
    assert hover_at(text, "to(torch").startswith("`Tensor.to`")
    assert hover_at(text, "[tile, :].to") != hover_at(text, "to(torch"), "the value before the dot says what it is"
    store = hover_at(text, "[tile, :] = rows")
    assert store.startswith("store into `?[n, d]` · device")
    assert "`indexing[1]=" in store


def test_a_value_says_what_the_config_makes_of_it() -> None:
    text = f"{HEAD}@helion.kernel(config=helion.Config(block_sizes=[8], num_warps=2))\n{COPY}"
    words = hover_at(text, "rows = ", samples={"copy": "bf16[64, 100]"})
    assert words.splitlines()[0] == "`f32[tile, d]` · device"
    assert "- dtype given in the call" in words
    assert "with the config in the decorator: `f32[8, 100]` in 8×128 lanes, 4 KiB a program, about 16 registers a thread" in words
    loaded = hover_at(text, "x[tile, :]", samples={"copy": "bf16[64, 100]"})
    assert "- dtype of `x`" in hover_at(text, "[tile, :].to")
    assert "past the end of the data, lanes are `0`" in hover_at(text, "[tile, :].to", samples={"copy": "bf16[64, 100]"})
    assert "in the sample: `bf16[64, 100]`, 12.5 KiB" in loaded


def test_a_loop_says_how_often_it_runs_and_which_entries_are_its() -> None:
    text = f"{HEAD}@helion.kernel(config=helion.Config(block_sizes=[8]))\n{COPY}"
    words = hover_at(text, "for tile")
    assert "programs with the config in the decorator: `cdiv(n, 8)`" in words
    assert "`block_sizes[0]=8`" in words
    assert "`range_num_stages[0]=0`" in words
    assert "programs with the config in the decorator: `8`" in hover_at(text, "for tile", samples={"copy": "bf16[64, 100]"})
    assert "config entries: `load_eviction_policies[0]=''`, `indexing[0]='pointer'`" in hover_at(text, "[tile, :].to")


def test_a_config_says_which_site_each_entry_is_for() -> None:
    config = "helion.Config(block_sizes=[16], indexing=['pointer', 'block_ptr'], num_warps=4)"
    for text in (f"{HEAD}@helion.kernel(config={config})\n{COPY}", f"{HEAD}BEST = {config}\n\n@helion.kernel(config=BEST)\n{COPY}"):
        key = hover_at(text, "indexing=")
        assert key.splitlines()[0] == "`indexing` · config key"
        assert "- `[0]` = `'pointer'` · `load x" in key
        assert "- `[1]` = `'block_ptr'` · `store out" in key
        assert hover_at(text, "'block_ptr'").startswith("`indexing[1]` · `store out")
        assert hover_at(text, "16]").startswith("`block_sizes[0]` · `tile`")
        assert "it must be" in hover_at(text, "num_warps=") or "allowed" in hover_at(text, "num_warps=")


def test_a_lock_says_where_its_config_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "copy.py"
    text = f'{HEAD}@helion.kernel(configs={{"sm_90": {{"bf16[64,100]": helion.Config(block_sizes=[8])}}}})\n{COPY}'
    assert "no evidence" in hover_at(text, "sm_90", path=str(path))
    entry = {
        "kernel": "copy",
        "device": "sm_90",
        "signature": "bf16[64,100]",
        "kernel_hash": "old",
        "method": "measured",
        "date": "2026-11-01",
        "us": 5.0,
        "default_us": 10.0,
        "versions": {"triton": "3.7.1"},
        "config": {"block_sizes": [8]},
    }
    path.with_name("copy.py.helion.lock").write_text(json.dumps({"version": 1, "entries": [entry]}), encoding="utf-8")
    for words in ("sm_90", "bf16[64,100]", "helion.Config(block"):
        said = hover_at(text, words, path=str(path))
        assert said.splitlines()[0] == "lock for `sm_90`, `bf16[64,100]`"
        assert "**stale**" in said
        assert "measured on the device, 2026-11-01" in said
        assert "5.0 µs, default 10.0 µs: 2.00×" in said


def test_functions_say_where_they_may_run() -> None:
    text = f"{HEAD}@helion.kernel\n{COPY}"
    tile = hover_at(text, "hl.tile(n)")
    assert tile.startswith("`hl.tile` · the iterator of a `for`")
    assert "```python\nhl.tile(begin_or_end, end_or_none=None, block_size=None)\n```" in tile
    text = text.replace("x[tile, :].to(torch.float32)", "hl.load(x, [tile, slice(None)]).sum(-1, keepdim=True)")
    assert hover_at(text, "hl.load").startswith("`hl.load` · device only")


def test_a_kernel_says_what_it_takes_and_what_holds_of_every_call() -> None:
    text = f"{HEAD}@helion.kernel\n{COPY}"
    assert hover_at(text, "copy(x").split("\n") == ["`copy` · kernel", "", "- `x`: `?[n, d]`"]


def test_options_of_the_decorator_say_what_they_do() -> None:
    text = HEAD + (
        '@helion.kernel(static_shapes=False, autotune_effort="none", key=lambda x: x.size(0) // 64)\n'
        "def f(x: torch.Tensor):\n    for tile in hl.tile(x.size(0)):\n        x[tile] = 0\n"
    )
    shapes = hover_at(text, "static_shapes")
    assert shapes.startswith("`static_shapes` · setting\n\n")
    assert "- `bool`, default `True`\n" in shapes
    assert "the variable `HELION_STATIC_SHAPES`" in shapes
    assert '`"full"`, `"quick"`, `"none"`' in hover_at(text, "autotune_effort")
    assert hover_at(text, "key=").startswith("`key` · option of the decorator\n\n")
    inner = text.replace("static_shapes=False, autotune_effort", "settings=helion.Settings(static_shapes=False), autotune_effort")
    assert hover_at(inner, "static_shapes") == shapes
