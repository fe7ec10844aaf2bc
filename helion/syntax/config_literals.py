"""The configs written in a kernel's decorator, as data with spans: what a literal says, whatever it is worth."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helion.source import Span
from helion.syntax.tree import KernelSyntax, span_of


@dataclass(frozen=True)
class ConfigLiteral:
    """One `helion.Config(...)` or dict display. `values` are those that are literals; `spans` are the places of the keys' names."""

    span: Span
    values: Mapping[str, object]
    spans: Mapping[str, Span]
    device: str | None = None


def config_literals(kernel: KernelSyntax) -> tuple[ConfigLiteral, ...]:
    """Every config of the decorator's `config=` and `configs=`, in the order of the text; `**` parts and variables are left out."""
    keywords = kernel.keywords
    found: list[ConfigLiteral] = []
    if "config" in keywords:
        found.extend(_of(kernel, keywords["config"], None))
    match keywords.get("configs"):
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                found.extend(_of(kernel, item, None))
        case ast.Dict(keys=devices, values=values):
            for device, value in zip(devices, values, strict=True):
                found.extend(_of_device(kernel, value, device.value if isinstance(device, ast.Constant) else None))
        case _:
            pass
    return tuple(found)


def _of_device(kernel: KernelSyntax, node: ast.expr, device: object) -> Iterator[ConfigLiteral]:
    """A device's entry: one config, or configs by signature."""
    name = device if isinstance(device, str) else None
    if isinstance(node, ast.Dict) and all(isinstance(value, ast.Call | ast.Dict) for value in node.values) and node.values:
        for value in node.values:
            yield from _of(kernel, value, name)
    else:
        yield from _of(kernel, node, name)


def _of(kernel: KernelSyntax, node: ast.expr, device: str | None) -> Iterator[ConfigLiteral]:
    match node:
        case ast.Call(func=function, keywords=keywords) if _is_config(kernel, function):
            pairs = [(k.arg, _name_span(kernel, k), k.value) for k in keywords if k.arg is not None]
        case ast.Dict(keys=keys, values=values):
            pairs = [
                (key.value, _inside_quotes(span_of(kernel.file, key)), value)
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
        case _:
            return
    values_by_key = {key: literal.value for key, _, value in pairs if (literal := _literal(value)) is not None}
    yield ConfigLiteral(span_of(kernel.file, node), values_by_key, {key: span for key, span, _ in pairs}, device)


def _is_config(kernel: KernelSyntax, function: ast.expr) -> bool:
    """Whether a callee is `helion.Config`, under any import alias."""
    match function:
        case ast.Attribute(attr=name):
            return name == "Config"
        case ast.Name(id=name):
            imported = kernel.module.imports.get(name)
            return name == "Config" if imported is None else imported.attribute == "Config"
        case _:
            return False


def _name_span(kernel: KernelSyntax, keyword: ast.keyword) -> Span:
    start = span_of(kernel.file, keyword).start
    return Span(start, start + len(keyword.arg or ""))


def _inside_quotes(span: Span) -> Span:
    return Span(span.start + 1, span.end - 1)


@dataclass(frozen=True)
class _Literal:
    value: object


def _literal(node: ast.expr) -> _Literal | None:
    try:
        return _Literal(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError):
        return None
