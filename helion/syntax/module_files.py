"""A file and the name of a module that it imports in, the module's file out where the project has it; reads none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_ROOTS = ("pyproject.toml", "setup.py", ".git")
_MOST_FOLDERS = 8
# Modules that are imported where what they define must be known, and so never read as files of a project.
LIBRARIES = frozenset({"torch", "math", "helion", "operator", "typing", "functools", "collections", "triton", "numpy", "itertools"})


def module_file(importer: str, module: str) -> Path | None:
    """`pkg/ops.py` of `pkg.ops`, looked for in the importer's folder and those above it up to the project's; leading dots are relative."""
    path = Path(importer)
    if not path.is_absolute():
        if not path.is_file():
            return None  # a text of no file
        path = path.absolute()
    name = module.lstrip(".")
    level = len(module) - len(name)
    folders = [path.parents[level - 1]] if 0 < level <= len(path.parents) else list(_folders_above(path)) if level == 0 else []
    parts = name.split(".") if name else []
    for folder in folders:
        target = folder.joinpath(*parts)
        for candidate in (*([target.with_name(f"{target.name}.py")] if parts else []), target / "__init__.py"):
            if candidate.is_file() and candidate != path:
                return candidate
    return None


def _folders_above(path: Path) -> Iterator[Path]:
    for folder in path.parents[:_MOST_FOLDERS]:
        yield folder
        if any((folder / name).exists() for name in _ROOTS):
            return
