"""The sidecar follows the saved text: the session's evidence comes with its lock, goes with an undo, and touches no other entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helion.locks.sidecar import read_entries, sidecar_path, sidecar_text
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.front.session_locks import SessionLocks
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.lock_evidence import replaced_by, settle

UNLOCKED = "import helion\n\n\n@helion.kernel\ndef f(x):\n    return x\n"
URI = "file:///f.py"


def locked(block: int) -> str:
    return UNLOCKED.replace("@helion.kernel", f'@helion.kernel(configs={{"sm_90": helion.Config(block_sizes=[{block}])}})')


def entry(block: int, **more: Any) -> dict[str, Any]:
    lock = {"kernel": "f", "device": "sm_90", "signature": None, "config": {"block_sizes": [block]}}
    return {**lock, "method": "model", "estimated": True, **more}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.py"


def saved(path: Path, text: str, session: list[dict[str, Any]]) -> list[dict[str, Any]]:
    path.write_text(text, encoding="utf-8")
    settle(path, session)
    return read_entries(sidecar_path(path))


def test_evidence_comes_with_the_lock_and_goes_with_it(path: Path) -> None:
    session = [entry(64)]
    assert saved(path, locked(64), session) == session
    assert saved(path, UNLOCKED, session) == []
    assert not sidecar_path(path).exists()
    assert saved(path, locked(64), session) == session


def test_other_evidence_is_left_alone(path: Path) -> None:
    other = entry(64, device="sm_80")
    sidecar_path(path).write_text(sidecar_text([other]), encoding="utf-8")
    assert saved(path, locked(64), [entry(64)]) == [other, entry(64)]
    assert saved(path, UNLOCKED, [entry(64)]) == [other]
    assert saved(path, UNLOCKED, []) == [other]


def test_undo_brings_back_what_the_lock_replaced(path: Path) -> None:
    before = entry(32, method="measured", estimated=False)
    text = sidecar_text([before])
    sidecar_path(path).write_text(text, encoding="utf-8")
    locks = SessionLocks()
    locks.add(URI, entry(64), replaced_by(str(path), entry(64), parse_module(SourceFile(str(path), locked(32)))))
    assert saved(path, locked(64), locks.of(URI)) == [entry(64)]
    saved(path, locked(32), locks.of(URI))
    assert sidecar_path(path).read_text(encoding="utf-8") == text


def test_a_config_changed_by_hand_is_not_what_was_tuned(path: Path) -> None:
    assert saved(path, locked(128), [entry(64)]) == []


def test_a_lock_that_was_refused_leaves_no_trace() -> None:
    locks = SessionLocks()
    locks.add(URI, entry(64), None)
    locks.withdraw(URI, entry(64))
    assert locks.of(URI) == []


def test_a_text_that_is_no_file_has_no_sidecar(path: Path) -> None:
    assert settle(path, [entry(64)]) is False
    assert not sidecar_path(path).exists()


def test_the_lens_says_estimated_before_the_text_is_saved(path: Path) -> None:
    (kernel,) = Analyzer().analyse(str(path), locked(64), session=[entry(64)])["kernels"]
    assert kernel["lock"] == "locked: sm_90 (estimated)"
    (kernel,) = Analyzer().analyse(str(path), locked(128), session=[entry(64)])["kernels"]
    assert kernel["lock"] == "locked: sm_90 (no evidence)"


def test_of_two_kernels_of_one_name_each_has_its_own(path: Path) -> None:
    text = f"{locked(64)}\n\n{locked(8).partition('import helion')[2].lstrip()}"
    first, second = entry(64, nth=1), entry(8, nth=2)
    assert saved(path, text, [second]) == [second]
    assert saved(path, text, [first, second]) == [first, second]
    assert replaced_by(str(path), entry(1, nth=2), parse_module(SourceFile(str(path), text))) == second
