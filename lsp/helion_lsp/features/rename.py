"""A name under the cursor and a new one in, the edits out, or why there are none: nothing that could change what the kernel means."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator

from helion.source import Span
from helion.syntax.namesakes import editor_name, kernel_of_editor
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion_lsp.features.entities import Entity, entities_at, entities_of, entries_of, entry_at
from helion_lsp.features.view import View


def renameable(module: ModuleSyntax, view: View, offset: int) -> tuple[Span, str] | None:
    """The place and the text of a name that can be renamed here: tiles, block sizes, constants, and keys of tunables."""
    found = _at(module, view, offset)
    return None if found is None else (found[2], module.file.text_of(found[2]))


def renamed(module: ModuleSyntax, view: View, offset: int, new_name: str) -> list[Span] | str:
    """The places to give the new name, or the reason not to."""
    found = _at(module, view, offset)
    if found is None or view.is_stale or module.diagnostics:
        return "the text is being checked; try again"
    if not new_name.isidentifier() or keyword.iskeyword(new_name):
        return f"`{new_name}` is not a name"
    kernel, entity, _, is_key = found
    if is_key:
        return _key_places(module, kernel, entity, new_name)
    names = set(_names(kernel))
    if new_name in names:
        return f"`{new_name}` is used in `{kernel.name}` already"
    return _places(kernel, entity, entities_of(view, editor_name(kernel)))


def _at(module: ModuleSyntax, view: View, offset: int) -> tuple[KernelSyntax, Entity, Span, bool] | None:
    """The kernel, what is named, the place and whether it is a config's key."""
    entry = entry_at(module, offset)
    if entry is not None:
        kernel = kernel_of_editor(module, entry.kernel)
        tunable = next((e for e in entities_of(view, entry.kernel) if e.kind == "tunable" and e.key == entry.key), None)
        return None if kernel is None or tunable is None or not entry.key_span.touches(offset) else (kernel, tunable, entry.key_span, True)
    for entity in entities_at(view, offset):
        kernel = kernel_of_editor(module, entity.kernel)
        here = entity.names_at(offset)
        if kernel is None:
            continue
        if here is not None:
            return kernel, entity, here, False
        text = None if entity.kind != "tunable" else _registered(kernel, entity)
        if text is not None and text.touches(offset):
            return kernel, entity, text, True
    return None


def _names(kernel: KernelSyntax) -> Iterator[str]:
    for node in ast.walk(kernel.function.node):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _places(kernel: KernelSyntax, entity: Entity, entities: list[Entity]) -> list[Span] | str:
    """Every place of the name in its loop, or in the kernel; a place that belongs to nothing known is a reason to leave it alone."""
    others = [e for e in entities if e.name == entity.name and e != entity]
    file, own = kernel.file, list[Span]()
    nodes = [n for n in ast.walk(kernel.function.node) if isinstance(n, ast.Name | ast.arg)]
    for node in nodes:
        span = span_of(file, node)
        name = node.id if isinstance(node, ast.Name) else node.arg
        span = Span(span.start, span.start + len(name))
        if name != entity.name:
            continue
        inner = [e for e in others if e.site.encloses(span) and entity.site.encloses(e.site)]
        if any(e.names_at(span.start) is not None and e.names_at(span.start) == span for e in others) or inner:
            continue
        if others and not entity.site.encloses(span):
            return f"`{entity.name}` at line {file.position(span.start).line + 1} may be another one"
        own.append(span)
    unknown = set(entity.uses) - set(own)
    return f"`{entity.name}` is used in a way that is not followed" if unknown else sorted({*own, entity.definition})


def _registered(kernel: KernelSyntax, entity: Entity) -> Span | None:
    """The key inside the quotes of `hl.register_tunable("key", ...)`."""
    for node in ast.walk(kernel.function.node):
        if isinstance(node, ast.Assign) and span_of(kernel.file, node) == entity.site and isinstance(node.value, ast.Call):
            span = span_of(kernel.file, node.value.args[0])
            return Span(span.start + 1, span.end - 1)
    return None


def _key_places(module: ModuleSyntax, kernel: KernelSyntax, entity: Entity, new_name: str) -> list[Span] | str:
    registered = _registered(kernel, entity)
    if registered is None or kernel.file.text_of(registered) != entity.key:
        return "the key is not a plain string"
    entries = list(entries_of(module, kernel))
    if any(e.key == new_name for e in entries):
        return f"a config has `{new_name}` already"
    return sorted({registered, *(e.key_span for e in entries if e.key == entity.key)})
