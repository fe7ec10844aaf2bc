"""What a tuning leaves in the source: a lock that is worth it, and one for what stays where another signature's lock would serve it."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from helion.autotune.verdict import Verdict
from helion.cli.refresh.audit_files import audit_files
from helion.cli.write_if_worth import write_if_worth
from helion.cli.write_lock import LockToWrite, write_override
from helion.config.config import Config
from helion.locks.entries import written_locks
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import read_entries, sidecar_path
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax

TEXT = """
import torch
import helion
import helion.language as hl


@helion.kernel
def twice(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
"""
DEVICE = "NVIDIA H200"
SMALL, LARGE, OTHER = "f32[16,16]", "f32[4096,16]", "bf16[16,16]"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "twice.py"
    found.write_text(TEXT)
    return found


def kernel_of(path: Path) -> KernelSyntax:
    return parse_module(SourceFile.read(path)).kernels[0]


def tuned(
    path: Path, signature: str, config: Config, *, worth: bool, device: str = DEVICE, into: Path | None = None, **evidence: Any
) -> None:
    """One tuning that started from the default."""
    kernel = kernel_of(path)
    facts: dict[str, object] = {"significant": worth, "partial": False, "method": "measured", "ran": "default", "target": "sm_90"}
    facts |= {"kernel_hash": kernel_hash(kernel), "us": 10.0, **evidence}
    verdict = Verdict(worth, "faster" if worth else "no significant change: the default config stays")
    write_if_worth(LockToWrite("twice", device, signature, config, facts), verdict, kernel, into=into)


def locks(path: Path) -> dict[str | None, Config]:
    return {entry.signature: entry.config for entry in written_locks(kernel_of(path)) if entry.device == DEVICE}


WINNER, DEFAULT = Config(block_sizes=[8, 8]), Config(block_sizes=[4, 4])


@pytest.mark.parametrize("order", list(permutations((SMALL, LARGE, OTHER))), ids=str)
def test_what_stays_is_locked_where_another_lock_would_serve_it(path: Path, order: tuple[str, ...]) -> None:
    """Whatever comes first. No lock serves the other dtype, which goes on without one."""
    for signature in order:
        tuned(path, signature, WINNER if signature == SMALL else DEFAULT, worth=signature == SMALL)
    assert locks(path) == {SMALL: WINNER, LARGE: DEFAULT}
    entries = {entry["signature"]: entry for entry in read_entries(sidecar_path(path))}
    assert ("kept" in entries[LARGE], "kept" in entries[OTHER]) == (False, True)
    assert (entries[LARGE]["config"], entries[LARGE]["us"]) == ({"block_sizes": [4, 4]}, 10.0)
    rows = audit_files((str(path),), (), run_inputs=False)
    assert {row.state for row in rows if row.signature is not None} <= {"locked", "older"}, "nothing is left to do"


def test_what_stays_on_other_devices_and_of_another_body_gets_no_lock(path: Path) -> None:
    tuned(path, LARGE, DEFAULT, worth=False, device="NVIDIA L4")
    tuned(path, LARGE, DEFAULT, worth=False, kernel_hash="of another body")
    tuned(path, SMALL, WINNER, worth=True)
    assert locks(path) == {SMALL: WINNER}


@pytest.mark.parametrize("order", list(permutations((SMALL, LARGE, OTHER))), ids=str)
@pytest.mark.parametrize("is_on_path", [False, True])
def test_among_overrides_it_is_the_same(path: Path, order: tuple[str, ...], is_on_path: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the library's source and what is beside it are not touched."""
    monkeypatch.chdir(path.parent)
    into = path.parent / "mine"
    if is_on_path:
        monkeypatch.setenv("HELION_LOCK_PATH", str(into))
    for signature in order:
        tuned(path, signature, WINNER if signature == SMALL else DEFAULT, worth=signature == SMALL, into=into)
    assert (path.read_text(), sidecar_path(path).exists()) == (TEXT, False)
    entries = {entry["signature"]: entry for entry in read_entries(into / "twice.helion.lock")}
    assert {signature: entry.get("config") for signature, entry in entries.items()} == {
        SMALL: {"block_sizes": [8, 8]},
        LARGE: {"block_sizes": [4, 4]},
        OTHER: None,
    }
    rows = audit_files((str(path),), (), run_inputs=False, into=into)
    assert {(row.signature, row.state) for row in rows} >= {(SMALL, "locked"), (LARGE, "locked")}, "as a call finds them"
    if is_on_path:
        monkeypatch.delenv("HELION_LOCK_PATH")
    assert {row.state for row in audit_files((str(path),), (), run_inputs=False)} == {"missing"}, "elsewhere nobody finds them"


def test_a_lock_that_stays_keeps_its_evidence_however_it_is_written(path: Path) -> None:
    """Written with what is the default anyway, it is not the config that a tuning gives out."""
    tuned(path, SMALL, Config(block_sizes=[8, 8], num_warps=4), worth=True)
    tuned(path, SMALL, WINNER, worth=False, ran={"block_sizes": [8, 8], "num_warps": 4}, us=7.0)
    assert locks(path) == {SMALL: Config(block_sizes=[8, 8], num_warps=4)}
    (entry,) = read_entries(sidecar_path(path))
    assert (entry["us"], entry.get("kept"), entry["config"]) == (7.0, None, {"block_sizes": [8, 8], "num_warps": 4})


def test_two_places_that_know_of_one_tuning_are_no_end_of_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An override for every signature hides the source's locks: what is written there is not found, and that is said."""
    monkeypatch.chdir(path.parent)
    tuned(path, LARGE, DEFAULT, worth=False)
    strong, weak = path.parent / "strong", path.parent / "weak"
    monkeypatch.setenv("HELION_LOCK_PATH", f"{strong}{os.pathsep}{weak}")
    write_override(strong, path, LockToWrite("twice", DEVICE, None, WINNER, {}))
    tuned(path, SMALL, WINNER, worth=True, into=weak)
    assert [entry["signature"] for entry in read_entries(weak / "twice.helion.lock")] == [SMALL, LARGE]


def test_an_override_that_hides_what_is_written_is_named(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("HELION_LOCK_PATH", str(path.parent / "mine"))
    write_override(path.parent / "mine", path, LockToWrite("twice", DEVICE, SMALL, DEFAULT, {}))
    tuned(path, SMALL, WINNER, worth=True)
    assert locks(path) == {SMALL: WINNER}
    assert f"run the override in {path.parent / 'mine' / 'twice.helion.lock'}" in capsys.readouterr().err
