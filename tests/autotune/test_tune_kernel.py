"""A real kernel tuned by the model, from its text to the winner, with a real compiler in real processes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from helion.autotune.constrained_space import Constraints
from helion.autotune.model.parameters import DEFAULT_PARAMETERS
from helion.autotune.result import TuneResult
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.tune_kernel import ModelMethod, TuneOptions, tune_kernel
from helion.autotune.verdict import verdict_of
from helion.config.config import Config
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


def estimated(*configs: Config, current: Config | None = None) -> TuneResult:
    kernel = lowered("matmul", (512, 512), (512, 512))
    search = FiniteSearch((kernel.space.default(), *(kernel.space.normalize(config) for config in configs)))
    options = TuneOptions(budget_seconds=60, compile_workers=1, search=search, current=current)
    result = tune_kernel(kernel.ir, kernel.space, DEFAULT_TARGET, ModelMethod(), options)
    assert isinstance(result, TuneResult), result
    return result


def test_a_gain_within_the_models_error_is_no_gain() -> None:
    """The estimate is less, and the default stays all the same: the model cannot tell, and says so."""
    result = estimated(Config(block_sizes=[32, 32, 128], indexing="tensor_descriptor", num_warps=2, num_stages=4))
    default, other = (trial.microseconds for trial in result.trials)
    assert default * (1 - DEFAULT_PARAMETERS.resolution) < other < 0.97 * default
    assert (result.config, result.significant) == (result.default, False)
    verdict = verdict_of(result, keep_partial=True)
    assert not verdict.write
    percent = round(DEFAULT_PARAMETERS.resolution * 100)
    assert f"the model cannot tell gains under {percent} % from its own error: measure on a GPU" in verdict.words


def test_a_gain_beyond_the_models_error_is_one() -> None:
    slow = Config(block_sizes=[16, 16, 16], num_warps=1, num_stages=1)
    result = estimated(slow, current=slow)
    assert result.current_microseconds is not None
    assert result.microseconds < (1 - DEFAULT_PARAMETERS.resolution) * result.current_microseconds
    assert (result.config, result.significant) == (result.default, True)
    assert verdict_of(result, keep_partial=True).write


def test_a_stopped_search_claims_no_more_than_one_that_ended() -> None:
    """`before` and the resolution decide, not the noise of the faster one, which is the smaller."""
    ended = replace(estimated(), significant=True, partial=True)
    for before, write in ((1.5, False), (2.1, False), (2.3, True)):
        stopped = replace(ended, default_microseconds=before * ended.microseconds)
        assert verdict_of(stopped, keep_partial=True).write is write
