"""Names that control flow carries in, one node a tensor or number out, and back: a tuple is carried part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helion.device_ir.graph_builder import GraphBuilder
from helion.typed_kernel.tree import Binding
from helion.types.types import SequenceType, Type
from helion.types.untyped import is_sequence


def part_types(bindings: Iterable[Binding]) -> SequenceType:
    """The types of all that some names carry, in order."""
    return SequenceType(tuple(part for binding in bindings for part in _types(binding.type)))


def _types(type_: Type) -> Iterator[Type]:
    if isinstance(type_, SequenceType):
        for item in type_.items:
            yield from _types(item)
    else:
        yield type_


def placeholders(graph: GraphBuilder, bindings: Iterable[Binding]) -> dict[str, Any]:
    """The names' values at the begin of a block."""
    return {b.name: _placed(b.type, (graph.placeholder(b.name, part, b.span) for part in _types(b.type))) for b in bindings}


def unpacked(bindings: Iterable[Binding], nodes: Iterator[Any]) -> dict[str, Any]:
    """The names' values from one node a part."""
    return {b.name: _placed(b.type, nodes) for b in bindings}


def _placed(type_: Type, parts: Iterator[Any]) -> Any:
    return tuple(_placed(item, parts) for item in type_.items) if isinstance(type_, SequenceType) else next(parts)


def outputs(graph: GraphBuilder, names: Mapping[str, Any], bindings: Iterable[Binding]) -> tuple[Any, ...]:
    """The parts of the names' values as nodes that control flow can carry."""
    return tuple(
        graph.as_node(part, type_, b.span) for b in bindings for part, type_ in zip(_parts(names[b.name]), _types(b.type), strict=True)
    )


def _parts(value: Any) -> Iterator[Any]:
    if is_sequence(value):
        for item in value:
            yield from _parts(item)
    else:
        yield value
