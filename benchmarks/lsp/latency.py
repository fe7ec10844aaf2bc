"""What our server promises, measured over a raw connection: starting, hovers, edits, previews, commands, failures, memory, a long file.

python -m benchmarks.lsp.latency [--output benchmarks/results/lsp_latency.json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.lsp.connection import Connection
from benchmarks.lsp.editing import OpenDocument, hover_after_edit, to_code, to_undefined_name, warm_hovers
from benchmarks.lsp.failures import cancelled_tuning, front_beside_a_busy_worker, killed_worker
from benchmarks.lsp.places import milliseconds, place_of
from benchmarks.lsp.requests import completion_while_typing, request_times

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
OURS = (sys.executable, "-m", "helion_lsp")
HOVERS = 200
EDITS = 60
PREVIEWS = 20
STARTS = 5
GOALS_MS: dict[str, dict[str, float]] = {
    "spawn_to_initialize": {"p50": 450},
    "front_while_worker_imports": {"max": 20},
    "hover": {"p50": 0.5, "p95": 2},
    "hover_after_edit": {"p50": 10, "p95": 25},
    "edit_to_syntax": {"p50": 8, "p95": 20},
    "edit_to_host_device": {"p50": 8, "p95": 20},
    "edit_to_shapes": {"p50": 15, "p95": 40},
    "pause_to_decisions_matmul": {"p50": 150},
    "pause_to_decisions_attention": {"p50": 500},
    "preview_matmul": {"p50": 150},
    "preview_attention": {"p50": 600},
    "completion": {"p95": 10},
    "definition": {"p95": 5},
    "semantic_tokens": {"p95": 5},
    "front_beside_busy_worker": {"p99": 10},
    "cancel_to_processes_gone": {"p50": 150},
    "kill_to_next_hover": {"p50": 5},
    "kill_to_fresh_analysis": {"p50": 1000},
}
MEMORY_GOAL_MB = 520
LONG_FILE = {"lines": 2000, "kernels": 40, "times_the_goals": 2}
PAUSE_SECONDS = 0.12  # what the server waits after the last key before the later stages look at the text

MATMUL_HOVERS = ("acc = ", "tile_m, tile_n in", "x[tile_m", "out = ")
WRONG = {
    "edit_to_syntax": ("value = (", "syntax-error"),
    "edit_to_host_device": ("m = 1", "host-variable-modified-on-device"),
    "edit_to_shapes": ("acc = acc + x[tile_n, tile_m]", "shape-mismatch"),
}
WRONG_IN_ATTENTION = WRONG | {
    "edit_to_host_device": ("m_dim = 1", "host-variable-modified-on-device"),
    "edit_to_shapes": ("acc = hl.dot(q, q)", "dot-shape-mismatch"),
}


def capabilities() -> dict[str, Any]:
    return {"window": {"workDoneProgress": True}, "workspace": {"applyEdit": True, "workspaceFolders": True}}


def usual_environment() -> dict[str, str]:
    """This process's, but modules are compiled once, as they are wherever nobody has switched that off."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


async def started(options: dict[str, Any] | None = None) -> tuple[Connection, float]:
    """Our server, initialized, and the seconds that took."""
    began = time.perf_counter()
    connection = await Connection.start(OURS, usual_environment())
    await connection.initialize(EXAMPLES.as_uri(), options or {}, capabilities())
    return connection, time.perf_counter() - began


def example(connection: Connection, name: str) -> OpenDocument:
    path = EXAMPLES / f"{name}.py"
    document = OpenDocument(connection, path.as_uri(), path.read_text(encoding="utf-8"))
    connection.open(document.uri, document.text)
    return document


async def settled(document: OpenDocument) -> None:
    """Wait until the document's analysis is there and nothing is under way."""
    await document.connection.until_state("ready")
    where = place_of(document.text, "acc = ")
    while await document.connection.request("textDocument/hover", {**document.identity, "position": where}) is None:
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.0)


async def starts() -> dict[str, Any]:
    """After one that writes what is compiled."""
    times: list[float] = []
    await (await started())[0].end()
    for _ in range(STARTS):
        connection, seconds = await started()
        times.append(seconds)
        await connection.end()
    return {"spawn_to_initialize": milliseconds(times)}


async def while_worker_imports(connection: Connection, document: OpenDocument) -> list[float]:
    """Seconds of a request that needs no worker, over and over until the worker is ready."""
    times: list[float] = []
    while "ready" not in connection.states:
        seconds, _ = await connection.timed("textDocument/foldingRange", document.identity)
        times.append(seconds)
        await asyncio.sleep(0.01)
    return times


async def pauses(document: OpenDocument, before: str, rounds: int) -> list[float]:
    """Seconds after the pause until what the compiler decided of the edited kernel is published; decisions are shown."""
    times: list[float] = []
    first = place_of(document.text, before)["line"]
    with document.inserted_line(before) as put:
        for count in range(rounds):
            began = time.perf_counter()
            put(f"value = {count}.0")
            arrived = await document.connection.until_published(
                lambda params: (
                    params["uri"] == document.uri
                    and params.get("version") == document.version
                    and any(d["severity"] >= 3 and first - 12 < d["range"]["start"]["line"] <= first + 1 for d in params["diagnostics"])
                )
            )
            times.append(arrived - began - PAUSE_SECONDS)
    return times


async def previews(document: OpenDocument, kernel: str, before: str) -> list[float]:
    """Seconds of the generated Triton right behind an edit."""
    times: list[float] = []
    with document.inserted_line(before) as put:
        for count in range(PREVIEWS):
            put(f"value = {count}")
            params = {"uri": document.uri, "kernel": kernel, "kind": "triton"}
            seconds, answer = await document.connection.timed("helion/preview", params)
            assert "@triton.jit" in answer["text"], answer["text"]
            times.append(seconds)
    return times


