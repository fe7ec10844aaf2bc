"""What is locked for other shapes and devices is where a search starts: from the decorator's text and from the sidecar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helion import compiler
from helion.config.config import Config
from helion.locks.entries import LockEntry, entries_of_kernel, entries_of_table
from helion.locks.seeds import seeds_of_locks
from helion.source import SourceFile

TEXT = """import torch
import helion
from helion import Config


@helion.kernel({decorator})
def k(x: torch.Tensor):
    return x
"""


def kernel_of(decorator: str, path: Path | str = "k.py"):
    (kernel,) = compiler.parse(SourceFile(str(path), TEXT.replace("{decorator}", decorator))).kernels
    return kernel


A, B, C = (Config(block_sizes=[size]) for size in (1, 2, 3))


@pytest.mark.parametrize(
    ("decorator", "entries"),
    [
        ("", []),
        ("config=Config(block_sizes=[1])", []),
        ("configs=[Config(block_sizes=[1])]", []),
        ("configs=TABLE", []),
        ("configs={'*': Config(block_sizes=[1])}", [("*", None, A)]),
        ("configs={'sm_90': {'block_sizes': [1]}}", [("sm_90", None, A)]),
        (
            "configs={'H200': {'f32[1]': helion.Config(block_sizes=[1]), 'f32[2]': {'block_sizes': [2]}}, 'sm_90': Config(block_sizes=[3])}",
            [("H200", "f32[1]", A), ("H200", "f32[2]", B), ("sm_90", None, C)],
        ),
        ("configs={'a': Config(block_sizes=sizes()), NAME: Config(block_sizes=[1]), 'b': Config(block_sizes=[2])}", [("b", None, B)]),
    ],
)
def test_entries_as_written(decorator: str, entries: list) -> None:
    assert entries_of_kernel(kernel_of(decorator)) == tuple(LockEntry(*entry) for entry in entries)


def test_entries_of_a_live_table() -> None:
    table = {"H200": {"f32[1]": A, "f32[2]": dict(B)}, "sm_90": C, "sm_80": {}}
    assert entries_of_table(table) == (LockEntry("H200", "f32[1]", A), LockEntry("H200", "f32[2]", B), LockEntry("sm_90", None, C))


def test_the_device_at_hand_comes_first_and_each_config_once(tmp_path: Path) -> None:
    kernel = kernel_of("configs={'sm_80': Config(block_sizes=[1]), 'sm_90': Config(block_sizes=[2])}", tmp_path / "k.py")
    sidecar = [
        {"kernel": "k", "device": "sm_90", "signature": "f32[8]", "config": {"block_sizes": [3]}},
        {"kernel": "k", "device": "sm_80", "signature": None, "config": {"block_sizes": [1]}},
        {"kernel": "other", "device": "sm_90", "signature": None, "config": {"block_sizes": [9]}},
    ]
    (tmp_path / "k.py.helion.lock").write_text(json.dumps({"version": 1, "entries": sidecar}), encoding="utf-8")
    assert seeds_of_locks(kernel, entries_of_kernel(kernel), "sm_90") == (B, C, A)
    assert seeds_of_locks(kernel, (), "sm_80") == (A, C)


def test_a_list_is_where_a_search_starts_too(tmp_path: Path) -> None:
    kernel = kernel_of("configs=[Config(block_sizes=[2]), Config(block_sizes=SIZES), Config(block_sizes=[3])]", tmp_path / "k.py")
    assert seeds_of_locks(kernel, entries_of_kernel(kernel), "sm_90") == (B, C)
