"""What the suite of kernels wrote in, its tables out: times, speeds, failures, and what tuning took and gave."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from docs.goal_table import OURS
from docs.plot_link import plot_link

PROVIDERS = ("eager", "torch.compile", "Liger", "flash", "upstream", "upstream quick", "default", "tuned")
NOISE = 0.02
NEAR = 0.03


def suite_tables(found: Mapping[str, Any]) -> Iterator[str]:
    workloads = found["workloads"]
    columns = [name for name in PROVIDERS if any(name in row["us"] or name in row["failed"] for row in workloads)]
    yield f"{found['device']}, torch {found['torch']}, triton {found['triton']}, Python {found['python']}{_machine(found)}."
    yield ""
    yield from plot_link("kernels", "How near each kernel of the table below comes to its floor")
    yield "Times in µs, the shortest of a row in bold; *noise* is how far apart the rounds of one provider were, of that where they were"
    yield "farthest:"
    yield ""
    copies = ["copy"] if any("copy_us" in row for row in workloads) else []
    yield f"| kernel | {' | '.join([*columns, *copies])} | floor | noise |"
    yield "|---" + "|---:" * (len(columns) + len(copies) + 2) + "|"
    for row in workloads:
        cells = [cell(row, name) for name in columns] + [f"{row['copy_us']:.1f}" if "copy_us" in row else "" for _ in copies]
        yield f"| {row['workload'].replace(' ', '&nbsp;')} | {' | '.join(cells)} | {row['floor_us']:.1f} | {_noise(row)} |"
    behind = list(_behind(workloads))
    yield ""
    yield f"**Where peers are better**, by more than {NOISE:.0%}:"
    yield ""
    yield from (f"- {line}" for line in behind or ("nowhere in this table",))
    yield ""
    yield from _speeds(workloads, columns)
    yield from _failures(workloads)
    yield from _quality(workloads)
    if "upstream" in found:
        yield f"`upstream` is helion {found['upstream']}."
    yield "Measured by " + ", ".join(f"`{command}`" for command in found["commands"]) + "."
    for one in found.get("earlier", ()):
        yield f"The run ended before {' and '.join(one['workloads'])}: of an earlier one, by `{one['command']}`."


def _machine(found: Mapping[str, Any]) -> str:
    """What a file tells of the driver, the clocks and the commit: older ones tell nothing."""
    said: list[str] = []
    if "driver" in found:
        said.append(f"driver {found['driver']}")
    clocks: Mapping[str, int] = found.get("clocks_mhz", {})
    for name, words in (("sm", "multiprocessors"), ("memory", "memory")):
        if name in clocks:
            most = f" of {clocks['max_' + name]:,}" if f"max_{name}" in clocks else ""
            said.append(f"{words} at {clocks[name]:,}{most} MHz")
    if "commit" in found:
        said.append(f"commit `{found['commit'][:10]}`" + (" with changes" if found["commit"].endswith("-dirty") else ""))
    return "".join(f", {one}" for one in said)


def _noise(row: Mapping[str, Any]) -> str:
    return f"{max(row['noise'].values()):.1%}" if row.get("noise") else ""


def cell(row: Mapping[str, Any], name: str) -> str:
    if name in row["failed"] or name not in row["us"]:
        return "failed" if name in row["failed"] else ""
    time = f"{row['us'][name]:.1f}"
    return f"**{time}**" if time == f"{min(row['us'].values()):.1f}" else time


def _speeds(workloads: list[Mapping[str, Any]], columns: list[str]) -> Iterator[str]:
    """What the times are worth: bytes or FLOP a second, and the share of what the machine does at most."""
    told = [row for row in workloads if "achieved" in row]
    if not told:
        return
    yield "**The same as speeds**, with the share of the measured ceiling (a large copy, a large product):"
    yield ""
    yield f"| kernel | unit | {' | '.join(columns)} |"
    yield "|---|---" + "|---:" * len(columns) + "|"
    for row in told:
        cells = [f"{row['achieved'][n]:,.0f} ({row['of_floor'][n]:.0%})" if n in row["achieved"] else "" for n in columns]
        yield f"| {row['workload'].replace(' ', '&nbsp;')} | {row['unit']} | {' | '.join(cells)} |"
    yield ""


def _failures(workloads: list[Mapping[str, Any]]) -> Iterator[str]:
    found = [(row["workload"], name, reason) for row in workloads for name, reason in row["failed"].items()]
    if found:
        yield "**What failed**, and with which words:"
        yield ""
        yield from (f"- {workload}, {name}: `{reason.replace('`', chr(39))}`" for workload, name, reason in found)
        yield ""


def _quality(workloads: list[Mapping[str, Any]]) -> Iterator[str]:
    """How near tuning came to the best of ours in the same run."""
    tuned = [row for row in workloads if all(name in row["us"] for name in OURS)]
    if tuned:
        apart = [row["us"]["tuned"] / min(row["us"][name] for name in OURS) - 1 for row in tuned]
        seconds = [row["seconds"]["tuned"] for row in tuned]
        yield f"Tuning took {min(seconds):.0f} to {max(seconds):.0f} s a kernel. It ended within 3% of the best that is known of ours in"
        yield f"{sum(one <= 0.03 for one in apart)} of {len(apart)} rows, {statistics.median(apart):.1%} behind it in the median."
        yield ""
    yield from _soon([row for row in workloads if row.get("curve")])


def _soon(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """How long each tuning took to come near its own best, of those whose way there was kept."""
    if not rows:
        return
    near = {row["workload"]: seconds_until_near(row["curve"]) for row in rows}
    median = statistics.median(near.values())
    yield f"Seconds until a tuning was within {NEAR:.0%} of the best time that it measured, {median:.0f} in the median:"
    yield ""
    yield from plot_link("tuning", "The best time so far over that of the end, as each tuning went on")
    yield "| kernel | s | its first time, µs | its best, µs |"
    yield "|---|---:|---:|---:|"
    for row in rows:
        first, best = row["curve"][0][1], row["curve"][-1][1]
        yield f"| {row['workload'].replace(' ', '&nbsp;')} | {near[row['workload']]:.1f} | {first:.1f} | {best:.1f} |"
    yield ""


def seconds_until_near(curve: list[list[float]]) -> float:
    """Of `[seconds, µs]` of a best that came down, when it was first within `NEAR` of the last."""
    return next(seconds for seconds, us in curve if us <= curve[-1][1] * (1 + NEAR))


def _behind(workloads: list[Mapping[str, Any]]) -> Iterator[str]:
    for row in workloads:
        ours = [row["us"][name] for name in OURS if name in row["us"]]
        peers = {name: time for name, time in row["us"].items() if name not in OURS}
        if not ours:
            yield f"{row['workload']}: ours gave no result"
        elif peers:
            best = min(peers, key=lambda name: peers[name])
            if min(ours) > peers[best] * (1 + NOISE):
                ratio = min(ours) / peers[best]
                yield f"{row['workload']}: {best} takes {peers[best]:.1f} µs, ours {min(ours):.1f} µs ({ratio:.2f} times as long)"
