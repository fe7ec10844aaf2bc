"""The configs written in a kernel's decorator, as data with spans: what a literal says, whatever it is worth."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from helion.source import Span
from helion.syntax.followed import followed, items_of, string_of
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of

ANY_SIGNATURE = "*"


@dataclass(frozen=True)
class ConfigLiteral:
    """One `helion.Config(...)` or dict display. `values` are those that are literals; `spans` are the places of the keys' names.

    `entries` are the places of the values: one a list's entry, else one. `device` and `signature` are the keys that a lock stands under,
    `lock_spans` the places of those; `signature` is None for every one, which may be written `"*"`. One that `has_unpacked` has keys of
    `**` parts besides.
    """

    span: Span
    values: Mapping[str, object]
    spans: Mapping[str, Span]
    device: str | None = None
    entries: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])
    signature: str | None = None
    lock_spans: tuple[Span, ...] = ()
    has_unpacked: bool = False

    @property
    def is_said(self) -> bool:
        """Whether the literal says every value of its config."""
        return not self.has_unpacked and self.values.keys() == self.spans.keys()


def config_literals(kernel: KernelSyntax) -> tuple[ConfigLiteral, ...]:
    """Every config that is written in the decorator's `config=` and `configs=`, in the order of the text; `**` parts and variables are left
    out."""
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
                found.extend(_of_device(kernel, value, device))
        case _:
            pass
    return tuple(found)


def used_literals(kernel: KernelSyntax) -> tuple[ConfigLiteral, ...]:
    """The same, and those in constants of the file that the decorator names or unpacks; of a device or a signature that comes again the
    last, which is the one that calls find."""
    module, keywords = kernel.module, kernel.keywords
    found: list[ConfigLiteral] = []
    if "config" in keywords:
        found.extend(_of(kernel, followed(module, keywords["config"]), None))
    match followed(module, keywords["configs"]) if "configs" in keywords else None:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                found.extend(_of(kernel, followed(module, item), None))
        case ast.Dict() as table:
            for device, value in items_of(module, table):
                found.extend(_used_of_device(kernel, device, followed(module, value)))
        case _:
            pass
    return tuple(found)


def _is_by_signature(module: ModuleSyntax, node: ast.expr) -> bool:
    """Whether a device's value maps signatures to configs, rather than being a config written as a dict."""
    values = [followed(module, value) for value in node.values] if isinstance(node, ast.Dict) else []
    return bool(values) and all(isinstance(value, ast.Call | ast.Dict) for value in values)


def _used_of_device(kernel: KernelSyntax, device: ast.expr, value: ast.expr) -> Iterator[ConfigLiteral]:
    module, place = kernel.module, span_of(kernel.file, device)
    name = string_of(module, device)
    if isinstance(value, ast.Dict) and _is_by_signature(module, value):
        for inner, config in items_of(module, value):
            signature = string_of(module, inner)
            of = None if signature == ANY_SIGNATURE else signature
            places = (place, span_of(kernel.file, inner))
            yield from (replace(one, signature=of, lock_spans=places) for one in _of(kernel, followed(module, config), name))
    else:
        yield from (replace(one, lock_spans=(place,)) for one in _of(kernel, value, name))


def free_config_literals(module: ModuleSyntax) -> tuple[tuple[ConfigLiteral, KernelSyntax | None], ...]:
    """Every `Config(...)` of a file that stands in no decorator, with the kernel it is for: the one whose decorator names its variable,
    else the only one that the file has."""
    kernels = module.every_kernel
    decorators = [k.decorator.call for k in kernels if k.decorator is not None and k.decorator.call is not None]
    inside = {id(node) for decorator in decorators for node in ast.walk(decorator)}
    only = kernels[0] if len(kernels) == 1 else None
    found: list[tuple[ConfigLiteral, KernelSyntax | None]] = []
    for node in ast.walk(module.tree):
        if kernels and isinstance(node, ast.Call) and id(node) not in inside:
            found.extend((literal, _user_of(module, node) or only) for literal in _of(kernels[0], node, None))
    return tuple(found)


def _user_of(module: ModuleSyntax, node: ast.Call) -> KernelSyntax | None:
    names = {name for name, value in module.constants.items() if any(inner is node for inner in ast.walk(value))}
    for kernel in module.every_kernel:
        given = [kernel.keywords[key] for key in ("config", "configs") if key in kernel.keywords]
        if any(isinstance(inner, ast.Name) and inner.id in names for value in given for inner in ast.walk(value)):
            return kernel
    return None


def _of_device(kernel: KernelSyntax, node: ast.expr, key: ast.expr | None) -> Iterator[ConfigLiteral]:
    """A device's entry: one config, or configs by signature."""
    name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
    device = () if key is None else (span_of(kernel.file, key),)
    if isinstance(node, ast.Dict) and all(isinstance(value, ast.Call | ast.Dict) for value in node.values) and node.values:
        for inner, value in zip(node.keys, node.values, strict=True):
            signature = inner.value if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else None
            places = device if inner is None else (*device, span_of(kernel.file, inner))
            of = None if signature == ANY_SIGNATURE else signature
            yield from (replace(found, signature=of, lock_spans=places) for found in _of(kernel, value, name))
    else:
        yield from (replace(found, lock_spans=device) for found in _of(kernel, node, name))


def _of(kernel: KernelSyntax, node: ast.expr, device: str | None) -> Iterator[ConfigLiteral]:
    match node:
        case ast.Call(func=function, keywords=keywords) if is_config(kernel, function):
            pairs = [(k.arg, _name_span(kernel, k), k.value) for k in keywords if k.arg is not None]
            has_unpacked = any(k.arg is None for k in keywords)
        case ast.Dict(keys=keys, values=values):
            pairs = [
                (key.value, _inside_quotes(span_of(kernel.file, key)), value)
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
            has_unpacked = None in keys
        case _:
            return
    values_by_key = {key: literal.value for key, _, value in pairs if (literal := _literal(value)) is not None}
    entries = {key: _entries(kernel, value) for key, _, value in pairs}
    spans = {key: span for key, span, _ in pairs}
    yield ConfigLiteral(span_of(kernel.file, node), values_by_key, spans, device, entries, has_unpacked=has_unpacked)


def _entries(kernel: KernelSyntax, value: ast.expr) -> tuple[Span, ...]:
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    return tuple(span_of(kernel.file, item) for item in items)


def is_config(kernel: KernelSyntax, function: ast.expr) -> bool:
    """Whether a callee is `helion.Config`, under any import alias, or `dict`, as locks are written where the file does not import it."""
    match function:
        case ast.Attribute(attr=name):
            return name == "Config"
        case ast.Name(id=name):
            imported = kernel.module.imports.get(name)
            return name in ("Config", "dict") if imported is None else imported.attribute == "Config"
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
