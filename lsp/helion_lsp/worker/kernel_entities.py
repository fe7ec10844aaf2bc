"""A typed kernel in, its tiles, block sizes, constants and tunables with every place that names them, and the tokens of its text, out.

Runs in the worker; spans count from the kernel's start.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.ops import folds, reductions
from helion.source import Span
from helion.syntax.names import nodes_of
from helion.syntax.tree import KernelSyntax, span_of
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings, expressions
from helion.types.dims import BlockSymbol
from helion.types.types import Axis, Block, BlockSizeType, FunctionType, MethodType, Region, TensorType, TileType, Type
from helion_lsp.worker.plain import relative

_REDUCTIONS = frozenset(op.name.split(".")[1].split()[0] for op in (*reductions.OPS, *folds.OPS))
_BAKED = {"specialize": "constant", "register_tunable": "tunable"}


@dataclass
class _Entity:
    """Something that a config, a loop or a specialization decides. `key` and `entry` are its place in a config."""

    kind: str
    name: str
    definition: Span
    site: Span
    words: str
    key: str | None = None
    entry: int | None = None
    symbol: BlockSymbol | None = None
    uses: list[Span] = field(default_factory=list[Span])

    def data(self, start: int) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "definition": relative(self.definition, start),
            "site": relative(self.site, start),
            "words": self.words,
            "key": self.key,
            "entry": self.entry,
            "uses": [relative(span, start) for span in sorted(set(self.uses))],
        }


def entity_data(kernel: KernelSyntax, typed: tree.TypedKernel, start: int) -> dict[str, Any]:
    """`{entities, shapes, tokens}`: a token is `[start, end, type, modifiers]`, a shape `[start, end, entities of its dims]`."""
    text, extents = kernel.function.span, _extents(kernel)
    entities = [*_loop_entities(typed, extents), *_block_entities(typed), *_named_entities(kernel, typed)]
    entities = [e for e in entities if text.encloses(e.definition)]
    tokens = sorted((span, type_, modifiers) for span, type_, modifiers in _tokens(typed, entities, extents) if text.encloses(span))
    shapes = [[*relative(span, start), made_of] for span, made_of in _shapes(typed, entities) if text.encloses(span)]
    return {
        "entities": [e.data(start) for e in entities],
        "shapes": shapes,
        "tokens": [[*relative(s, start), t, list(m)] for s, t, m in tokens],
    }


# -- entities -------------------------------------------------------------------------------------------------------


def _loops(body: tuple[tree.Stmt, ...]) -> Iterator[tree.Loop]:
    for statement in body:
        match statement:
            case tree.Loop(body=inner):
                yield statement
                yield from _loops(inner)
            case tree.If(then=then, otherwise=otherwise):
                yield from _loops((*then, *otherwise))
            case tree.While(body=inner):
                yield from _loops(inner)
            case _:
                pass


def _extents(kernel: KernelSyntax) -> dict[int, Span]:
    """Each loop with its body, by where it starts; the tree's loops end with their header."""
    loops = (node for node in nodes_of(kernel.function.node) if isinstance(node, ast.For))
    return {span.start: span for span in (span_of(kernel.file, node) for node in loops)}


def _loop_entities(typed: tree.TypedKernel, extents: Mapping[int, Span]) -> Iterator[_Entity]:
    """The variables of the loops; a name belongs to the innermost loop around it that binds it."""
    reads = [e for e in expressions(typed) if isinstance(e, tree.Name)]
    loops = [(loop, extents[loop.span.start]) for loop in _loops(typed.body) if loop.span.start in extents]
    for loop, extent in loops:
        for target in loop.targets:
            axis = _axis_of(target, loop)
            kind = "tile" if isinstance(target.type, TileType) else "index"
            key, entry = ("block_sizes", axis.block.entry) if axis is not None and axis.block is not None else (None, None)
            found = _Entity(kind, target.name, target.span, extent, _words(kind, axis), None if entry is None else key, entry)
            found.symbol = None if axis is None or axis.block is None else axis.block.symbol
            for read in reads:
                around = [whole for o, whole in loops if whole.encloses(read.span) and any(t.name == read.name for t in o.targets)]
                if read.name == target.name and max(around, default=None) == extent and _is_text(typed, read):
                    found.uses.append(read.span)
            yield found


def _is_text(typed: tree.TypedKernel, read: tree.Name) -> bool:
    """Whether a read stands in the text under its name: inlined helpers' are at the call."""
    return typed.file.text_of(read.span) == read.name


def _axis_of(target: tree.Binding, loop: tree.Loop) -> Axis | None:
    if isinstance(target.type, TileType):
        return target.type.axis
    return next((a for a in loop.axes if a.name == target.name), None)


def _words(kind: str, axis: Axis | None) -> str:
    if axis is None or axis.block is None:
        return kind if axis is None else f"{kind} of {axis.name}"
    return _block_words(axis.block)


def _block_words(block: Block) -> str:
    return f"block_sizes[{block.entry}]" if block.entry is not None else f"block size {block.fixed}"


