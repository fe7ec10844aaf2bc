"""What benchmarks measured on the GPU in, a row a goal out: what was asked for, what was seen, whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
OURS = ("default", "tuned")
PEERS = ("torch.compile", "Liger", "upstream quick")
# Level with another: what two runs of one kernel in turns differ by.
LEVEL = 1.02
# Failures of a config (`helion.trials.trial.Failure`) that more than it fails by.
FATAL = ("run-crash", "device-error")
# Rows whose floor is in bytes, each of which is read or written once.
READ_ONCE = (
    *("add", "softmax 4096x8192", "softmax 4096x32768", "layer_norm", "rms_norm 16384", "welford", "row_sum"),
    *("cross_entropy", "swiglu", "geglu", "rope", "embedding"),
)


@dataclass(frozen=True)
class Goal:
    """A row of the table. `missing` are the rows of the suite that it does not hold for, or what else is to say where it is not met."""

    asked: str
    seen: str
    is_met: bool
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Measured:
    """The files of results that goals are about, as they were written."""

    kernels: Sequence[Row]
    quick: Sequence[Row]
    calls: Mapping[str, float]
    shapes: Mapping[str, Row]
    compiling: Mapping[str, Any]


def goal_table(measured: Measured) -> Iterator[str]:
    """The table, and below it what is missing of each goal that is not met."""
    found = list(goals(measured))
    yield "| goal | seen | met |"
    yield "|---|---|---|"
    yield from (f"| {goal.asked} | {goal.seen} | {'yes' if goal.is_met else '**no**'} |" for goal in found)
    yield ""
    yield "What is missing:"
    yield ""
    yield from (f"- {goal.asked}: {'; '.join(goal.missing)}" for goal in found if not goal.is_met)


def goals(measured: Measured) -> Iterator[Goal]:
    """Every goal, in the order of the pages that follow."""
    yield from _defaults(measured.kernels)
    yield from _tuned(measured.kernels, measured.quick)
    yield from _single(measured.kernels)
    yield from _host(measured)


def _defaults(kernels: Sequence[Row]) -> Iterator[Goal]:
    ratios = {row["workload"]: row["us"]["default"] / row["us"]["tuned"] for row in kernels if all(name in row["us"] for name in OURS)}
    near = [name for name, ratio in ratios.items() if ratio <= 1.15]
    far = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if ratio > 1.15]
    share, worst = len(near) / len(ratios), max(ratios.values())
    seen = f"{share:.0%} of {len(ratios)}, at worst {worst:.2f}"
    asked = "defaults within 1.15 times our tuned on 80 % of rows, never over 1.5"
    yield Goal(asked, seen, share >= 0.8 and worst <= 1.5, far)
    beside = [row for row in kernels if "upstream" in row["us"] and not _is_at_floor(row, "upstream")]
    behind = [_against(row, "default", "upstream") for row in beside if row["us"]["default"] > row["us"]["upstream"]]
    seen = f"{len(beside) - len(behind)} of {len(beside)}"
    yield Goal(
        "defaults ahead of the published defaults on every row where these are not within 3 % of the floor", seen, not behind, behind
    )


def _tuned(kernels: Sequence[Row], quick: Sequence[Row]) -> Iterator[Goal]:
    rows = [*quick, *(row for row in kernels if row["workload"] not in {one["workload"] for one in quick})]
    beside = [row for row in map(_with_peers(kernels), rows) if any(name in row["us"] for name in PEERS) and _ours(row) is not None]
    ratios = {row["workload"]: min(row["us"][name] for name in PEERS if name in row["us"]) / _time(row) for row in beside}
    behind = [f"{name} {1 / ratio:.2f}" for name, ratio in ratios.items() if ratio * LEVEL < 1]
    seen = f"{len(ratios) - len(behind)} of {len(ratios)}, {len(quick)} of them beside the published quick tuning"
    yield Goal("tuned at or ahead of the best of torch.compile, Liger and the published quick tuning", seen, not behind, behind)
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    yield Goal("geometric mean of that 1.15", f"{mean:.2f}", mean >= 1.15, [f"{mean:.2f}"])
    near = {row["workload"]: row.get("copy_us", row["floor_us"]) / _time(row) for row in kernels if row["workload"].startswith(READ_ONCE)}
    below = [f"{name} {share:.0%}" for name, share in near.items() if share < 0.92]
    yield Goal("92 % of the copy's bandwidth where data is read once", f"{len(near) - len(below)} of {len(near)}", not below, below)
    apart = [row["us"]["tuned"] / _time(row) - 1 for row in kernels if "tuned" in row["us"]]
    seconds = sorted(row["seconds"]["tuned"] for row in kernels if "tuned" in row["us"])
    median = sorted(apart)[len(apart) // 2]
    seen = f"{median:.1%} in {seconds[len(seconds) // 2]:.0f} s"
    yield Goal("tuned within 3 % of our best known in 30 s, medians over kernels", seen, median <= 0.03, [seen])
    yield from _tunings(kernels)


def _tunings(kernels: Sequence[Row]) -> Iterator[Goal]:
    """Of rows whose trials were counted: which ended without a config, and how many configs took a process or the device with them."""
    counted = [row for row in kernels if "trials" in row]
    if not counted:
        return
    fatal = {row["workload"]: sum(row["trials"]["failed"].get(kind, 0) for kind in FATAL) for row in counted}
    missing = [f"{name}: {count} fatal" for name, count in fatal.items() if count]
    missing += [f"{row['workload']}: {row['failed']['tuned']}" for row in counted if "tuned" in row["failed"]]
    tried = sum(row["trials"]["tried"] for row in counted)
    seen = f"{tried:,} configs of {len(counted)} rows, {sum(fatal.values())} fatal"
    yield Goal("every row's tuning ends with a config, and no config ends a process or the device's work", seen, not missing, missing)


def _single(kernels: Sequence[Row]) -> Iterator[Goal]:
    named = {row["workload"]: row for row in kernels}

    def ratio(asked: str, workload: str, of: str, least: float) -> Goal:
        row = next(row for name, row in named.items() if name.startswith(workload))
        found = row["us"][of] / _time(row)
        return Goal(asked, f"{found:.2f}", found >= least, [f"{found:.2f}"])

    def microseconds(asked: str, workload: str, most: float) -> Goal:
        found = _time(next(row for name, row in named.items() if name.startswith(workload)))
        return Goal(asked, f"{found:,.1f} µs", round(found) <= most, [f"{found:,.1f} µs"])  # as many digits as are asked for

    yield ratio("matmul 8192³ at 1.05 times the speed of cuBLAS", "matmul 8192x8192", "eager", 1.05)
    yield ratio("attention at 0.9 times the speed of cuDNN", "attention", "eager", 0.9)
    yield ratio("causal attention at 0.9 times the speed of cuDNN", "causal_attention", "eager", 0.9)
    yield microseconds("int4_gemm 8192³ in 1,900 µs", "int4_gemm 8192", 1900)
    yield ratio("grouped_gemm in 1.1 times the time of torch's loop", "grouped_gemm ", "eager", 1 / 1.1)
    yield ratio("mamba2 chunk scan at 1.3 times the speed of the published default", "mamba2", "upstream", 1.3)
    yield microseconds("rms_norm backward in 216 µs", "rms_norm_backward", 216)


def _host(measured: Measured) -> Iterator[Goal]:
    for name, most in (("static", 8.5), ("dynamic", 10.0)):
        time = measured.calls[f"helion add, {name} shapes"]
        yield Goal(f"a call of {name} shapes in {most:g} µs", f"{time:.1f} µs", time <= most, [f"{time:.1f} µs"])
    compiling = measured.compiling
    asked = (
        ("`import helion` in 400 ms over torch", compiling["import_ms"], 400),
        ("the same with its language", compiling["import_language_ms"], 400),
        ("first bind and code of matmul in 400 ms", compiling["matmul"]["first_bind_and_code_ms"], 400),
        ("new shape of matmul in 60 ms", compiling["matmul"]["new_shape_ms"], 60),
        ("new shape of attention in 150 ms", compiling["attention"]["new_shape_ms"], 150),
        ("another config of matmul in 5 ms", compiling["matmul"]["second_config_ms"], 5),
        ("another config of attention in 15 ms", compiling["attention"]["second_config_ms"], 15),
    )
    yield from (Goal(words, f"{time:.1f} ms", time <= most, [f"{time:.0f} ms"]) for words, time, most in asked)
    for name, one in measured.shapes.items():
        most, compilations = one["slower_than_same_config"]["most"], one["compilations"]
        words = f"eight shapes, {name}: one compilation, no slowdown over 1.10"
        seen = f"{compilations} compilation{'s' * (compilations > 1)}, {most:.2f}"
        yield Goal(words, seen, compilations == 1 and most <= 1.1, [seen])


def _with_peers(kernels: Sequence[Row]) -> Callable[[Row], Row]:
    """A row with the peers that only the whole suite has, by their share of `eager` there: runs differ in the device's clock."""
    whole = {row["workload"]: row["us"] for row in kernels}

    def one(row: Row) -> Row:
        there, here = whole.get(row["workload"], {}), row["us"]
        missing = {name: there[name] for name in PEERS if name in there and name not in here}
        scale = here["eager"] / there["eager"] if missing and "eager" in here and "eager" in there else 1.0
        return {**row, "us": {**here, **{name: time * scale for name, time in missing.items()}}}

    return one


def _ours(row: Row) -> float | None:
    return min((row["us"][name] for name in OURS if name in row["us"]), default=None)


def _time(row: Row) -> float:
    """Our best of a row, µs."""
    found = _ours(row)
    assert found is not None, f"{row['workload']} was measured without ours"
    return found


def _is_at_floor(row: Row, name: str) -> bool:
    return row["us"][name] <= row["floor_us"] * 1.03


def _against(row: Row, ours: str, peer: str) -> str:
    return f"{row['workload']} {row['us'][ours]:.1f} µs, {row['us'][peer]:.1f} there"
