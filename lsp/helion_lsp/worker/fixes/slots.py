"""A value of device code in, where each program may keep its own in a tensor of the host out: the tensor's sizes and the subscript."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helion.source import Span
from helion.typed_kernel import tree
from helion.types.dims import Dim
from helion.types.types import Axis, SequenceType, Type
from helion_lsp.worker.fixes.around import Around


@dataclass(frozen=True)
class Slots:
    """`sizes` and `index` go together, an element a dim. Programs that differ in a tile of `shared` alone meet in one place. `loop` is the
    innermost of those whose tiles are in the subscript, or the top-level one."""

    sizes: tuple[str, ...]
    index: tuple[str, ...]
    shared: tuple[str, ...]
    loop: ast.For

    @property
    def place(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What two values have in common that go into one place."""
        return self.sizes, self.index


def slots(dims: Sequence[Dim], span: Span, around: Around, *, of_each_index: bool) -> Slots | None:
    """`of_each_index` gives each index of a `hl.grid` around the value a place of its own, before the value's dims. None where a size is
    known on the device alone."""
    nodes = [n for n in reversed(around.enclosing(span)) if isinstance(n, ast.For)]
    found = {loop.span.start: loop for loop in _loops(around.typed.body)}
    loops = [(node, found[around.span(node).start]) for node in nodes if around.span(node).start in found]
    if not loops:
        return None
    names = {axis.index: name for _, loop in loops for name, axis in zip(_names(loop), loop.axes, strict=True)}
    sizes = {axis.index: _extent(axis, position, node, around) for node, loop in loops for position, axis in enumerate(loop.axes)}
    holding = {axis.index: node for node, loop in loops for axis in loop.axes}
    parallel = loops[0][1].axes
    taken: list[tuple[str | None, str]] = []
    used = [axis for axis in parallel if axis.block is None] if of_each_index else []
    taken += [(sizes[axis.index], names[axis.index]) for axis in used]
    for size in dims:
        axis = next((a for _, loop in loops for a in loop.axes if a.block is not None and a.block.symbol == size), None)
        taken.append((around.host_size(size), ":") if axis is None else (sizes[axis.index], names[axis.index]))
        used += [] if axis is None else [axis]
    if any(size is None for size, _ in taken):
        return None
    indices = {axis.index for axis in used}
    innermost = next((node for node, _ in reversed(loops) if any(holding[i] is node for i in indices)), loops[0][0])
    shared = tuple(names[axis.index] for axis in parallel if axis.index not in indices)
    return Slots(tuple(size for size, _ in taken if size is not None), tuple(index for _, index in taken), shared, innermost)


def _loops(body: Sequence[tree.Stmt]) -> list[tree.Loop]:
    found: list[tree.Loop] = []
    for statement in body:
        match statement:
            case tree.Loop(body=inner):
                found += [statement, *_loops(inner)]
            case tree.If(then=then, otherwise=otherwise):
                found += _loops((*then, *otherwise))
            case tree.While(body=inner):
                found += _loops(inner)
            case _:
                pass
    return found


def _names(loop: tree.Loop) -> Iterator[str]:
    """How the tile or the index of each axis is called: `t[0]`, where `t` is bound to all of them."""
    for target in loop.targets:
        yield from _parts(target.name, target.type)


def _parts(text: str, type_: Type) -> Iterator[str]:
    if isinstance(type_, SequenceType):
        for position, item in enumerate(type_.items):
            yield from _parts(f"{text}[{position}]", item)
    else:
        yield text


def _extent(axis: Axis, position: int, node: ast.For, around: Around) -> str | None:
    """Where a loop ends, as the host says it: a size that is known, or what the loop itself says."""
    known = around.host_size(axis.end)
    if known is not None or not isinstance(node.iter, ast.Call) or not node.iter.args:
        return known
    end = node.iter.args[min(1, len(node.iter.args) - 1)]
    items = end.elts if isinstance(end, ast.List | ast.Tuple) else [end]
    is_outermost = not any(isinstance(n, ast.For) and n is not node for n in around.enclosing(around.span(node)))
    text = around.text(items[position]) if is_outermost and position < len(items) else ""
    return text if text and not text.endswith((".size()", ".shape")) else None