async def long_file(connection: Connection) -> dict[str, Any]:
    """Forty kernels in two thousand lines."""
    text = (EXAMPLES / "matmul.py").read_text(encoding="utf-8")
    start = text.index("@helion.kernel")
    kernel = text[start : text.index("@helion.kernel", start + 1)]
    filler = "".join(f"# {'-' * 60} {n}\n" for n in range(42))
    text += "".join(kernel.replace("def matmul", f"def matmul_{n}") + filler for n in range(37))
    document = OpenDocument(connection, (EXAMPLES / "not_saved_long.py").as_uri(), text)
    assert text.count("\n") >= LONG_FILE["lines"]
    assert text.count("@helion.kernel") >= LONG_FILE["kernels"]
    connection.open(document.uri, text)
    await settled(document)
    await asyncio.sleep(4.0)
    found = {"hover": await warm_hovers(document, MATMUL_HOVERS, HOVERS)}
    found |= {"hover_after_edit": await hover_after_edit(document, "out[tile_m, tile_n] = acc", "acc = ", EDITS)}
    found |= {name: await to_code(document, "out[tile_m, tile_n] = acc", *wrong, EDITS) for name, wrong in WRONG.items()}
    found |= await request_times(connection, document.uri, text)
    connection.close(document.uri)
    return {name: milliseconds(times) for name, times in found.items()}


async def measure() -> dict[str, Any]:
    found: dict[str, Any] = await starts()
    began = time.perf_counter()
    connection, _ = await started()
    matmul = example(connection, "matmul")
    found["front_while_worker_imports"] = milliseconds((await while_worker_imports(connection, matmul))[1:])
    found["spawn_to_ready_ms"] = round((time.perf_counter() - began) * 1000, 1)
    await settled(matmul)
    out = "out[tile_m, tile_n] = acc"
    found["hover"] = milliseconds(await warm_hovers(matmul, MATMUL_HOVERS, HOVERS))
    found |= {name: milliseconds(times) for name, times in (await request_times(connection, matmul.uri, matmul.text)).items()}
    found["hover_after_edit"] = milliseconds(await hover_after_edit(matmul, out, "acc = ", EDITS))
    found["edit_to_undefined_name"] = milliseconds(await to_undefined_name(matmul, out, EDITS))
    for name, wrong in WRONG.items():
        found[name] = milliseconds(await to_code(matmul, out, *wrong, EDITS))
    found["key_to_completions"] = milliseconds(await completion_while_typing(connection, matmul.uri, matmul.text, matmul.version))
    connection.close(matmul.uri)
    attention = example(connection, "attention")
    await settled(attention)
    for name, wrong in WRONG_IN_ATTENTION.items():
        found[f"{name}_attention"] = milliseconds(await to_code(attention, "acc = torch.baddbmm", *wrong, EDITS))
    found["front_beside_busy_worker"] = milliseconds(await front_beside_a_busy_worker(attention, "acc = torch.baddbmm", 10.0))
    found["memory_mb"] = connection.memory_mb()
    found["preview_attention"] = milliseconds(await previews(attention, "attention", "acc = torch.baddbmm"))
    matmul = example(connection, "matmul")
    await settled(matmul)
    found["preview_matmul"] = milliseconds(await previews(matmul, "matmul", out))
    found["memory_with_previews_mb"] = connection.memory_mb()
    found["long_file"] = await long_file(connection)
    await connection.request("workspace/executeCommand", {"command": "helion.toggleDecisions", "arguments": []})
    found["pause_to_decisions_matmul"] = milliseconds(await pauses(matmul, out, PREVIEWS))
    found["pause_to_decisions_attention"] = milliseconds(await pauses(attention, "acc = torch.baddbmm", PREVIEWS))
    found["cancel_to_processes_gone"] = milliseconds(await cancelled_tuning(connection, matmul.uri, "matmul", 5))
    killed = await killed_worker(matmul, out, "acc = ", 5)
    found |= {f"kill_to_{name}": milliseconds(times) for name, times in killed.items()}
    await connection.end()
    return found


def behind(found: dict[str, Any]) -> list[str]:
    """The goals that were not met, in words."""
    said = [
        f"{prefix}{name} {share}: {times[share]} ms, the goal is {goal * factor} ms"
        for prefix, part, factor in (("", found, 1), ("long_file ", found.get("long_file", {}), LONG_FILE["times_the_goals"]))
        for name, goals in GOALS_MS.items()
        for share, goal in goals.items()
        if (times := part.get(name)) is not None and times[share] > goal * factor
    ]
    memory = found.get("memory_mb", {}).get("pss", 0)  # the workers share most pages with the process that they were forked off
    return [*said, f"memory: {memory} MB, the goal is {MEMORY_GOAL_MB} MB"] if memory > MEMORY_GOAL_MB else said


def environment(command: str) -> dict[str, str]:
    """What a table of results needs beside the numbers; `load` is that of the minute before."""
    machine = f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, Python {platform.python_version()}"
    date = datetime.now(tz=UTC).date().isoformat()
    return {"command": command, "date": date, "machine": machine, "load": f"{psutil.getloadavg()[0]:.1f}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "lsp_latency.json")
    arguments = parser.parse_args()
    about = environment("python -m benchmarks.lsp.latency")
    found = asyncio.run(measure())
    results = {**about, "goals_ms": GOALS_MS, "memory_goal_mb": MEMORY_GOAL_MB, **found, "behind": behind(found)}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
