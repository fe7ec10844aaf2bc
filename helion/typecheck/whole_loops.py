"""The body of a checked kernel in, what is wrong with its loops as a whole out: what they do to each other's tensors, block sizes they
share, that nothing is left of them. Knows tensors by their names, and by those that are views of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from helion.diagnostics.catalog.loops import EmptyDeviceLoop, LoopDependency, NestedLoopsShareBlock
from helion.ops.table import OPS
from helion.source import SourceFile, Span
from helion.typecheck.shared_memory import Memory, SharedMemory
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk_body
from helion.types.dims import Dim
from helion.types.types import Axis, Region, UnknownType


def loop_dependencies(file: SourceFile, body: Iterable[tree.Stmt]) -> Iterator[LoopDependency]:
    """One finding for each tensor that a loop reads or writes though an earlier loop, with nothing between, writes it, or that it writes
    though an earlier one reads it (a statement between loops is an error of its own). A view of a tensor is the tensor."""
    written: dict[Memory, tuple[str, Span]] = {}
    read: dict[Memory, tuple[str, Span]] = {}
    memory = SharedMemory()
    for statement in body:
        if isinstance(statement, tree.Barrier | tree.HostStatement):
            written.clear()
            read.clear()
        if isinstance(statement, tree.HostStatement):
            memory.follow(statement)
        if not isinstance(statement, tree.Loop):
            continue
        found_written: dict[Memory, tuple[str, Span]] = {}
        found_read: dict[Memory, tuple[str, Span]] = {}
        reported: set[Memory] = set()
        for name, span, writes in _accesses(statement):
            place = memory.of(name)
            is_written = place in written
            earlier = written.get(place) or (read.get(place) if writes else None)
            if earlier is not None and place not in reported:
                reported.add(place)
                yield LoopDependency(span, name, is_written, *earlier, statement.span.start, _indentation(file, statement.span))
            (found_written if writes else found_read).setdefault(place, (name, span))
        written, read = {**found_written, **written}, {**found_read, **read}


def _indentation(file: SourceFile, span: Span) -> str:
    line = file.line_span(file.position(span.start).line)
    return file.text[line.start : span.start]


def _accesses(loop: tree.Loop) -> Iterator[tuple[str, Span, bool]]:
    """The host tensors that a loop accesses: name, place, whether it writes."""
    for expr in walk_body(loop.body):
        op = OPS.find(expr.target) if isinstance(expr, tree.Call) else None
        if op is None or op.accesses is None or not isinstance(expr, tree.Call) or not expr.args:
            continue
        tensor = expr.args[0]
        if isinstance(tensor, tree.Name) and tensor.region is Region.HOST:
            yield tensor.name, expr.span, op.accesses != "load"


def shared_block_sizes(body: Iterable[tree.Stmt]) -> Iterator[NestedLoopsShareBlock]:
    """One finding for each loop whose tiles have the block size of a loop around it."""
    for statement in body:
        if isinstance(statement, tree.Loop):
            yield from _shared_inside(statement, {axis.block.symbol: axis for axis in statement.axes if axis.block is not None})


def _shared_inside(outer: tree.Stmt, open_blocks: Mapping[Dim, Axis]) -> Iterator[NestedLoopsShareBlock]:
    match outer:
        case tree.Loop(body=body) | tree.While(body=body):
            inner = body
        case tree.If(then=then, otherwise=otherwise):
            inner = (*then, *otherwise)
        case _:
            return
    for statement in inner:
        blocks = dict(open_blocks)
        for axis in statement.axes if isinstance(statement, tree.Loop) else ():
            if axis.block is None:
                continue
            if axis.block.symbol in blocks:
                around = blocks[axis.block.symbol]
                yield NestedLoopsShareBlock(axis.span, axis.name, around.name, around.span)
            blocks[axis.block.symbol] = axis
        yield from _shared_inside(statement, blocks)


def loops_without_effect(body: Iterable[tree.Stmt]) -> Iterator[EmptyDeviceLoop]:
    """The first loop of a kernel whose loops all leave nothing behind; none where a call is not understood."""
    loops = [statement for statement in body if isinstance(statement, tree.Loop)]
    for expr in walk_body(loops):
        op = OPS.find(expr.target) if isinstance(expr, tree.Call) else None
        if isinstance(expr.type, UnknownType) or (op is not None and op.has_effect):
            return
    if loops:
        yield EmptyDeviceLoop(loops[0].span)
