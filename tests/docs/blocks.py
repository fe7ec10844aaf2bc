"""A page of the manual in, what its Python and shell blocks do when they are followed from top to bottom out; knows nothing of pytest.

All blocks of a page run in one folder, in order, without a GPU and with `HELION_INTERPRET=1` for Python:

- a `python` block is a script; one that is only lines of a kernel is marked and checked as the manual's other examples are;
- a `bash` block is a script that must succeed;
- of a `console` block the lines behind `$ ` are run, and what stands below one is what it prints; `...` stands for any lines.

A comment `<!-- MARK -->` on the line above a fence says otherwise. `not run: WHY` leaves the block alone, `file: NAME` saves it under that name
first, `part of a kernel` has it checked and not run, `exits with N` is what a console block's last command does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from docs.diagnostic_pages import findings

EXECUTED = ("python", "bash", "sh", "shell", "console")
SECONDS = 240
_FENCE = re.compile(
    r"^ *(?:<!-- (?P<mark>.+?) -->\n *)?(?P<ticks>```+)(?P<language>\w+)\n(?P<text>.*?)^ *(?P=ticks)$", re.MULTILINE | re.DOTALL
)
_MARK = re.compile(r"(?P<kind>not run|file|part of a kernel|exits with)(?:(?:: | )(?P<value>.+))?")


@dataclass(frozen=True)
class Block:
    """One fenced text; `line` is the 1-based line where its text begins."""

    page: str
    line: int
    language: str
    text: str
    kind: str | None
    value: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str, text: str) -> list[Block]:
    """Every fenced text with a language; a mark that means nothing, or not run without a reason, is an error of the page."""
    found = list[Block]()
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        mark = None if match["mark"] is None else _MARK.fullmatch(match["mark"])
        if match["mark"] is not None and (mark is None or (mark["value"] is None) != (mark["kind"] == "part of a kernel")):
            raise ValueError(f"{page}:{line}: cannot read the mark `{match['mark']}`")
        found.append(Block(page, line, match["language"], dedent(match["text"]), mark and mark["kind"], (mark and mark["value"]) or ""))
    return found


def problems(blocks: list[Block], folder: Path) -> Iterator[str]:
    """What goes wrong when a page is followed in `folder`."""
    for block in blocks:
        if block.language not in EXECUTED or block.kind == "not run":
            continue
        if block.kind == "part of a kernel":
            yield from (f"{block.where}: {found.message()}" for found in findings(block.text))
        elif block.language == "python":
            name = block.value if block.kind == "file" else f"block_{block.line}.py"
            (folder / name).write_text(block.text, encoding="utf-8")
            yield from _mismatch(block, folder, f"HELION_INTERPRET=1 python {name}", None, 0)
        elif block.language == "console":
            yield from _console(block, folder)
        else:
            yield from _mismatch(block, folder, block.text, None, 0)


def _console(block: Block, folder: Path) -> Iterator[str]:
    first, *rest = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    if first.strip() or not rest:
        yield f"{block.where}: a console block begins with `$ ` and a command"
    for number, part in enumerate(rest, 1):
        command, _, output = part.partition("\n")
        exit_code = int(block.value) if block.kind == "exits with" and number == len(rest) else 0
        yield from _mismatch(block, folder, command, output or None, exit_code)


def _mismatch(block: Block, folder: Path, command: str, output: str | None, exit_code: int) -> Iterator[str]:
    found = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if found.returncode != exit_code:
        yield f"{block.where}: `{command.strip()}` exited with {found.returncode} instead of {exit_code}:\n{found.stdout}"
    elif output is not None and not _expected(output).fullmatch(_stripped(found.stdout)):
        yield f"{block.where}: `{command.strip()}` printed\n{found.stdout}instead of\n{output}"


def _expected(output: str) -> re.Pattern[str]:
    """`...` on a line of its own stands for any number of lines."""
    lines = _stripped(output).split("\n")
    return re.compile(
        "".join(r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) + "\n" for line in lines).removesuffix("\n") + r"\n?"
    )


def _stripped(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n")) + "\n"


def _environment(folder: Path) -> dict[str, str]:
    """This Python first, no settings of the outer session, no GPU, and caches of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HELION_", "TRITON_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "PATH": path, "CUDA_VISIBLE_DEVICES": "", "HELION_CACHE_DIR": str(folder / ".cache"), "TERM": "dumb", "COLUMNS": "140"}
