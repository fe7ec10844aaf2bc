"""Paths in, source files out; needs neither torch nor the compiler."""

from __future__ import annotations

from pathlib import Path

from helion.cli.exit_codes import NOT_FOUND
from helion.cli.failure import failure
from helion.source import SourceFile


def read_file(path: str) -> SourceFile:
    """The text of a file. Raises Failure."""
    try:
        return SourceFile.read(path)
    except OSError as problem:
        raise failure("no-such-file", f"`{path}` cannot be read: {problem.strerror}", NOT_FOUND) from problem
    except UnicodeDecodeError as problem:
        raise failure("not-text", f"`{path}` is not text in the encoding that it declares: {problem.reason}", NOT_FOUND) from problem


def python_files(paths: tuple[str, ...]) -> list[str]:
    """The Python files named, and those in the folders named; nothing hidden, and no virtual environment."""
    found: list[str] = []
    for path in map(Path, paths):
        found.extend(str(p) for p in sorted(path.rglob("*.py")) if _is_own(p.relative_to(path))) if path.is_dir() else found.append(
            str(path)
        )
    return found


def _is_own(inside: Path) -> bool:
    return not any(part.startswith(".") or part in ("__pycache__", "node_modules", "site-packages") for part in inside.parts)


def split_name(name: str) -> tuple[str, str | None]:
    """`FILE::kernel` or `FILE`."""
    path, separator, kernel = name.partition("::")
    return path, kernel if separator else None
