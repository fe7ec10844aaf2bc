"""A kernel's syntax in, the signature the editor checks it with out: annotations and uses combined, each with where it comes from."""

from __future__ import annotations

import ast
from typing import Any

from helion.signatures.from_annotations import type_from_annotation
from helion.signatures.from_uses import ShapeEvidence, shapes_from_uses
from helion.signatures.signature import KernelSignature, ParameterType
from helion.source import Span
from helion.syntax.tree import KernelSyntax, span_of
from helion.types.dims import Dim, SizeSymbol, size_symbol
from helion.types.types import DimOrigin, NumberType, Region, TensorType, Type, UnknownType


def infer_signature(kernel: KernelSyntax) -> KernelSignature:
    """The best that the text says about each parameter. Nothing is run."""
    node = kernel.function.node
    assert isinstance(node, ast.FunctionDef)
    uses = shapes_from_uses(node)
    parameters: dict[str, ParameterType] = {}
    origins: dict[Any, DimOrigin] = {}
    for argument in (*node.args.posonlyargs, *node.args.args):
        name = argument.arg
        start = span_of(kernel.file, argument).start
        found = _parameter(name, argument.annotation, uses.get(name))
        parameters[name] = found
        _add_origins(origins, found, name, Span(start, start + len(name)))
    return KernelSignature(parameters, origins)


def _parameter(name: str, annotation: ast.expr | None, use: ShapeEvidence | None) -> ParameterType:
    annotated = type_from_annotation(annotation, name)
    if isinstance(annotated, TensorType) and annotated.rank is not None:
        return ParameterType(annotated, f"annotation `{ast.unparse(annotation)}`" if annotation is not None else "")
    if use is not None and (annotated is None or isinstance(annotated, TensorType)):
        dims = tuple(size_symbol(given or f"{name}.{position}") for position, given in enumerate(use.names))
        if use.strength > 1:
            return ParameterType(TensorType(dims, None, Region.HOST), use.words)
    if annotated is None:
        return ParameterType(UnknownType("nothing says what it is"), "no evidence")
    return ParameterType(annotated, f"annotation `{ast.unparse(annotation)}`" if annotation is not None else "")


def _add_origins(origins: dict[Any, DimOrigin], parameter: ParameterType, name: str, span: Span) -> None:
    type_: Type = parameter.type
    if isinstance(type_, TensorType):
        for position, size in enumerate(type_.shape):
            if isinstance(size, SizeSymbol):
                words = f"size {position} of `{name}` ({parameter.evidence})"
                origins.setdefault(size, DimOrigin(words, span, f"{name}.size({position})"))
    if isinstance(type_, NumberType) and isinstance(type_.value, Dim):
        for symbol in type_.value.free_symbols:
            origins.setdefault(symbol, DimOrigin(f"argument `{name}`", span, name))
