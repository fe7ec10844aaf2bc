"""Another release of `helion` as a peer: a process that finds only that one, whose failures are words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks.kernels.measurement import FailedElsewhereError, interleaved, last_line
from benchmarks.kernels.upstream import Effort, Upstream
from examples.add import add
from examples.vector_add import vector_add

# A release that runs a kernel's statements on one tile of everything, and gives three times the result.
_KERNEL = """
import os, sys

def kernel(function):
    def call(*args):
        if os.environ["HELION_AUTOTUNE_EFFORT"] == "quick":
            raise RuntimeError("no config was found in " + os.environ["HELION_AUTOTUNE_BUDGET_SECONDS"] + "\\nof 7 tried") from ValueError("spills")
        if len(args[0]) == 13:
            print("out of luck", file=sys.stderr, flush=True)
            os._exit(3)
        return 3 * function(*args)
    return call
"""
_LANGUAGE = """
def tile(sizes):
    yield slice(None)
"""
ARGS = (torch.arange(8.0), torch.ones(8))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    package = tmp_path / "site" / "helion"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_KERNEL, encoding="utf-8")
    (package / "language.py").write_text(_LANGUAGE, encoding="utf-8")
    return package.parent


@pytest.fixture
def upstream(site: Path) -> Iterator[Upstream]:
    with Upstream(site, Effort("none")) as found:
        yield found


def test_the_same_kernel_runs_with_the_other_release(upstream: Upstream) -> None:
    seconds, result = upstream.prepare(vector_add, ARGS)
    assert torch.equal(result, 3 * (ARGS[0] + ARGS[1]))
    assert seconds > 0
    _, again = upstream.prepare(add, ARGS)
    assert torch.equal(again, 3 * (ARGS[0] + ARGS[1]))


def test_a_process_that_dies_is_told_by_its_last_words_and_started_again(upstream: Upstream) -> None:
    with pytest.raises(FailedElsewhereError, match="the process ended: out of luck"):
        upstream.prepare(vector_add, (torch.ones(13), torch.ones(13)))
    _, result = upstream.prepare(vector_add, ARGS)
    assert torch.equal(result, 3 * (ARGS[0] + ARGS[1]))


def test_an_error_is_told_by_its_last_line_and_its_cause(site: Path) -> None:
    with Upstream(site, Effort("quick", 60)) as upstream, pytest.raises(FailedElsewhereError) as raised:
        upstream.prepare(vector_add, ARGS)
    assert str(raised.value) == "RuntimeError: of 7 tried (ValueError: spills)"


def test_this_release_is_never_taken_for_the_other(tmp_path: Path) -> None:
    with Upstream(tmp_path, Effort("none")) as upstream, pytest.raises(FailedElsewhereError, match=r"`helion` comes from|No module named"):
        upstream.prepare(vector_add, ARGS)


def test_what_was_not_prepared_is_not_measured(upstream: Upstream) -> None:
    with pytest.raises(FailedElsewhereError, match="nothing was prepared"):
        upstream.microseconds()


def test_rounds_are_interleaved_and_one_that_fails_is_left_out() -> None:
    asked: list[str] = []

    def steady() -> float:
        asked.append("steady")
        return 2.0 + len(asked) % 3

    def failing() -> float:
        asked.append("failing")
        if asked.count("failing") == 2:
            raise RuntimeError("first line\nlast line") from ValueError("why")
        return 1.0

    times, failed = interleaved({"steady": steady, "failing": failing}, 3)
    assert asked == ["steady", "failing", "steady", "failing", "steady"]
    assert set(times) == {"steady"}
    assert failed == {"failing": "RuntimeError: last line (ValueError: why)"}
    assert last_line(FailedElsewhereError("what it said")) == "what it said"
