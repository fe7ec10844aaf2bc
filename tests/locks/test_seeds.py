"""What is locked for other shapes and devices is where a search starts: from the decorator's text and from the sidecar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helion import compiler
from helion.config.config import Config
from helion.locks.entries import LockEntry, entries_of_kernel, entries_of_table, unsaid, written_locks
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


CONSTANTS = """
T = {"sm_90": Config(block_sizes=[1])}
C: Config = Config(block_sizes=[2])
H = "H200"
CHANGED = {"sm_90": Config(block_sizes=[1])}
CHANGED["sm_80"] = C
"""


@pytest.mark.parametrize(
    ("decorator", "entries", "untold"),
    [
        ("configs=T", [("sm_90", None, A)], None),
        ("configs={H: C}", [("H200", None, B)], None),
        ("configs={f'sm_80': {'*': C, **{'f32[1]': C}}}", [("sm_80", None, B), ("sm_80", "f32[1]", B)], None),
        ("configs={**T, 'sm_80': C}", [("sm_90", None, A), ("sm_80", None, B)], None),
        ("configs={**T, 'sm_90': C}", [("sm_90", None, B)], None),
        ("configs={'sm_90': C, **T}", [("sm_90", None, A)], None),
        ("config=C", [("*", None, B)], None),
        ("config=Config(**{'block_sizes': [3]})", [("*", None, C)], None),
        ("configs=CHANGED", [], "CHANGED"),
        ("configs={**ELSEWHERE, 'sm_90': C}", [("sm_90", None, B)], "ELSEWHERE"),
        ("configs={'sm_90': C, name(): C}", [("sm_90", None, B)], "name()"),
        ("configs={'sm_90': make()}", [], "make()"),
        ("configs={'sm_90': {'f32[1]': make(), 'f32[2]': C}}", [("sm_90", "f32[2]", B)], "make()"),
        ("configs={'sm_90': {'block_sizes': [n]}}", [], "[n]"),
        ("config=Config.load('x.json')", [], "Config.load('x.json')"),
        ("config=Config(block_sizes=[1], **more)", [], "Config(block_sizes=[1], **more)"),
        ("configs=[C]", [], None),
        ("config=None, configs=None", [], None),
    ],
)
def test_constants_of_the_file_are_followed_and_what_is_not_said_is_told(decorator: str, entries: list, untold: str | None) -> None:
    text = TEXT.replace("{decorator}", decorator).replace("\n\n@", f"\n{CONSTANTS}\n@", 1)
    (kernel,) = compiler.parse(SourceFile("k.py", text)).kernels
    assert written_locks(kernel) == tuple(LockEntry(*entry) for entry in entries)
    assert unsaid(kernel) == untold


def test_a_name_that_another_scope_binds_says_nothing() -> None:
    text = TEXT.replace("{decorator}", "configs=T").replace("\n\n@", "\nT = {'sm_90': Config()}\ndef other(T): ...\n@", 1)
    (kernel,) = compiler.parse(SourceFile("k.py", text)).kernels
    assert (written_locks(kernel), unsaid(kernel)) == ((), "T")


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
