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
    yield "|---|---|---|---|---|"
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
    yield from (f"- {line}" for line in found["behind"] or ("nothing in this table",))


def peers_table(found: Mapping[str, Any]) -> Iterator[str]:
    """A row a server: what all of them do, on the same file, in one run."""
    yield f"Beside Python language servers, on `{found['file']}` in one run of `{found['command']}`, {found['date']}, load {found['load']}:"
    yield "median / 95 % in ms."
    yield ""
    columns = ("server", "start", "open to diagnostics", "hover", "key to diagnostic", "hover behind an edit", "completion", "memory, MB")
    yield f"| {' | '.join(columns)} | what it says of `acc` |"
    yield "|---" * (len(columns) + 1) + "|"
    for name, server in found["servers"].items():
        if server.get("missing"):
            continue
        names = ("spawn_to_initialize", "open_to_first_diagnostics", "hover", "edit_to_undefined_name", "hover_after_edit", "completion")
        times = [_pair(server[n]) if n in server else "" for n in names]
        says = _first_words(server.get("said_of_acc", ""))
        yield f"| {name} {_number(server['version'])} | {' | '.join(times)} | {server['memory_mb']['pss']:.0f} | {says} |"


def _number(version: str) -> str:
    return "" if version == "this project" else next((word for word in version.split() if word[:1].isdigit()), version)


def _pair(times: Mapping[str, float]) -> str:
    return f"{_ms(times['p50'])} / {_ms(times['p95'])}"


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _first_words(said: str) -> str:
    """The first line that is no fence, as code."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("```")]
    first = lines[0].split(" · ")[0].strip("`") if lines else ""
    return f"`{first}`" if first else ""
