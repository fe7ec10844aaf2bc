"""Whose evidence an entry is, after the text around it was edited: kernels of one name, kernels with another name than they had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helion.locks.entries import LockEntry, entries_of_kernel, written_locks
from helion.locks.evidence import evidence_among
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import kernel_to_lock, name_in_entry, owned, ownerless, relabelled
from helion.locks.sidecar import read_entries, sidecar_path
from helion.locks.staleness import remarks_of
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion_codemods.apply import lock_file


def module_of(*definitions: str) -> ModuleSyntax:
    return parse_module(SourceFile("k.py", "import helion\n\n\n" + "\n\n".join(definitions)))


def kernel(name: str, body: str, block: int | None = None) -> str:
    options = "" if block is None else f"(configs={{'sm_90': dict(block_sizes=[{block}])}})"
    return f"@helion.kernel{options}\ndef {name}(x):\n    return {body}\n"


def evidence_of(found: KernelSyntax, block: int, **facts: Any) -> dict[str, Any]:
    """As `helion lock` records it."""
    entry = {"device": "sm_90", "signature": None, "config": {"block_sizes": [block]}, "kernel_hash": kernel_hash(found)}
    return {**name_in_entry(found), **entry, "method": "measured", **facts}


def us(module: ModuleSyntax, known: list[dict[str, Any]]) -> list[float | None]:
    """What each lock of the text was measured at."""
    return [evidence_among(known, k, lock).get("us") for k in module.kernels for lock in entries_of_kernel(k)]


FIRST, SECOND = kernel("f", "x + 1", 64), kernel("f", "x * 2", 128)


@pytest.fixture
def known() -> list[dict[str, Any]]:
    first, second = module_of(FIRST, SECOND).kernels
    return [evidence_of(first, 64, us=1.0), evidence_of(second, 128, us=2.0)]


@pytest.mark.parametrize(
    ("definitions", "measured"),
    [
        ((FIRST, SECOND), [1.0, 2.0]),
        ((SECOND, FIRST), [2.0, 1.0]),
        ((kernel("f", "x - 3"), FIRST, SECOND), [1.0, 2.0]),
        ((kernel("f", "x - 3"), kernel("f", "x + 99", 64), SECOND), [1.0, 2.0]),  # edited, and another before it
        ((FIRST,), [1.0]),
        ((SECOND,), [2.0]),
        ((kernel("f", "x + 99", 64), kernel("f", "x * 99", 128)), [1.0, 2.0]),
        ((kernel("f", "x + 1", 64), kernel("f", "x + 1", 128)), [1.0, 2.0]),  # of one body by now
    ],
)
def test_kernels_of_one_name_keep_their_evidence_through_edits(
    known: list[dict[str, Any]], definitions: tuple[str, ...], measured: list[float]
) -> None:
    module = module_of(*definitions)
    assert us(module, known) == measured
    assert us(module, relabelled(known, module)) == measured


def test_of_one_body_and_one_config_the_number_decides() -> None:
    first, second = (module := module_of(FIRST, FIRST)).kernels
    assert us(module, [evidence_of(first, 64, us=1.0), evidence_of(second, 64, us=2.0)]) == [1.0, 2.0]


def test_evidence_from_before_there_were_numbers_is_read(known: list[dict[str, Any]]) -> None:
    for entry in known:
        del entry["nth"]
    module = module_of(FIRST, SECOND)
    assert us(module, known) == [1.0, 2.0]
    assert [entry.get("nth") for entry in relabelled(known, module)] == [1, 2]


def test_an_entry_that_says_only_a_name_is_of_all_of_that_name() -> None:
    entry = {"kernel": "f", "device": "sm_90", "signature": None, "config": {"block_sizes": [8]}}
    assert [len(owned([entry], found)) for found in module_of(FIRST, SECOND).kernels] == [1, 1]


def test_a_name_that_is_alone_again_needs_no_number(known: list[dict[str, Any]]) -> None:
    (first, gone) = relabelled(known, module_of(FIRST))
    assert ("nth" in first, gone["nth"]) == (False, 2), "what stands in no lock of the text stays as it is"


RENAMED = kernel("g", "x + 1", 64)
ALONE = evidence_of(module_of(FIRST).kernels[0], 64, us=1.0, date="2026-01-01")


def test_a_renamed_kernel_keeps_its_evidence_and_is_not_stale() -> None:
    module = module_of(RENAMED)
    (renamed,) = module.kernels
    found = evidence_among([ALONE], renamed, LockEntry("sm_90", None, entries_of_kernel(renamed)[0].config))
    assert (found["us"], found["kernel"], found["renamed_from"]) == (1.0, "g", "f")
    assert remarks_of(found, renamed) == ()
    assert relabelled([ALONE], module) == [dict(found)]
    assert ownerless([ALONE], module) == []


def test_a_method_that_moves_into_a_class_keeps_its_evidence() -> None:
    inside = "class Ops:\n" + "".join(f"    {line}\n" for line in FIRST.splitlines())
    assert us(module_of(inside), [ALONE]) == [1.0]


def test_a_copy_takes_nothing_from_a_kernel_that_is_there() -> None:
    module = module_of(FIRST, RENAMED)
    assert us(module, [ALONE]) == [1.0, None]
    assert relabelled([ALONE], module) == [ALONE]


def test_own_evidence_goes_before_that_of_an_old_name() -> None:
    module = module_of(RENAMED)
    own = evidence_of(module.kernels[0], 64, us=7.0)
    for known in ([own, ALONE], [ALONE, own]):
        assert us(module, known) == [7.0]
        assert [entry["us"] for entry in relabelled(known, module)] == [7.0]


def test_renamed_and_changed_is_nobodys_and_is_kept() -> None:
    module = module_of(kernel("g", "x + 99", 64))
    assert us(module, [ALONE]) == [None], "its numbers are not of this body"
    assert relabelled([ALONE], module) == [ALONE]
    assert ownerless([ALONE], module) == [ALONE]


def test_of_broken_text_nothing_is_said() -> None:
    module = module_of(RENAMED, "@helion.kernel\ndef f(x:\n    return (x\n")
    assert module.repairs
    assert (us(module, [ALONE]), ownerless([ALONE], module)) == ([None], [])


def test_a_lock_is_written_for_the_kernel_that_was_tuned(known: list[dict[str, Any]]) -> None:
    swapped = module_of(SECOND, FIRST)
    assert [kernel_to_lock(entry, swapped) for entry in known] == [swapped.kernels[1], swapped.kernels[0]]
    both_edited = module_of(kernel("f", "x + 9"), kernel("f", "x * 9"))
    assert [kernel_to_lock(entry, both_edited) for entry in known] == list(both_edited.kernels)
    nameless = {"kernel": "f", "device": "sm_90", "signature": None}
    assert kernel_to_lock(nameless, swapped) is None, "which of them is not said"


def test_a_lock_tuned_among_namesakes_is_recorded_for_the_one_that_is_left(tmp_path: Path, known: list[dict[str, Any]]) -> None:
    path = tmp_path / "k.py"
    path.write_text(module_of(SECOND).file.text)
    evidence = {"kernel_hash": known[1]["kernel_hash"], "nth": known[1]["nth"], "method": "measured"}
    lock_file(path, "f", device="sm_80", signature=None, config={"block_sizes": [4]}, evidence=evidence)
    (entry,) = read_entries(sidecar_path(path))
    assert "nth" not in entry
    assert "sm_80" in path.read_text()


def test_a_lock_is_recorded_for_the_kernel_it_was_tuned_for_wherever_it_stands(tmp_path: Path, known: list[dict[str, Any]]) -> None:
    path = tmp_path / "k.py"
    path.write_text(module_of(kernel("f", "x - 3"), FIRST, SECOND).file.text)
    evidence = {"kernel_hash": known[1]["kernel_hash"], "nth": known[1]["nth"], "method": "measured"}
    lock_file(path, "f", device="sm_80", signature=None, config={"block_sizes": [4]}, evidence=evidence)
    (entry,) = read_entries(sidecar_path(path))
    assert entry["nth"] == 3
    assert [lock.device for lock in written_locks(parse_module(SourceFile.read(path)).kernels[2])] == ["sm_90", "sm_80"]
