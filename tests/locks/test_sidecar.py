"""What is told of a sidecar: its entries, or why it is none; an entry that is read needs no second look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helion.config.config import Config
from helion.diagnostics.catalog.locks import LockFileUnreadable, LockNotMeasured
from helion.locks.doubts import lock_diagnostics
from helion.locks.entries import LockEntry
from helion.locks.evidence import evidence_beside
from helion.locks.layers import override_file, overrides_of, unreadable_overrides
from helion.locks.sidecar import Unreadable, add_entry, entries_of_text, read_entries, read_sidecar, sidecar_path, sidecar_text
from helion.locks.staleness import remarks_of
from helion.source import SourceFile
from helion.syntax.parse import parse_module

ENTRY: dict[str, Any] = {"kernel": "f", "device": "sm_90", "signature": None, "config": {"block_sizes": [64]}, "us": 2.0}
MERGED = "<<<<<<< HEAD\n" + sidecar_text([ENTRY])
TEXT = 'import helion\n\n\n@helion.kernel(configs={"sm_90": helion.Config(block_sizes=[64])})\ndef f(x):\n    return x\n'


def broken(**facts: Any) -> str:
    return json.dumps({"version": 1, "entries": [ENTRY, {**ENTRY, **facts}]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MERGED, "is not JSON, perhaps after a merge"),
        ("", "is not JSON"),
        ("[]", "holds no list of entries"),
        ('{"entries": 5}', "holds no list of entries"),
        ('{"entries": [5]}', "holds no list of entries"),
        (broken(config=[64]), "says of `config` in entry 1 what is none: [64]"),
        (broken(device=None), "says of `device` in entry 1"),
        (broken(us="fast"), "says of `us` in entry 1"),
        (broken(sites=["tile"]), "says of `sites` in entry 1"),
    ],
)
def test_what_is_no_sidecar_is_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "k.py.helion.lock"
    path.write_text(text)
    found = read_sidecar(path)
    assert isinstance(found, Unreadable) and words in found.reason
    assert read_entries(path) == []
    assert isinstance(add_entry(path, ENTRY), Unreadable), "writing it anew would lose what it holds"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert entries_of_text(sidecar_text([ENTRY])) == [ENTRY]
    assert read_sidecar(tmp_path / "none") == []
    (tmp_path / "folder").mkdir()
    assert isinstance(read_sidecar(tmp_path / "folder"), Unreadable)


def test_evidence_that_cannot_be_read_is_an_error_and_not_missing(tmp_path: Path) -> None:
    source = tmp_path / "k.py"
    source.write_text(TEXT + TEXT.partition("\n")[2].replace("def f", "def g"))
    sidecar_path(source).write_text(MERGED)
    first, second = parse_module(SourceFile.read(source)).kernels
    (remark,) = remarks_of(evidence_beside(source, "f", LockEntry("sm_90", None, Config(block_sizes=[64]))), first)
    assert (remark.severity.value, "k.py.helion.lock" in remark.words) == ("error", True)
    (said,) = lock_diagnostics(first)
    assert isinstance(said, LockFileUnreadable) and said.severity.value == "error"
    assert list(lock_diagnostics(second)) == [], "once a file"
    sidecar_path(source).unlink()
    assert [type(found) for found in lock_diagnostics(first)] == [LockNotMeasured]


def test_an_override_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    path = override_file(tmp_path, "package.k")
    assert unreadable_overrides([tmp_path], "package.k") == ()
    path.write_text(MERGED)
    assert overrides_of([tmp_path], "package.k", "f") == ()
    ((where, problem),) = unreadable_overrides([tmp_path / "none", tmp_path], "package.k")
    assert (where, "not JSON" in problem.reason) == (path, True)
