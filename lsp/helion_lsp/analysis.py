"""One document's text in, everything the editor may ask about its kernels out, as plain JSON-ready data; runs in the worker."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from helion import compiler
from helion.diagnostics.diagnostic import Diagnostic
from helion.ops.table import OPS
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile, Span
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings, walk
from helion.types.types import BlockSizeType, NumberType, SequenceType, TensorType, TileType, Type, UnknownType


class Analyzer:
    """Checks documents; a kernel whose text and module context did not change is not checked again."""

    def __init__(self) -> None:
        self._cache: dict[tuple[str, str, int], dict[str, Any]] = {}

    def analyse(self, path: str, text: str) -> dict[str, Any]:
        """The analysis of one text. Offsets are characters."""
        file = SourceFile(path, text)
        module = compiler.parse(file)
        return {
            "diagnostics": [diagnostic_data(d) for d in module.diagnostics],
            "kernels": [self._kernel(module, kernel) for kernel in module.kernels],
        }

    def _kernel(self, module: ModuleSyntax, kernel: KernelSyntax) -> dict[str, Any]:
        span = kernel.function.span
        key = (module.file.path, module.file.text_of(span) + _context(module), span.start)
        if key not in self._cache:
            typed = compiler.check(kernel, infer_signature(kernel), FileGlobals(module), Settings())
            if len(self._cache) > 256:
                self._cache.clear()
            self._cache[key] = kernel_data(kernel, typed)
        return self._cache[key]


def _context(module: ModuleSyntax) -> str:
    """What outside a kernel its types may depend on: everything before the first kernel, and the helpers' text."""
    kernels = {k.function.name for k in module.kernels}
    return repr(sorted(module.imports)) + "".join(
        module.file.text_of(f.span) for name, f in module.functions.items() if name not in kernels
    )


def kernel_data(kernel: KernelSyntax, typed: tree.TypedKernel) -> dict[str, Any]:
    """One kernel's share of an analysis."""
    decorator = kernel.decorator
    return {
        "name": kernel.qualname,
        "span": _pair(kernel.function.span),
        "name_span": _pair(kernel.function.name_span),
        "decorator": None if decorator is None else _pair(decorator.span),
        "diagnostics": [diagnostic_data(d) for d in typed.diagnostics],
        "hovers": list(_hovers(typed)),
        "hints": list(_hints(typed)),
        "loops": [_pair(s.span) for s in typed.body if isinstance(s, tree.Loop)],
    }


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain data."""
    return {
        "span": _pair(diagnostic.span),
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message(),
        "notes": [{"message": n.message, "span": None if n.span is None or n.file is not None else _pair(n.span)} for n in diagnostic.notes()],
        "fixes": [{"title": f.title, "edits": [[*_pair(e.span), e.new_text] for e in f.edits]} for f in diagnostic.fixes()],
    }


# -- hovers ---------------------------------------------------------------------------------------------------------


def _hovers(typed: tree.TypedKernel) -> Iterator[list[Any]]:
    """`[start, end, markdown]` for every expression and binding with something to say, the smaller later."""
    seen: set[tuple[int, int]] = set()
    entries = [(b.span, b.type, b.region.value, b.name) for b in bindings(typed)]
    for expr in walk(typed):
        region = expr.region.value if isinstance(expr, tree.Name) else _region(expr.type)
        name = expr.name if isinstance(expr, tree.Name) else None
        entries.append((expr.span, expr.type, region, name))
    evidence = {p.binding.name: p.evidence for p in typed.parameters}
    for span, type_, region, name in sorted(entries, key=lambda e: e[0].start - e[0].end):
        if (span.start, span.end) in seen or isinstance(type_, UnknownType):
            continue
        seen.add((span.start, span.end))
        yield [span.start, span.end, _markdown(typed, type_, region, evidence.get(name) if name else None)]
    for expr in walk(typed):
        if isinstance(expr, tree.Call) and (op := OPS.find(expr.target)) is not None and op.function.__doc__:
            text = typed.file.text_of(expr.span).split("(")[0]
            end = expr.span.start + len(text)
            if text.startswith(("hl.", "helion.")) and (expr.span.start, end) not in seen:
                seen.add((expr.span.start, end))
                yield [expr.span.start, end, f"`{op.name}` · device\n\n{inspect.cleandoc(op.function.__doc__)}"]


def _region(type_: Type) -> str:
    return type_.region.value if isinstance(type_, TensorType | NumberType) else "host"


def _markdown(typed: tree.TypedKernel, type_: Type, region: str, evidence: str | None) -> str:
    lines = [f"`{type_}` · {region}"]
    if evidence:
        lines.append(evidence)
    for symbol in _symbols(type_):
        origin = typed.dim_origins.get(symbol)
        if origin is not None:
            lines.append(f"- `{symbol}`: {origin.text}")
    if isinstance(type_, TileType) and type_.axis.block is not None:
        block = type_.axis.block
        where = f"`block_sizes[{block.entry}]`" if block.entry is not None else f"fixed at {block.fixed}"
        lines.append(f"- block size {where}; covers [{type_.axis.begin}, {type_.axis.end})")
    if isinstance(type_, TensorType) and region == "device" and type_.dtype is not None and type_.rank:
        lines.append(f"- {type_.dtype.itemsize} bytes an element; lanes beyond the loop's end are masked")
    return "\n\n".join([lines[0], "\n".join(lines[1:])]) if len(lines) > 1 else lines[0]


def _symbols(type_: Type) -> list[Any]:
    match type_:
        case TensorType(shape=shape):
            found = [s for d in shape for s in sorted(getattr(d, "free_symbols", ()), key=str)]
        case NumberType(value=value):
            found = sorted(getattr(value, "free_symbols", ()), key=str)
        case BlockSizeType(block):
            found = [block.symbol]
        case SequenceType(items=items):
            found = [s for item in items for s in _symbols(item)]
        case _:
            found = []
    return list(dict.fromkeys(found))


def _hints(typed: tree.TypedKernel) -> Iterator[list[Any]]:
    """`[offset, label, kind]`: the shape at each device assignment, and what was assumed, at the kernel's name."""
    for binding in bindings(typed):
        if isinstance(binding.type, TensorType) and binding.region.value == "device":
            yield [binding.span.end, f": {binding.type}", "shape"]
    for assumption in typed.assumptions:
        yield [typed.name_span.end, f" requires {assumption.left} = {assumption.right}", "assumption"]


