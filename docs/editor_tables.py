"""What benchmarks/lsp measured in, tables of it out; adds no number of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "spawn_to_initialize": "start of the process to its first answer",
        "front_while_worker_imports": "any request while torch is imported",
        "hover": "hover",
        "hover_after_edit": "hover right behind an edit",
        "edit_to_syntax": "key to a syntax error",
        "edit_to_host_device": "key to a host or device error",
        "edit_to_shapes": "key to a shape error",
        "edit_to_shapes_attention": "key to a shape error, attention",
        "pause_to_decisions_matmul": "pause to the compiler's decisions, matmul",
        "pause_to_decisions_attention": "pause to the compiler's decisions, attention",
        "preview_matmul": "edit to the new Triton, matmul",
        "preview_attention": "edit to the new Triton, attention",
        "completion": "completion",
        "key_to_completions": "key to its completions, in broken text",
        "definition": "definition",
        "semantic_tokens": "semantic tokens",
        "front_beside_busy_worker": "any request while the worker is busy",
        "cancel_to_processes_gone": "cancelled tuning to no process left",
        "kill_to_next_hover": "killed worker to the next hover",
        "kill_to_fresh_analysis": "killed worker to a fresh diagnostic",
    }
)


def latency_table(found: Mapping[str, Any]) -> Iterator[str]:
    """A row a measure, with its goals, and what is behind them."""
    long_file, goals = found["long_file"], found["goals_ms"]
    yield "| what | median, ms | 95 %, ms | goal | in 2,000 lines, 40 kernels |"
    yield "|---|---:|---:|---|---:|"
    for name, words in MEASURES.items():
        times, long = found[name], long_file.get(name)
        goal = ", ".join(f"{share} ≤ {value:g}" for share, value in goals.get(name, {}).items())
        in_long = f"{_ms(long['p50'])} / {_ms(long['p95'])}" if long else ""
        yield f"| {words} | {_ms(times['p50'])} | {_ms(times['p95'])} | {goal} | {in_long} |"
    memory, with_previews = found["memory_mb"]["pss"], found["memory_with_previews_mb"]["pss"]
    yield ""
    yield f"Memory of all processes, shared pages counted once: {memory:.0f} MB, and {with_previews:.0f} MB when previews have been"
    yield f"shown (goal {found['memory_goal_mb']} MB). In the long file the goals are twice those."
    yield ""
    yield "**Behind its goal:**"
    yield ""
    yield from (f"- {_in_words(line)}" for line in found["behind"] or ("nothing in this table",))


def _in_words(behind: str) -> str:
    """A line of the measurements with the table's words for what it names."""
    where = ", in 2,000 lines" if behind.startswith("long_file ") else ""
    name, _, rest = behind.removeprefix("long_file ").partition(" ")
    return f"{MEASURES[name]}{where}, {rest}" if name in MEASURES else behind


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
