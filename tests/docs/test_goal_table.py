"""The table of goals says of each what was seen, and of one that is not met what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docs.goal_table import Measured, goal_table, goals

_COMPILING = {
    "import_ms": 1.0,
    "import_language_ms": 300.0,
    "matmul": {"first_bind_and_code_ms": 500.0, "new_shape_ms": 20.0, "second_config_ms": 4.0},
    "attention": {"new_shape_ms": 40.0, "second_config_ms": 8.0},
}
_CALLS = {"helion add, static shapes": 8.4, "helion add, dynamic shapes": 12.0}
_SHAPES = {"softmax, columns": {"compilations": 5, "slower_than_same_config": {"most": 1.05}}}
_NAMES = (
    "matmul 8192x8192x8192",
    "attention",
    "causal_attention",
    "int4_gemm 8192",
    "grouped_gemm g8",
    "mamba2",
    "rms_norm_backward",
    "add",
)


def row(name: str, **us: float) -> dict[str, Any]:
    return {"workload": name, "us": us, "floor_us": 50.0, "seconds": {"tuned": 20.0}}


def table(quick: tuple[dict[str, Any], ...] = (), **changed: Mapping[str, float]) -> dict[str, tuple[str, bool, list[str]]]:
    times = {"eager": 106.0, "torch.compile": 110.0, "upstream": 130.0, "default": 101.0, "tuned": 100.0}
    kernels = [row(name, **{**times, **changed.get(name.split()[0], {})}) for name in _NAMES]
    found = goals(Measured(kernels, quick, _CALLS, _SHAPES, _COMPILING))
    return {goal.asked: (goal.seen, goal.is_met, list(goal.missing)) for goal in found}


def test_a_goal_is_met_or_says_what_is_missing() -> None:
    found = table(mamba2={"upstream": 120.0}, attention={"default": 160.0})
    assert found["mamba2 chunk scan at 1.3 times the speed of the published default"] == ("1.20", False, ["1.20"])
    assert found["attention at 0.9 times the speed of cuDNN"] == ("1.06", True, ["1.06"])
    seen, is_met, missing = found["defaults within 1.15 times our tuned on 80 % of rows, never over 1.5"]
    assert (seen, is_met, missing) == ("88% of 8, at worst 1.60", False, ["attention 1.60"])
    assert found["a call of static shapes in 8.5 µs"][1]
    assert not found["a call of dynamic shapes in 10 µs"][1]
    assert found["eight shapes, softmax, columns: one compilation, no slowdown over 1.10"][0] == "5 compilations, 1.05"


def test_a_later_run_is_beside_the_peers_of_the_whole_suite() -> None:
    asked = "tuned at or ahead of the best of torch.compile, Liger and the published quick tuning"
    assert table()[asked][1]
    later = row("add", eager=212.0, tuned=200.0, **{"upstream quick": 190.0})
    assert table((later,))[asked][2] == ["add 1.05"]
    slow = row("add", eager=212.0, tuned=240.0, **{"upstream quick": 300.0})
    assert table((slow,))[asked][2] == ["add 1.09"], "torch.compile took 110 where eager took 106"


def test_a_row_without_ours_counts_nowhere() -> None:
    mixed = row("add", eager=100.0, **{"torch.compile": 90.0, "upstream quick": 80.0})
    asked = "tuned at or ahead of the best of torch.compile, Liger and the published quick tuning"
    assert table((mixed,))[asked][0] == "7 of 7, 1 of them beside the published quick tuning"


def test_what_is_missing_stands_below_the_table() -> None:
    kernels = [row(name, eager=100.0, upstream=100.0, default=100.0, tuned=100.0, **{"torch.compile": 100.0}) for name in _NAMES]
    lines = list(goal_table(Measured(kernels, (), _CALLS, _SHAPES, _COMPILING)))
    assert "- first bind and code of matmul in 400 ms: 500 ms" in lines
    assert "- a call of static shapes in 8.5 µs: 8.4 µs" not in lines
    assert any(line.endswith("| **no** |") for line in lines)


def test_a_tuning_that_found_nothing_or_lost_a_process_is_missing() -> None:
    asked = "every row's tuning ends with a config, and no config ends a process or the device's work"
    assert asked not in table()
    lost = {**row("add", default=1.0, tuned=1.0), "trials": {"tried": 30, "failed": {"run-crash": 2, "spills": 9}}, "failed": {}}
    none = {
        **row("mamba2", default=1.0, upstream=2.0),
        "trials": {"tried": 12, "failed": {"compile": 12}},
        "failed": {"tuned": "NoConfigFound: none"},
    }
    seen, is_met, missing = tunings(lost, none)[asked]
    assert (seen, is_met) == ("42 configs of 2 rows, 2 fatal", False)
    assert missing == ["add: 2 fatal", "mamba2: NoConfigFound: none"]
    assert tunings({**lost, "trials": {"tried": 30, "failed": {"spills": 9}}})[asked][1]


def tunings(*rows: dict[str, Any]) -> dict[str, tuple[str, bool, list[str]]]:
    times = {"eager": 106.0, "torch.compile": 110.0, "upstream": 130.0, "default": 101.0, "tuned": 100.0}
    whole = {name: row(name, **times) for name in _NAMES}
    kernels = list((whole | {one["workload"]: one for one in rows}).values())
    found = goals(Measured(kernels, (), _CALLS, _SHAPES, _COMPILING))
    return {goal.asked: (goal.seen, goal.is_met, list(goal.missing)) for goal in found}
