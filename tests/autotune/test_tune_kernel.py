"""A real kernel tuned by the model, from its text to the winner, with a real compiler in real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helion.autotune.constrained_space import Constraints
from helion.autotune.result import TuneResult
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.tune_kernel import ModelMethod, TuneOptions, tune_kernel
from helion.target import DEFAULT_TARGET
from tests.autotune.lowered import lowered

pytest.importorskip("triton")


def test_the_model_ranks_compiled_candidates_for_a_target(tmp_path: Path) -> None:
    kernel = lowered("matmul", (4096, 4096), (4096, 4096))
    small = kernel.config(block_sizes=[16, 16, 16], num_warps=4, num_stages=2)
    good = kernel.config(block_sizes=[128, 128, 64], num_warps=4, num_stages=3, indexing=["pointer"] * 3, l2_groupings=[8])
    too_big = kernel.config(block_sizes=[256, 256, 128], num_warps=8, num_stages=4)
    options = TuneOptions(
        budget_seconds=60,
        compile_workers=1,
        log_folder=tmp_path,
        constraints=Constraints(overrides={"num_sm_multiplier": 1}),
        search=FiniteSearch((small, good, too_big)),
    )
    result = tune_kernel(kernel.ir, kernel.space, DEFAULT_TARGET, ModelMethod(), options)
    assert isinstance(result, TuneResult), result
    assert result.config == good
    assert result.estimated
    assert result.correctness.passed is None
    assert result.resources["tensor_core"] == "wgmma"
    assert result.log is not None
    log = Path(result.log)
    assert log.parent == tmp_path
    records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [record["kind"] for record in records] == ["header", "trial", "trial", "trial", "result"]
    failure = next(record for record in records if record.get("status") == "failed")
    assert failure["failure"]["kind"] == "out-of-resources"
    assert records[0]["space"].startswith(kernel.space.fingerprint())