def _block_entities(typed: tree.TypedKernel) -> Iterator[_Entity]:
    """Names of `hl.register_block_size`, each with the loops that run in it."""
    reads = [e for e in expressions(typed) if isinstance(e, tree.Name) and isinstance(e.type, BlockSizeType)]
    for binding in {b.span: b for b in bindings(typed) if isinstance(b.type, BlockSizeType)}.values():
        assert isinstance(binding.type, BlockSizeType), "filtered above"
        block = binding.type.block
        uses = [r.span for r in reads if r.name == binding.name and _is_text(typed, r)]
        key = None if block.entry is None else "block_sizes"
        yield _Entity("blockSize", binding.name, binding.span, block.span, _block_words(block), key, block.entry, uses=uses)


def _named_entities(kernel: KernelSyntax, typed: tree.TypedKernel) -> Iterator[_Entity]:
    """Names given to `hl.specialize(...)` and `hl.register_tunable(...)`, and parameters that are constants."""
    reads = [e for e in expressions(typed) if isinstance(e, tree.Name) and _is_text(typed, e)]
    node = kernel.function.node
    assert isinstance(node, ast.FunctionDef), "a kernel is a def"
    for statement in nodes_of(node):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
            if name in _BAKED:
                yield from _assigned(kernel, statement, statement.value, _BAKED[name], reads)
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if argument.annotation is not None and "constexpr" in ast.unparse(argument.annotation):
            whole = span_of(kernel.file, argument)
            place = Span(whole.start, whole.start + len(argument.arg))
            uses = [r.span for r in reads if r.name == argument.arg]
            yield _Entity("constant", argument.arg, place, whole, "constant of the kernel", uses=uses)


def _assigned(kernel: KernelSyntax, statement: ast.Assign, call: ast.Call, kind: str, reads: list[tree.Name]) -> Iterator[_Entity]:
    key = next((a.value for a in call.args[:1] if kind == "tunable" and isinstance(a, ast.Constant) and isinstance(a.value, str)), None)
    words = "made constant by hl.specialize" if kind == "constant" else f"config key {key!r}"
    for target in statement.targets:
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                uses = [r.span for r in reads if r.name == name.id]
                yield _Entity(kind, name.id, span_of(kernel.file, name), span_of(kernel.file, statement), words, key, uses=uses)


def _shapes(typed: tree.TypedKernel, entities: list[_Entity]) -> Iterator[tuple[Span, list[int]]]:
    """Of each device value's name, the tiles that its shape is made of."""
    by_symbol = {e.symbol: n for n, e in reversed(list(enumerate(entities))) if e.symbol is not None}
    places: list[tuple[Span, Type]] = [(b.span, b.type) for b in bindings(typed) if b.region is Region.DEVICE]
    places += [
        (e.span, e.type) for e in expressions(typed) if isinstance(e, tree.Name) and e.region is Region.DEVICE and _is_text(typed, e)
    ]
    for span, type_ in places:
        if isinstance(type_, TensorType):
            found = [by_symbol[d] for d in type_.shape if isinstance(d, BlockSymbol) and d in by_symbol]
            if found:
                yield span, list(dict.fromkeys(found))


# -- tokens ---------------------------------------------------------------------------------------------------------

_TOKEN_OF_KIND = {"tile": "tile", "index": "tile", "blockSize": "blockSize", "constant": "constant", "tunable": "tunable"}


def _tokens(typed: tree.TypedKernel, entities: list[_Entity], extents: Mapping[int, Span]) -> Iterator[tuple[Span, str, tuple[str, ...]]]:
    """One a place: names by what they are and where they live, the functions that device code calls."""
    seen: set[Span] = set()
    parameters = {p.binding.name for p in typed.parameters}
    regions = {b.span: b.region for b in bindings(typed)} | {e.span: e.region for e in expressions(typed) if isinstance(e, tree.Name)}
    inside = [extents[s.span.start] for s in typed.body if isinstance(s, tree.Loop) and s.span.start in extents]
    for entity in entities:
        kind = _TOKEN_OF_KIND[entity.kind]
        places = [(entity.definition, ("definition",)), *((use, ()) for use in entity.uses)]
        for span, defines in places:
            if span not in seen:
                seen.add(span)
                device = ("device",) if entity.kind in ("tile", "index") or any(s.encloses(span) for s in inside) else ()
                yield span, kind, (*defines, *device)
    for span, region in regions.items():
        name = typed.file.text_of(span)
        if span not in seen and name.isidentifier():
            seen.add(span)
            yield span, "parameter" if name in parameters else "variable", ("device",) if region is Region.DEVICE else ("host",)
    for expr in expressions(typed):
        if isinstance(expr.type, FunctionType | MethodType) and any(s.encloses(expr.span) for s in inside):
            written = typed.file.text_of(expr.span)
            name = written.rpartition(".")[2]
            span = Span(expr.span.end - len(name), expr.span.end)
            if span not in seen and name.isidentifier():
                seen.add(span)
                yield (
                    span,
                    "reduction" if name in _REDUCTIONS else "method" if isinstance(expr.type, MethodType) else "function",
                    ("device",),
                )
