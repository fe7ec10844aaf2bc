"""What is under the cursor in, where it is defined, used and decided out, in offsets of the current text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helion.source import Span
from helion.syntax.namesakes import kernel_of_editor, namesakes
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion_lsp.features.entities import (
    ConfigEntry,
    Entity,
    Slots,
    controlled,
    entities_at,
    entities_of,
    entries_for,
    entries_of,
    entry_at,
)
from helion_lsp.features.view import View


@dataclass(frozen=True)
class Link:
    """`origin` is what was clicked, `target` the name to go to, `whole` what it is the name of."""

    origin: Span
    target: Span
    whole: Span


@dataclass(frozen=True)
class Occurrence:
    """`kind` is "definition", "read" or "config"."""

    span: Span
    kind: str


def definitions(module: ModuleSyntax, view: View | None, slots: Slots | None, offset: int) -> list[Link]:
    """The loop of a tile, the loop or access that a config entry controls, the functions that a parameter stands for, a kernel."""
    entry = entry_at(module, offset)
    if entry is not None:
        origin = entry.span if entry.span.touches(offset) else entry.key_span
        on_key = origin == entry.key_span
        found = [] if view is None else _controlled(entities_of(view, entry.kernel), entry, on_key=on_key)
        if found:
            return [Link(origin, e.definition, e.site) for e in found]
        places = [] if slots is None else slots.places(entry.key, None if on_key else entry.position)
        return [Link(origin, place, place) for place in places]
    for entity in [] if view is None else entities_at(view, offset):
        here = entity.names_at(offset)
        if here is not None:
            return [Link(here, entity.definition, entity.site)]
    return [*_function_parameters(module, offset), *_kernels(module, offset)]


def _controlled(entities: Sequence[Entity], entry: ConfigEntry, *, on_key: bool) -> list[Entity]:
    if on_key:
        return [e for e in entities if e.key == entry.key]
    return controlled(entities, entry)


def decided_by(module: ModuleSyntax, view: View, offset: int) -> list[Link]:
    """The other way: of a tile or a block size the config entries that say how long it is, of a device value the tiles of its shape."""
    for entity in entities_at(view, offset):
        here = entity.names_at(offset)
        kernel = kernel_of_editor(module, entity.kernel)
        if here is not None and kernel is not None:
            return [Link(here, e.span, e.span) for e in entries_for(list(entries_of(module, kernel)), entity)]
    return list(_tiles_of_shape(view, offset))


def _tiles_of_shape(view: View, offset: int) -> Iterator[Link]:
    found = view.kernel_at(offset)
    if found is None:
        return
    data, at = found
    for start, end, names in data.get("shapes", ()):
        origin = view.span(data, (start, end))
        if start <= at <= end and origin is not None:
            for index in names:
                entity = data["entities"][index]
                target, whole = view.span(data, entity["definition"]), view.span(data, entity["site"])
                if target is not None:
                    yield Link(Span(*origin), Span(*target), Span(*(whole or target)))
            return


def occurrences(module: ModuleSyntax, view: View | None, offset: int) -> list[Occurrence]:
    """Every place of what is under the cursor: its name, and the config entries that decide it."""
    entry = entry_at(module, offset)
    if entry is not None and view is not None:
        decided = controlled(entities_of(view, entry.kernel), entry)
        return _sorted(o for e in decided for o in _of_entity(module, e)) or _same_entries(module, entry)
    around = [] if view is None else entities_at(view, offset)
    for entity in around:
        if entity.names_at(offset) is not None:
            shared = [e for e in around if e is not entity and entity.entry is not None and e.entry == entity.entry]
            related = [Occurrence(e.definition, "read") for e in shared]
            return _sorted([*_of_entity(module, entity), *related])
    return []


def _same_entries(module: ModuleSyntax, entry: ConfigEntry) -> list[Occurrence]:
    """The same place of the other configs."""
    kernel = kernel_of_editor(module, entry.kernel)
    same = [] if kernel is None else [e for e in entries_of(module, kernel) if (e.key, e.position) == (entry.key, entry.position)]
    return [Occurrence(e.span, "config") for e in same]


def _of_entity(module: ModuleSyntax, entity: Entity) -> Iterator[Occurrence]:
    yield Occurrence(entity.definition, "definition")
    yield from (Occurrence(use, "read") for use in entity.uses)
    kernel = kernel_of_editor(module, entity.kernel)
    if kernel is not None:
        yield from (Occurrence(e.span, "config") for e in entries_for(list(entries_of(module, kernel)), entity))


def _sorted(found: Iterator[Occurrence] | Sequence[Occurrence]) -> list[Occurrence]:
    return sorted({o.span: o for o in found}.values(), key=lambda o: o.span)


# -- kernels and functions given to them ----------------------------------------------------------------------------


def name_at(module: ModuleSyntax, offset: int) -> tuple[str, Span] | None:
    """The plain name under a cursor, of the innermost top-level statement that holds it."""
    line = module.file.position(offset).line + 1
    for statement in module.tree.body:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and node.lineno == line:
                    span = span_of(module.file, node)
                    if span.touches(offset):
                        return node.id, span
    return None


def kernel_named(module: ModuleSyntax, offset: int) -> KernelSyntax | None:
    """The kernel whose name, at its `def` or a use, is under a cursor."""
    found = name_at(module, offset)
    for kernel in module.every_kernel:
        if kernel.name_span.touches(offset) or (found is not None and found[0] == kernel.qualname):
            return kernel
    return None


def uses_of_kernel(module: ModuleSyntax, kernel: KernelSyntax) -> list[Span]:
    """Where its own file names a kernel, the places that give it, or one of its name, its name left out."""
    named = {one.name_span for one in namesakes(kernel)}
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Name) and node.id == kernel.qualname)
    return sorted(span for span in (span_of(module.file, node) for node in nodes) if span not in named)


def _kernels(module: ModuleSyntax, offset: int) -> Iterator[Link]:
    """From a use of a kernel of this file to its `def`, also where a call made it."""
    found = name_at(module, offset)
    for kernel in module.every_kernel:
        if found is not None and found[0] == kernel.qualname:
            yield Link(found[1], kernel.function.name_span, kernel.function.span)


def _function_parameters(module: ModuleSyntax, offset: int) -> Iterator[Link]:
    """From a parameter of a kernel to the lambdas and functions that calls in this file give for it, and its default."""
    kernel = next((k for k in module.every_kernel if k.function.span.touches(offset)), None)
    found = name_at(module, offset)
    if kernel is None or found is None or not isinstance(kernel.function.node, ast.FunctionDef):
        return
    name, origin = found
    arguments = kernel.function.node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    if name not in names:
        return
    position = names.index(name)
    defaults = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True))
    given = [*_given(module, kernel, name, position), *([defaults[name]] if name in defaults else [])]
    for value in given:
        target = _function(module, value)
        if target is not None:
            yield Link(origin, *target)


def _given(module: ModuleSyntax, kernel: KernelSyntax, name: str, position: int) -> Iterator[ast.expr]:
    """What calls of a kernel in its file give for one parameter."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kernel.name:
            yield from (k.value for k in node.keywords if k.arg == name)
            if position < len(node.args) and not any(isinstance(a, ast.Starred) for a in node.args[: position + 1]):
                yield node.args[position]


def _function(module: ModuleSyntax, value: ast.expr) -> tuple[Span, Span] | None:
    """The name and the whole of a lambda or of a function of the file."""
    if isinstance(value, ast.Lambda):
        span = span_of(module.file, value)
        return span, span
    function = module.functions.get(value.id) if isinstance(value, ast.Name) else None
    return None if function is None else (function.name_span, function.span)
