"""What `benchmarks.real_sizes` wrote in, the page of what examples' kernels take of each GPU out, with a reason for each that spills."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
TARGETS = ("sm_80", "sm_90", "sm_100", "gfx950")
# In the words of Triton.
_NO_E4M3 = "type fp8e4nv not supported"

Row = Mapping[str, Any]


def compiled_examples_page() -> str:
    """Raises ValueError where a kernel that spills has no reason, or a reason no such kernel."""
    found = json.loads((RESULTS / "real_sizes.json").read_text(encoding="utf-8"))
    rows: Sequence[Row] = found["kernels"]
    reasons = reasons_of(rows, json.loads((RESULTS / "spill_reasons.json").read_text(encoding="utf-8")))
    spilling = [row for row in rows if row.get("spills")]
    failed = [row for row in rows if "failed" in row]
    clean = len(rows) - len(spilling) - len(failed)
    lines = [
        "# Compiled examples",
        "",
        "Written by `python -m docs.generate` from `benchmarks/results/real_sizes.json`: every kernel that an example's `main()` calls, at",
        "the sizes that it has on a GPU and with the config that it gets without tuning, compiled for four targets on a machine without",
        f"any of them; torch {found['torch']}, triton {found['triton']}, `{found['command']}`.",
        "",
        f"Of {len(rows)} kernels {clean} hold everything in registers, {len(spilling)} spill some, and {len(failed)} do not compile.",
        "",
        "## What spills, and why",
        "",
        "Registers of a thread that are spilled; the instructions of the machine code that touch local memory, of these in loops, and all",
        "instructions of the shortest loops around them. A branch back is taken for a loop, also one of a wait on Blackwell.",
        "",
        "| kernel | arguments | target | spilled | accesses | in loops | of instructions |",
        "|---|---|---|---:|---:|---:|---:|",
        *(_spill(row) for row in spilling),
        "",
        *(f"- **{', '.join(kernels)}** ({', '.join(targets)}): {why}" for kernels, targets, why in reasons),
        "",
        "## What does not compile",
        "",
        *_failures(failed),
        "",
        "## All kernels",
        "",
        "Registers of a thread, and what a program takes of shared memory in kB.",
        "",
        f"| kernel | arguments | {' | '.join(TARGETS)} |",
        "|---" * (2 + len(TARGETS)) + "|",
        *_all(rows),
    ]
    return "\n".join(lines) + "\n"


def reasons_of(rows: Sequence[Row], listed: Sequence[Row]) -> list[tuple[list[str], list[str], str]]:
    """The listed reasons as kernels, targets and words. Raises ValueError unless they are for what spills, and for nothing else."""
    spilling = {(row["kernel"], row["target"]) for row in rows if row.get("spills")}
    explained = {(kernel, target) for one in listed for kernel in one["kernels"] for target in one["targets"]}
    unexplained, idle = spilling - explained, explained - spilling
    if unexplained or idle:
        raise ValueError(f"spill without a reason in spill_reasons.json: {sorted(unexplained)}; do not spill: {sorted(idle)}")
    return [(one["kernels"], one["targets"], one["why"]) for one in listed]


def _spill(row: Row) -> str:
    local = row["local_memory"]
    counts = f"{row['spills']} | {local['accesses']} | {local['in_loops']} | {local['loop_instructions'] or ''}"
    return f"| {row['kernel']} | `{row['arguments']}` | {row['target']} | {counts} |"


def _failures(failed: Sequence[Row]) -> Iterator[str]:
    lacking = list(dict.fromkeys(row["kernel"] for row in failed if row["target"] == "sm_80" and _NO_E4M3 in row["failed"]))
    if lacking:
        yield f"- sm_80 has no 8-bit floats with 4 bits of exponent: {', '.join(lacking)}"
    for row in failed:
        if row["target"] != "sm_80" or _NO_E4M3 not in row["failed"]:
            yield f"- {row['kernel']} `{row['arguments']}`, {row['target']}: {row['failed']}"


def _all(rows: Sequence[Row]) -> Iterator[str]:
    calls: dict[tuple[str, ...], dict[str, list[Row]]] = {}
    for row in rows:
        calls.setdefault((row["kernel"], row["arguments"]), {}).setdefault(row["target"], []).append(row)
    for (kernel, arguments), found in calls.items():
        cells = [", ".join(dict.fromkeys(_taken(row) for row in found.get(target, ()))) for target in TARGETS]
        yield f"| {kernel} | `{arguments}` | {' | '.join(cells)} |"


def _taken(row: Row) -> str:
    return "none" if "failed" in row else f"{row['registers']}; {-(-row['shared_memory'] // 1000)}"
