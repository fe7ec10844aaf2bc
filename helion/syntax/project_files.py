"""A file and the name of a module that it imports in, the module's file out where the project has it; nothing is imported or run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from helion.source import SourceFile
from helion.syntax.names import read_names
from helion.syntax.parse import parse_module
from helion.syntax.tree import ModuleSyntax

_ROOTS = ("pyproject.toml", "setup.py", ".git")
_MOST_FOLDERS = 8
# Modules that are imported where what they define must be known, and so never read as files of a project.
LIBRARIES = frozenset({"torch", "math", "helion", "operator", "typing", "functools", "collections", "triton", "numpy", "itertools"})
_MOST_BYTES = 1 << 20


def module_file(importer: str, module: str) -> Path | None:
    """`pkg/ops.py` of `pkg.ops`, looked for in the importer's folder and those above it up to the project's; leading dots are relative."""
    path = Path(importer)
    if not path.is_absolute():
        return None
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


def parsed_file(path: Path) -> ModuleSyntax | None:
    """The syntax of a file that is whole; None where it cannot be read, is no UTF-8, is very long or does not parse."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        module = parse_module(SourceFile.read(path))
    except (OSError, UnicodeDecodeError):
        return None
    return None if module.diagnostics else module


def files_behind(module: ModuleSyntax, parsed: Callable[[Path], ModuleSyntax | None] = parsed_file) -> tuple[Path, ...]:
    """The files whose functions and constants a module's own names stand for, through as many imports as it takes. Of a file only what
    is asked of it is followed, so that a name does not lead through a whole project."""
    found: dict[Path, None] = {}
    waiting = [(module, name) for name in module.imports]
    seen: set[tuple[str, str]] = set()
    while waiting:
        holder, name = waiting.pop()
        if (holder.file.path, name) in seen:
            continue
        seen.add((holder.file.path, name))
        imported = holder.imports.get(name)
        if imported is not None:
            if imported.attribute is None or imported.module.partition(".")[0] in LIBRARIES:
                continue
            path = module_file(holder.file.path, imported.module)
            if path is None:
                continue
            found[path] = None
            target = None if str(path) == module.file.path else parsed(path)
            if target is not None:
                waiting.append((target, imported.attribute))
        elif name in holder.functions:
            waiting.extend((holder, inner) for inner in sorted(read_names([holder.functions[name].node])))
        elif name in holder.constants:
            waiting.extend((holder, inner) for inner in sorted(read_names([holder.constants[name]])))
    return tuple(sorted(found))
