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


# The measures of benchmarks/lsp/peers.py; a server without one has it left empty.
_SHARED: Mapping[str, str] = MappingProxyType(
    {
        "spawn_to_initialize": "start to first answer",
        "open_to_first_diagnostics": "open to first diagnostic",
        "hover": "hover",
        "hover_after_edit": "hover behind an edit",
        "edit_to_undefined_name": "key to undefined name",
        "completion": "completion",
    }
)


def peers_table(found: Mapping[str, Any]) -> Iterator[str]:
    """A row a server; then what each says of the same variable."""
    servers: Mapping[str, Any] = found["servers"]
    yield f"| server | {' | '.join(_SHARED.values())} | memory, MB | load |"
    yield "|---|" + "---:|" * (len(_SHARED) + 2)
    for name, times in servers.items():
        if "missing" in times or "failed" in times:
            why = "not installed" if "missing" in times else times["failed"]
            yield f"| {name} | {why} |{' |' * (len(_SHARED) + 1)}"
            continue
        cells = [f"{_ms(times[m]['p50'])} / {_ms(times[m]['p95'])}" if m in times else "" for m in _SHARED]
        version = "" if name == "helion" else f" {times['version'].split()[-1]}"
        yield f"| {name}{version} | {' | '.join(cells)} | {times['memory_mb']['pss']:.0f} | {times['load']} |"
    yield ""
    yield "What each says of `acc`, the accumulator of the loop, in its first line:"
    yield ""
    yield from (f"- {name}: {_first_line(times['said_of_acc'])}" for name, times in servers.items() if "said_of_acc" in times)


def _first_line(markdown: str) -> str:
    """The first line that says something; what stands in a block of code as code."""
    lines = [line for line in markdown.splitlines() if line.strip() and not line.startswith("```")]
    said = lines[0] if lines else "nothing"
    return said if said.startswith("`") else f"`{said}`"


def _in_words(behind: str) -> str:
    """A line of the measurements with the table's words for what it names."""
    where = ", in 2,000 lines" if behind.startswith("long_file ") else ""
    name, _, rest = behind.removeprefix("long_file ").partition(" ")
    return f"{MEASURES[name]}{where}, {rest}" if name in MEASURES else behind


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
