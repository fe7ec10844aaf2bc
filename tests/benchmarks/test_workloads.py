"""What workloads compare does the same work, and each row is named by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.kernels.workloads import jsd, rope
from tests.benchmarks.workload_checks import check_jsd, check_rope
from tests.interpreter_process import InterpreterProcess


@pytest.mark.parametrize("check", [check_rope, check_jsd])
def test_ours_gives_what_eager_does(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem


def test_rows_are_named_by_their_work_and_count_its_bytes() -> None:
    moved = {workload.name: workload.bytes for workload in (*rope.WORKLOADS, *jsd.WORKLOADS)}
    with_gradient, alone = moved["jsd with gradient 8192x32768"], moved["jsd 8192x32768"]
    assert alone == pytest.approx(1.07e9, rel=0.01)
    assert with_gradient == alone * 3 / 2
    assert moved["rope b4 h32+8 s4096 d128"] == pytest.approx(0.344e9, rel=0.02)
    assert moved["rope b4 h32 s4096 d128"] < moved["rope b4 h32+8 s4096 d128"]
