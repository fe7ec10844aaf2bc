"""Tuning callables that are no kernels: any search, wall clock or reported times, results compared."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from helion import exc
from helion.autotune import wall_timer
from helion.autotuner import (
    BooleanFragment,
    EnumFragment,
    IntegerFragment,
    ListOf,
    PermutationFragment,
    PowerOfTwoFragment,
    UserConfigSpec,
    autotune,
    search_algorithms,
)

SPEC = UserConfigSpec(
    chunk=PowerOfTwoFragment(16, 1024, 64),
    threads=IntegerFragment(1, 8),
    layout=EnumFragment((None, "rows", torch.float32)),
    fused=BooleanFragment(),
    order=PermutationFragment(3),
    block_sizes=IntegerFragment(1, 4),
)


def milliseconds(config: Mapping[str, Any]) -> float:
    """One best: chunk 256, 6 threads, layout rows, fused, order 2 1 0, block_sizes 3."""
    misses = abs(config["chunk"].bit_length() - 9) + abs(config["threads"] - 6) + abs(config["block_sizes"] - 3)
    return (
        1.0
        + misses
        + (config["layout"] != "rows")
        + (not config["fused"])
        + sum(a != b for a, b in zip(config["order"], (2, 1, 0), strict=True))
    )


@pytest.mark.parametrize(
    "search", [name for name in search_algorithms if name not in ("FiniteSearch", "CachedFiniteSearch", "RandomSearch")]
)
def test_every_search_climbs_by_reported_times(search: str) -> None:
    if search.startswith(("LFBO", "DESurrogate")):
        pytest.importorskip("sklearn")
    found = autotune(milliseconds, SPEC, returns_milliseconds=True, search=search)
    assert list(found) == list(SPEC)
    assert milliseconds(found) <= (1.0 if search == "PatternSearch" else 4.0), found


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return x + x


def test_arguments_are_never_written_to() -> None:
    def scaled(config: Mapping[str, Any], x: torch.Tensor) -> torch.Tensor:
        x += config["n"]
        return x.clone()

    given = torch.zeros(4)
    # What a callable leaves in its arguments counts as a result.
    with pytest.raises(exc.NoConfigFound, match=r"differs from the reference[^\0]*wrong-result \(1\)"):
        autotune(scaled, {"n": IntegerFragment(1, 1)}, (given,), baseline_fn=torch.ones_like)
    assert autotune(scaled, {"n": IntegerFragment(1, 1)}, (given,)) == {"n": 1}
    assert not given.any()


def test_a_wrong_result_is_never_the_winner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is the work's own, so that no other process changes which is the fastest."""
    now = 0

    def work(config: Mapping[str, Any], x: torch.Tensor) -> torch.Tensor:
        nonlocal now
        now += {"slow": 4_000_000, "fast": 200_000, "wrong": 20_000}[config["how"]]
        return x * (3 if config["how"] == "wrong" else 2)

    monkeypatch.setattr(wall_timer, "time", SimpleNamespace(perf_counter_ns=lambda: now))

    spec = {"how": EnumFragment(("slow", "wrong", "fast")), "extra": ListOf(BooleanFragment(), 2)}
    found = autotune(work, spec, (torch.ones(4),), baseline_fn=_doubled, budget_seconds=20)
    assert found["how"] == "fast"
    assert autotune(work, spec, (torch.ones(4),), accuracy_check=False, budget_seconds=20)["how"] == "wrong"


def test_effort_none_tries_the_default_and_the_seeds_only(capsys: pytest.CaptureFixture[str]) -> None:
    tried: list[int] = []

    def note(config: Mapping[str, Any]) -> float:
        tried.append(config["n"])
        return 10.0 - config["n"]

    found = autotune(note, {"n": IntegerFragment(0, 9)}, returns_milliseconds=True, effort="none", seed_configs=[{"n": 4}], log_level=20)
    assert found == {"n": 4}
    assert set(tried) == {0, 4}
    assert "best=Config(n=4)" in capsys.readouterr().err


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(exc.InvalidFragment, match="at least one name"):
        UserConfigSpec()
    with pytest.raises(exc.InvalidFragment, match="`n` is 3, and must be a fragment"):
        UserConfigSpec(n=3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(exc.InvalidSetting, match="there is no `m` to tune; there are n"):
        autotune(milliseconds, {"n": IntegerFragment(0, 1)}, seed_configs=[{"m": 1}])
    with pytest.raises(exc.InvalidSetting, match="`n` is 5: it must be an integer from 0 to 1"):
        autotune(milliseconds, {"n": IntegerFragment(0, 1)}, seed_configs=[{"n": 5}])
    with pytest.raises(exc.ConflictingArguments, match="no results to compare"):
        autotune(milliseconds, SPEC, returns_milliseconds=True, baseline_fn=milliseconds)
    with pytest.raises(exc.InvalidSetting, match="is not a search"):
        autotune(milliseconds, SPEC, returns_milliseconds=True, search="Grid")
    with pytest.raises(TypeError, match="has no option 'patience_of_a_saint'"):
        autotune(milliseconds, SPEC, returns_milliseconds=True, patience_of_a_saint=1)
    with pytest.raises(exc.AutotuneError, match="baseline_fn raised ZeroDivisionError"):
        autotune(milliseconds, SPEC, baseline_fn=lambda: 1 // 0)
