"""A module's syntax in, the project's files that its names lead to out; nothing is imported or run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helion.syntax.module_files import LIBRARIES, module_file
from helion.syntax.names import read_names
from helion.syntax.parse import parse_module, whole_file
from helion.syntax.tree import ModuleSyntax


def parsed_file(path: Path) -> ModuleSyntax | None:
    """The syntax of a file; None where it cannot be read, is no UTF-8, is very long or does not parse."""
    return whole_file(path, parse_module)


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
