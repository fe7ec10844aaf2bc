"""Our server beside Python language servers: what all of them do, on the same file, one after the other in one run.

python -m benchmarks.lsp.peers [--bin FOLDER] [--only ty --only helion] [--output benchmarks/results/lsp_peers.json]

Peers are looked for in FOLDER and on the PATH (`pip install ty pyrefly basedpyright pyright ruff` into an environment of their own); one
that is not there is named as missing. With `--only` other servers keep what the file says of them, so a run can be done in parts; every
server is written down as soon as it is measured. Each resolves torch from the environment that runs this.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.lsp.connection import Connection
from benchmarks.lsp.editing import OpenDocument, hover_after_edit, to_undefined_name, warm_hovers
from benchmarks.lsp.latency import EXAMPLES, OURS, ROOT, capabilities, environment
from benchmarks.lsp.places import milliseconds, place_of
from helion.types.untyped import is_mapping

_LINK = re.compile(r"\[([^\]]*)\]\(file://[^)]*\)")
HOVERS = 200
EDITS = 100
COMPLETIONS = 20
STARTS = 3
SETTLE_SECONDS = 8.0
FILE = "attention.py"
ABOVE = "acc = torch.baddbmm"
HOVERED = ("acc = hl.zeros", "tile_m in hl.tile", "scores = hl.dot", "out = torch")


@dataclass(frozen=True)
class Server:
    """`hovers` says whether it hovers over code at all."""

    name: str
    command: tuple[str, ...]
    hovers: bool = True


SERVERS = (
    Server("helion", OURS),
    Server("ty", ("ty", "server")),
    Server("pyrefly", ("pyrefly", "lsp")),
    Server("basedpyright", ("basedpyright-langserver", "--stdio")),
    Server("pyright", ("pyright-langserver", "--stdio")),
    Server("ruff", ("ruff", "server"), hovers=False),
)


@dataclass(frozen=True)
class Project:
    """A folder with the one file and no settings but what makes Pyrefly report at all; `variables` are what servers see."""

    folder: Path
    variables: Mapping[str, str]


def project_in(folder: Path, programs: str | None) -> Project:
    """The interpreter that runs this is the project's."""
    shutil.copy(EXAMPLES / FILE, folder)
    (folder / "pyrefly.toml").touch()
    return Project(folder, variables(programs))


def variables(folder: str | None) -> dict[str, str]:
    path = os.pathsep.join((*([folder] if folder else ()), str(Path(sys.executable).parent), os.environ["PATH"]))
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": sys.prefix}


async def until_first_diagnostics(server: Server, project: Project) -> tuple[Connection, OpenDocument, dict[str, float]]:
    began = time.perf_counter()
    connection = await Connection.start(server.command, project.variables)
    await connection.initialize(project.folder.as_uri(), {}, capabilities())
    initialized = time.perf_counter()
    path = project.folder / FILE
    document = OpenDocument(connection, path.as_uri(), path.read_text(encoding="utf-8"))
    # With a fault in it: some servers say nothing of a file without.
    place = document.text.index(ABOVE)
    connection.open(document.uri, f"{document.text[:place]}value = undefined_at_first\n            {document.text[place:]}")
    arrived = await connection.until_published(
        lambda params: params["uri"] == document.uri and any("undefined_at_first" in d["message"] for d in params["diagnostics"])
    )
    where = place_of(document.text, ABOVE)
    document.replace(where, {"line": where["line"] + 1, "character": where["character"]}, "")
    return connection, document, {"spawn_to_initialize": initialized - began, "open_to_first_diagnostics": arrived - initialized}


async def _measured(server: Server, project: Project) -> dict[str, Any]:
    try:
        return await measure(server, project)
    except TimeoutError:
        return {"failed": "it did not say what was waited for"}


async def measure(server: Server, project: Project) -> dict[str, Any]:
    firsts: list[dict[str, float]] = []
    for _ in range(STARTS - 1):
        connection, _, times = await until_first_diagnostics(server, project)
        firsts.append(times)
        await connection.end()
    connection, document, times = await until_first_diagnostics(server, project)
    firsts.append(times)
    await asyncio.sleep(SETTLE_SECONDS)
    found: dict[str, Any] = {name: milliseconds([first[name] for first in firsts]) for name in times}
    if server.hovers:
        found["hover"] = milliseconds(await warm_hovers(document, HOVERED, HOVERS))
        found["said_of_acc"] = await said_of(document, "acc = hl.zeros")
    found["edit_to_undefined_name"] = milliseconds(await to_undefined_name(document, ABOVE, EDITS))
    if server.hovers:
        found["hover_after_edit"] = milliseconds(await hover_after_edit(document, ABOVE, HOVERED[0], EDITS))
        if times_of_completions := await completions(document):
            found["completion"] = milliseconds(times_of_completions)
    found["memory_mb"] = connection.memory_mb()
    await connection.end()
    return found


async def said_of(document: OpenDocument, words: str) -> str:
    """A hover's text, without links into this machine's files."""
    answer = await document.connection.request("textDocument/hover", {**document.identity, "position": place_of(document.text, words)})
    contents = answer["contents"]
    return _LINK.sub(r"\1", str(contents["value"] if is_mapping(contents) else contents)).strip()


async def completions(document: OpenDocument) -> list[float]:
    """Seconds of the completions behind `hl.`; none for a server that has none there."""
    times: list[float] = []
    asked = {**document.identity, "position": place_of(document.text, "hl.zeros", len("hl."))}
    await document.connection.request("textDocument/completion", asked)
    await asyncio.sleep(1.0)
    for _ in range(COMPLETIONS):
        seconds, answer = await document.connection.timed("textDocument/completion", asked)
        if answer:
            times.append(seconds)
    return times


def version(server: Server, project: Project) -> str | None:
    """None where it is not installed."""
    program = shutil.which(server.command[0], path=project.variables["PATH"])
    if program is None:
        return None
    if server.name == "helion":
        return "this project"
    asked = program.replace("-langserver", "")
    return (
        subprocess.run([asked, "--version"], capture_output=True, text=True, check=True, env=project.variables)
        .stdout.split("\n")[0]
        .strip()
    )


async def measure_all(project: Project, names: Collection[str], write: Callable[[str, dict[str, Any]], None]) -> None:
    """One server after the other; `write` is told of each."""
    for server in SERVERS:
        if server.name in names:
            number = version(server, project)
            found = {"missing": True} if number is None else {"version": number, **await _measured(server, project)}
            print(server.name, json.dumps(found), file=sys.stderr, flush=True)
            write(server.name, found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "lsp_peers.json")
    parser.add_argument("--bin", help="a folder with the peers' programs")
    names = [server.name for server in SERVERS]
    parser.add_argument("--only", action="append", choices=names, help="measure this server, others stay as they are in the file")
    arguments = parser.parse_args()
    output: Path = arguments.output
    servers: dict[str, Any] = {}
    if arguments.only and output.is_file():
        servers = json.loads(output.read_text(encoding="utf-8"))["servers"]

    def write(name: str, found: dict[str, Any]) -> None:
        servers[name] = {"load": environment("")["load"], **found}
        in_order = {known: servers[known] for known in names if known in servers}
        results = {**environment("python -m benchmarks.lsp.peers"), "file": f"examples/{FILE}", "servers": in_order}
        output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure_all(project_in(Path(folder), arguments.bin), arguments.only or names, write))


if __name__ == "__main__":
    main()
