"""Installed packages in, what goes wrong when kernels mixed into their files are locked and unlocked out: `python -m tests.codemods.corpus torch`.

Every Python file of the packages gets a kernel of a spelling drawn for it, at its end and before one of its own top-level statements. Each
kernel is locked for two devices, each lock is changed once, and all are unlocked. Nothing but the kernels' decorators may change.
"""

from __future__ import annotations

import ast
import importlib.util
import random
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from helion_codemods.commands.lock import lock_config
from helion_codemods.commands.unlock import unlock
from helion_codemods.file_bytes import FileText, decoded
from helion_codemods.outcome import Refused

_SPELLINGS = (
    ("import helion", "@helion.kernel"),
    ("import helion as hx", "@hx.kernel()"),
    ("from helion import kernel as kx", "@kx(static_shapes=False)  # mixed in"),
    ("import helion", "@helion.jit(config=helion.Config(block_sizes=[16]))"),
    (
        "from helion import Config as Cx, kernel as kx",
        '@kx(\n    # above\n    configs={"sm_70": {"f32[1]": Cx(block_sizes=[1])}},  # behind\n)',
    ),
)
_LONG = {"block_sizes": [128, 256, 64], "indexing": ["tensor_descriptor"] * 6, "num_warps": 8, "pid_type": "persistent_interleaved"}
_PLACES = (("NVIDIA H200", "f32[16,16], bf16[4096,4096]"), ("sm_90", None))


@dataclass(frozen=True)
class Mixed:
    """A file with two kernels: `pieces` are its own text around them, `kernels` theirs."""

    path: Path
    pieces: tuple[str, str]
    kernels: tuple[str, str]

    @property
    def text(self) -> str:
        return self.pieces[0] + self.kernels[0] + self.pieces[1] + self.kernels[1]


def mixed(path: Path, rng: random.Random) -> Mixed | None:
    """None for a file that Python itself does not read, or that has names of ours."""
    file = _read(path)
    if file is None or "helion" in file.text:
        return None
    text = file.text if file.text.endswith(("\n", "\r")) or not file.text else file.text + "\n"
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    starts = [node.lineno - 1 for node in body if isinstance(node, ast.Assign | ast.If | ast.Import) and node.col_offset == 0]
    # `ast` counts lines as Python does, `splitlines` knows more line ends; a file where the two differ gets its kernels at the end.
    at = rng.choice(starts) if starts and len(lines) == len(text.split("\n")) - 1 and "\\\n" not in text else len(lines)
    kernels = tuple(_kernel(name, rng).replace("\n", newline) for name in ("first_mixed_in", "second_mixed_in"))
    return Mixed(path, ("".join(lines[:at]), "".join(lines[at:])), (kernels[0], kernels[1]))


def _kernel(name: str, rng: random.Random) -> str:
    imported, decorator = rng.choice(_SPELLINGS)
    return f"{imported}\n\n\n{decorator}\ndef {name}(x):\n    return x\n"


def _read(path: Path) -> FileText | None:
    try:
        return decoded(path.read_bytes())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


def problems(file: Mixed) -> Iterator[str]:
    """What is not as it should be after locking, locking anew and unlocking."""
    try:
        before = ast.dump(bare(ast.parse(file.text)))
    except (SyntaxError, ValueError):
        return
    text = file.text
    for config in ({"block_sizes": [64]}, _LONG):
        for name in ("first_mixed_in", "second_mixed_in"):
            for device, signature in _PLACES:
                outcome = lock_config(text, name, device=device, signature=signature, config=config)
                if isinstance(outcome, Refused):
                    yield f"{name} was refused: {outcome.reason}"
                    return
                text = outcome.text
                again = lock_config(text, name, device=device, signature=signature, config=config)
                if isinstance(again, Refused) or again.text != text:
                    yield f"{name}: a second run is not the same"
    yield from differences(file, text, before)
    for name in ("first_mixed_in", "second_mixed_in"):
        outcome = unlock(text, name)
        if isinstance(outcome, Refused):
            yield f"{name} cannot be unlocked: {outcome.reason}"
            return
        text = outcome.text
    if "block_sizes" in text[len(file.pieces[0]) :] and "block_sizes" not in file.pieces[1] and "config=" not in file.text:
        yield "locks are left"
    yield from differences(file, text, before)


def differences(file: Mixed, text: str, before: str) -> Iterator[str]:
    first, second = file.pieces
    if not text.startswith(first) or second not in text[len(first) :]:
        yield "text outside the kernels is another"
    if text.count("\r\n") != (
        text.count("\n") if "\r\n" in file.kernels[0] and "\n" not in file.text.replace("\r\n", "") else text.count("\r\n")
    ):
        yield "line ends are mixed"
    if ast.dump(bare(ast.parse(text))) != before:
        yield "the program is another"


def bare(tree: ast.Module) -> ast.Module:
    """The program with the kernels' decorators bare."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_mixed_in"):
            node.decorator_list = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return tree


def files_of(package: str) -> list[Path]:
    """The Python files of an installed package, or of a module."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed")
    return sorted(Path(found.origin).parent.rglob("*.py")) if found.submodule_search_locations else [Path(found.origin)]


def run(packages: Iterable[str]) -> int:
    """Print what went wrong, and the sums; the number of files with problems."""
    wrong = total = lines = 0
    start = time.perf_counter()
    for package in packages:
        for path in files_of(package):
            file = mixed(path, random.Random(str(path.name)))
            if file is None:
                continue
            total, lines = total + 1, lines + file.text.count("\n")
            found = list(problems(file))
            wrong += bool(found)
            for problem in found:
                print(f"{package}: {path.name}: {problem}")
    print(f"{total} files, {lines} lines, {wrong} with problems, {time.perf_counter() - start:.0f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(min(run(sys.argv[1:]), 1))
