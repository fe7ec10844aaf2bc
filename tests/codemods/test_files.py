"""Files that codemods write: bytes around the change are kept, two writers lose nothing, and neither does one killed at any step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from helion.locks.sidecar import read_entries, sidecar_path
from helion_codemods.apply import change_file, exclusive, lock_file, without_removed
from helion_codemods.commands.migrate import migrate
from helion_codemods.commands.prune import prune
from helion_codemods.commands.remap import EntrySites, remap
from helion_codemods.commands.unlock import unlock
from helion_codemods.outcome import Refused, Rewritten

BEFORE = "import helion\n\n\n@helion.kernel\ndef f(x):\n    return x\n"
STEPS = frozenset({"open", "os.rename", "os.remove", "os.chmod"})


def lock(path: Path, device: str = "sm_90", size: int = 64, **evidence: Any) -> Rewritten | Refused:
    return lock_file(path, "f", device=device, signature=None, config={"block_sizes": [size]}, evidence=evidence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "kernels.py"
    found.write_text(BEFORE)
    return found


def test_mark_mode_and_line_ends_stay(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + BEFORE.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    assert isinstance(lock(path, method="model"), Rewritten)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfimport helion\r\n") and data.count(b"\r\n") == data.count(b"\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert read_entries(sidecar_path(path))[0]["method"] == "model"


def test_a_new_sidecar_is_as_readable_as_other_new_files(path: Path) -> None:
    lock(path)
    (path.parent / "other").write_text("")
    assert sidecar_path(path).stat().st_mode == (path.parent / "other").stat().st_mode


def test_the_declared_encoding_stays(path: Path) -> None:
    path.write_bytes("# coding: latin-1\n# é\n".encode("latin-1") + BEFORE.encode())
    assert isinstance(lock(path), Rewritten)
    assert path.read_bytes().startswith(b"# coding: latin-1\n# \xe9\n")
    outcome = lock_file(path, "f", device="µ→", signature=None, config={"block_sizes": [1]}, evidence={})
    assert isinstance(outcome, Refused) and "has no `→`" in outcome.reason


@pytest.mark.parametrize("data", [b"# \xe9\n" + BEFORE.encode(), b"# coding: nonsense\n" + BEFORE.encode()])
def test_other_bytes_are_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    outcome = lock(path)
    assert isinstance(outcome, Refused) and "encoding" in outcome.reason
    assert path.read_bytes() == data


def test_a_file_that_is_read_only_stays(path: Path) -> None:
    path.chmod(0o444)
    outcome = lock(path)
    assert isinstance(outcome, Refused) and outcome.reason == "the file is read-only"
    assert path.read_text() == BEFORE
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_the_owner_stays(path: Path) -> None:
    os.chown(path, 12345, 54321)
    path.chmod(0o2664)
    assert isinstance(lock(path), Rewritten)
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (12345, 54321, 0o2664)


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(path)
    lock(link)
    assert link.is_symlink() and "configs=" in path.read_text()
    assert not link.with_name("link.py.helion.lock").exists(), "there is one piece of evidence, whichever way it is asked for"
    assert read_entries(sidecar_path(link)) == read_entries(sidecar_path(path)) != []


def test_a_link_with_a_linked_sidecar_keeps_it(path: Path, tmp_path: Path) -> None:
    """As builds do that link every file of a package by itself."""
    lock(path)
    kept = tmp_path / "store" / "f00d"
    kept.parent.mkdir()
    sidecar_path(path).rename(kept)
    link = tmp_path / "link.py"
    link.symlink_to(path)
    link.with_name("link.py.helion.lock").symlink_to(kept)
    assert [entry["device"] for entry in read_entries(sidecar_path(link))] == ["sm_90"]


def test_links_in_a_circle_are_no_bug(tmp_path: Path) -> None:
    circle = tmp_path / "circle.py"
    circle.symlink_to(circle)
    assert sidecar_path(circle) == circle.with_name("circle.py.helion.lock")


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}", "[]", '{"entries": 3}'])
def test_a_sidecar_that_cannot_be_read_is_not_written_over(path: Path, text: str) -> None:
    sidecar_path(path).write_text(text)
    outcome = lock(path)
    assert isinstance(outcome, Refused) and "mend or remove it first" in outcome.reason
    assert (path.read_text(), sidecar_path(path).read_text()) == (BEFORE, text)


def test_evidence_goes_with_its_lock(path: Path) -> None:
    lock(path, "sm_90"), lock(path, "sm_80")
    change_file(path, lambda text: unlock(text, "f", device="sm_90"), without_removed)
    assert [entry["device"] for entry in read_entries(sidecar_path(path))] == ["sm_80"]
    change_file(path, lambda text: unlock(text, "f"), without_removed)
    assert path.read_text() == BEFORE
    assert not sidecar_path(path).exists()


def test_a_refusal_writes_nothing(path: Path) -> None:
    outcome = lock_file(path, "g", device="sm_90", signature=None, config={}, evidence={})
    assert isinstance(outcome, Refused)
    assert [p.name for p in path.parent.iterdir()] == ["kernels.py"]


def test_two_writers_lose_nothing(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from helion_codemods.apply import lock_file\n"
        "for n in range(8): lock_file(Path(sys.argv[1]), 'f', device=f'{sys.argv[2]}{n}', signature=None, "
        "config={'block_sizes': [n + 1]}, evidence={})\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program, str(path), name]) for name in ("a", "b")]
    assert [run.wait(120) for run in runs] == [0, 0]
    text, entries = path.read_text(), read_entries(sidecar_path(path))
    expected = sorted(f"{name}{n}" for name in ("a", "b") for n in range(8))
    assert all(f'"{device}": helion.Config' in text for device in expected)
    assert sorted(entry["device"] for entry in entries) == expected
    assert sorted(p.name for p in path.parent.iterdir()) == ["kernels.py", "kernels.py.helion.lock"]


def killed_at(path: Path, step: int, change: Callable[[Path], object]) -> bool:
    """Whether a change, in a child that ends itself before its n-th change of the file system, got that far."""
    child = os.fork()
    if child == 0:
        left = step

        def end(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal left
            if event in STEPS and str(path.parent) in str(arguments[0]):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(end)
        change(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_a_kill_at_any_step_loses_nothing(tmp_path: Path) -> None:
    steps = 0
    seen = set[str]()
    while True:
        steps += 1
        path = tmp_path / str(steps) / "kernels.py"
        path.parent.mkdir()
        path.write_text(BEFORE)
        lock(path, "sm_90", 64, tuned="first")
        lock(path, "sm_80", 32, tuned="other")
        was_killed = killed_at(path, steps, lambda path: lock(path, "sm_90", 128, tuned="second"))
        text = path.read_text()
        assert '"sm_80": helion.Config(block_sizes=[32])' in text
        size = next(size for size in (64, 128) if f'"sm_90": helion.Config(block_sizes=[{size}])' in text)
        json.loads(sidecar_path(path).read_text())
        assert isinstance(lock(path, "sm_70", 16, tuned="next"), Rewritten)
        found = {entry["device"]: (entry["config"]["block_sizes"], entry["tuned"]) for entry in read_entries(sidecar_path(path))}
        seen.add("old" if size == 64 else "new")
        assert found == {"sm_70": ([16], "next"), "sm_80": ([32], "other"), "sm_90": ([size], "first" if size == 64 else "second")}
        assert sorted(p.name for p in path.parent.iterdir()) == ["kernels.py", "kernels.py.helion.lock"]
        if not was_killed:
            break
    assert steps > 12 and seen == {"old", "new"}


def test_a_kill_and_an_edit_lose_no_evidence(tmp_path: Path) -> None:
    """The source is edited by hand between the kill and the next run, once with the lock kept and once with it changed."""
    seen = set[str]()
    for step in count(1):
        path = tmp_path / str(step) / "kernels.py"
        path.parent.mkdir()
        path.write_text(BEFORE)
        lock(path, "sm_90", 64, tuned="first")
        lock(path, "sm_80", 32, tuned="other")
        was_killed = killed_at(path, step, lambda path: lock(path, "sm_90", 128, tuned="second"))
        is_new = "[128]" in path.read_text()
        path.write_text(f"# edited\n{path.read_text()}")
        assert isinstance(lock(path, "sm_70", 16, tuned="next"), Rewritten)
        found = {entry["device"]: (entry["config"]["block_sizes"], entry["tuned"]) for entry in read_entries(sidecar_path(path))}
        assert found == {"sm_70": ([16], "next"), "sm_80": ([32], "other"), "sm_90": ([128], "second") if is_new else ([64], "first")}
        assert sorted(p.name for p in path.parent.iterdir()) == ["kernels.py", "kernels.py.helion.lock"]
        seen.add("new" if is_new else "old")
        if not was_killed:
            break
    assert seen == {"old", "new"}


def test_what_a_killed_writer_took_out_goes_after_an_edit_too(path: Path) -> None:
    for step in count(1):
        path.write_text(BEFORE)
        lock(path, "sm_90", tuned="first")
        lock(path, "sm_80", tuned="other")
        was_killed = killed_at(path, step, lambda path: change_file(path, lambda text: unlock(text, "f", device="sm_90"), without_removed))
        path.write_text(f"# edited\n{path.read_text()}")
        change_file(path, Rewritten, lambda entries, _old, _new: entries)
        standing = {device for device in ("sm_90", "sm_80") if device in path.read_text()}
        assert {entry["device"] for entry in read_entries(sidecar_path(path))} == standing
        if not was_killed:
            break


def test_evidence_of_a_lock_that_was_changed_by_hand_is_not_merged(path: Path) -> None:
    lock(path, "sm_90", 64, tuned="first")
    begun = {"kernel": "f", "device": "sm_90", "signature": None, "config": {"block_sizes": [128]}, "tuned": "second"}
    path.with_name(".kernels.py.helion-journal").write_text(json.dumps({"source": "0" * 64, "sidecar": None, "entries": [begun]}))
    change_file(path, Rewritten, lambda entries, _old, _new: entries)
    assert [entry["tuned"] for entry in read_entries(sidecar_path(path))] == ["first"]


def test_locks_of_dead_writers_go_and_held_ones_stay(path: Path) -> None:
    dead = path.with_name(".gone.py.helion-writing")
    dead.write_text("")
    with exclusive(path.with_name("held.py")):
        lock(path)
        assert path.with_name(".held.py.helion-writing").exists()
    assert sorted(p.name for p in path.parent.iterdir()) == ["kernels.py", "kernels.py.helion.lock"]


SITES = EntrySites("sm_90", None, {"block_sizes": ["tile_m", "tile_n"]}, {"block_sizes": ["tile_n", "tile_m"]})
CHANGES: dict[str, Callable[[str], Rewritten | Refused]] = {
    "unlock": lambda text: unlock(text, "f", device="sm_90"),
    "prune": lambda text: prune(text, "f"),
    "migrate": lambda text: migrate(text, "f", to="list"),
    "remap": lambda text: remap(text, "f", entries=[SITES]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_kill_at_any_step_of_a_codemod_leaves_the_old_or_the_new(tmp_path: Path, name: str) -> None:
    """Source and evidence agree once the next writer has come, whatever the step."""

    def change(path: Path) -> Rewritten | Refused:
        return change_file(path, CHANGES[name], without_removed)

    def prepared(folder: str) -> Path:
        path = tmp_path / folder / "kernels.py"
        path.parent.mkdir()
        path.write_text(BEFORE)
        for device, sizes in (("sm_90", [16, 64]), ("sm_80", [32, 32]), ("*", [32, 32])):
            lock_file(path, "f", device=device, signature=None, config={"block_sizes": sizes}, evidence={"method": "measured"})
        return path

    def state(path: Path) -> tuple[str, list[dict[str, Any]]]:
        return path.read_text(), read_entries(sidecar_path(path))

    old, done = prepared("old"), prepared("new")
    assert isinstance(change(done), Rewritten)
    before, after = state(old), state(done)
    assert before[0] != after[0]
    seen: set[str] = set()
    for step in count(1):
        path = prepared(str(step))
        was_killed = killed_at(path, step, change)
        assert path.read_text() in (before[0], after[0])
        change_file(path, Rewritten, lambda entries, _old, _new: entries)
        assert state(path) in (before, after)
        seen.add("old" if path.read_text() == before[0] else "new")
        assert {p.name for p in path.parent.iterdir()} <= {"kernels.py", "kernels.py.helion.lock"}
        if not was_killed:
            break
    assert seen == {"old", "new"}


def test_a_journal_of_a_source_that_went_on_is_dropped(path: Path) -> None:
    lock(path, tuned="first")
    before = sidecar_path(path).read_text()
    journal = path.with_name(".kernels.py.helion-journal")
    journal.write_text(json.dumps({"source": "0" * 64, "sidecar": None, "entries": [{"kernel": "g"}]}))
    change_file(path, lambda text: Rewritten(text + "# edited\n"), lambda entries, old, new: entries)
    assert not journal.exists()
    assert sidecar_path(path).read_text() == before
