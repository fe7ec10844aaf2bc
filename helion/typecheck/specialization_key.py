"""The `key=` of a kernel's decorator in, what is wrong with it out: what it is called with, and whether it tells anything apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from helion.diagnostics.catalog.decorator import KeyArguments, UnusedKey
from helion.diagnostics.diagnostic import Diagnostic
from helion.signatures.written_settings import UNKNOWN, written_value
from helion.syntax.decorator_options import Option
from helion.syntax.names import read_names
from helion.syntax.tree import KernelSyntax

# What a specialization is told apart by anyway while shapes are static.
_STATIC = frozenset({"shape", "size", "stride", "dtype", "ndim", "dim", "numel", "device"})


def check_key(kernel: KernelSyntax, option: Option, settings: Sequence[Option]) -> Iterator[Diagnostic]:
    """Of a lambda, or a function of the file; others are not looked into."""
    function = _function(kernel, option.value)
    node = kernel.function.node
    if function is None or not isinstance(node, ast.FunctionDef):
        return
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    arguments = function.args
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    least = len(positional) - len(arguments.defaults)
    required = any(default is None for default in arguments.kw_defaults)
    if required or len(names) < least or (len(names) > len(positional) and arguments.vararg is None):
        yield KeyArguments(option.value_span, len(names), _takes(arguments, positional, least))
        return
    reason = _useless(kernel, function, positional, names, is_static=_is_static(settings))
    if reason is not None:
        yield UnusedKey(option.name_span, reason, option.removal)


def _function(kernel: KernelSyntax, value: ast.expr) -> ast.Lambda | ast.FunctionDef | None:
    match value:
        case ast.Lambda():
            return value
        case ast.Name(id=name) if name in kernel.module.functions and name not in kernel.module.rebound:
            node = kernel.module.functions[name].node
            is_plain = isinstance(node, ast.FunctionDef) and not node.decorator_list
            return node if is_plain else None
        case _:
            return None


def _takes(arguments: ast.arguments, positional: Sequence[str], least: int) -> str:
    if any(default is None for default in arguments.kw_defaults):
        return "an argument by keyword only"
    count = f"{least} to {len(positional)}" if least < len(positional) else str(least)
    return f"{count} argument{'' if count == '1' else 's'}{' or more' if arguments.vararg is not None else ''}"


def _is_static(settings: Sequence[Option]) -> bool:
    written: list[Any] = [written_value(o.value) for o in settings if o.name == "static_shapes"]
    return not written or written[-1] is True


def _useless(
    kernel: KernelSyntax, function: ast.Lambda | ast.FunctionDef, positional: Sequence[str], names: Sequence[str], *, is_static: bool
) -> str | None:
    """Why the key need not be there; None where it may do something."""
    body = function.body if isinstance(function.body, list) else [function.body]
    own = {*positional, *([] if function.args.vararg is None else [function.args.vararg.arg])}
    read = read_names(body) & own
    if not read:
        literal = isinstance(function.body, ast.expr) and written_value(function.body) is not UNKNOWN
        return "`key` is the same for every call" if literal else None
    if not read <= set(positional):
        return None
    node = kernel.function.node
    used = read_names(node.body if isinstance(node.body, list) else [node.body])
    unused = [name for given, name in zip(positional, names, strict=False) if given in read and name not in used]
    if unused:
        return f"`key` tells calls apart by `{unused[0]}`, which `{kernel.name}` does not use: each value is compiled and tuned anew"
    if is_static and not _reads_more(body, read):
        return "`key` says only what static shapes tell apart already; with `static_shapes=False` it would group sizes"
    return None


def _reads_more(body: Sequence[ast.AST], read: frozenset[str] | set[str]) -> bool:
    """Whether more of an argument than its sizes and dtype is read."""
    nodes = [inner for node in body for inner in ast.walk(node)]
    plain = {id(n.value) for n in nodes if isinstance(n, ast.Attribute) and n.attr in _STATIC}
    return any(isinstance(n, ast.Name) and n.id in read and id(n) not in plain for n in nodes)
