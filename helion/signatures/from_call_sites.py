"""The calls of a kernel in its own file in, what they say about its parameters out, where arguments are plain creations; runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from helion.signatures.creations import Creations
from helion.signatures.from_values import Names
from helion.syntax.tree import KernelSyntax
from helion.types.types import Star, TensorType, Type, UnknownType, UserFunctionType


@dataclass(frozen=True)
class CallEvidence:
    """What all calls agree on: a tensor's dtype and rank (None where they differ), or a function. `names` are of sizes, by position."""

    dtype: torch.dtype | None
    rank: int | None
    function: UserFunctionType | None
    words: str
    names: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True)
class _Site:
    line: int
    arguments: dict[str, Type]


def evidence_from_call_sites(kernel: KernelSyntax, names: Names | None) -> dict[str, CallEvidence]:
    """Evidence by parameter: direct calls, `check("x", kernel, ..., (a, b))` and the tuples of the decorator's `inputs=`."""
    sites = [*_calls(kernel, names), *_inputs(kernel, names)]
    found: dict[str, CallEvidence] = {}
    for parameter in _parameters(kernel):
        given = [(site.line, site.arguments[parameter]) for site in sites if parameter in site.arguments]
        evidence = _combined(given)
        if evidence is not None:
            found[parameter] = evidence
    return found


def signatures_of_call_sites(kernel: KernelSyntax, names: Names | None) -> tuple[tuple[int, tuple[Type, ...]], ...]:
    """`(line, types)` of each call that says every size of its tensors, as samples; other arguments are unknown types."""
    found: list[tuple[int, tuple[Type, ...]]] = []
    for site in (*_calls(kernel, names, exact=True), *_inputs(kernel, names, exact=True)):
        types = tuple(site.arguments.get(name, UnknownType("left open")) for name in _parameters(kernel))
        tensors = [t for t in types if isinstance(t, TensorType)]
        if tensors and all(t.dtype is not None and not any(isinstance(d, Star) or d.free_symbols for d in t.shape) for t in tensors):
            found.append((site.line, types))
    return tuple(found)


def _parameters(kernel: KernelSyntax) -> list[str]:
    arguments = kernel.function.node.args
    return [a.arg for a in (*arguments.posonlyargs, *arguments.args)]


def _combined(given: Sequence[tuple[int, Type]]) -> CallEvidence | None:
    tensors = [(line, type_) for line, type_ in given if isinstance(type_, TensorType)]
    if tensors:
        dtypes = {t.dtype for _, t in tensors}
        ranks = {t.rank for _, t in tensors}
        lines = ", ".join(dict.fromkeys(str(line) for line, _ in tensors))
        words = f"the call at line {lines}" if len({line for line, _ in tensors}) == 1 else f"the calls at lines {lines}"
        dtype = next(iter(dtypes)) if len(dtypes) == 1 else None
        rank = next(iter(ranks)) if len(ranks) == 1 else None
        return CallEvidence(dtype, rank, None, words) if dtype is not None or rank is not None else None
    functions = [(line, type_) for line, type_ in given if isinstance(type_, UserFunctionType)]
    if len(functions) == len(given) == 1:
        line, function = functions[0]
        return CallEvidence(None, None, function, f"the call at line {line}")
    return None


def _calls(kernel: KernelSyntax, names: Names | None, *, exact: bool = False) -> Iterator[_Site]:
    for scope in _scopes(kernel.module.tree):
        creations = Creations(kernel.file, scope, names, kernel.module.constants if exact else None)
        for node in _own_nodes(scope):
            if isinstance(node, ast.Call) and scope is not kernel.function.node:
                arguments = _arguments_of(kernel, node)
                if arguments is not None:
                    yield _Site(node.lineno, _types(creations, arguments))


def _scopes(module: ast.Module) -> Iterator[ast.Module | ast.FunctionDef]:
    yield module
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            yield node


def _own_nodes(scope: ast.Module | ast.FunctionDef) -> Iterator[ast.AST]:
    """Everything in a scope but the functions defined in it."""
    waiting: list[ast.AST] = list(scope.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def _arguments_of(kernel: KernelSyntax, call: ast.Call) -> dict[str, ast.expr] | None:
    """The kernel's arguments by parameter, when this calls it or hands it to something together with a tuple of arguments."""
    parameters = _parameters(kernel)
    if isinstance(call.func, ast.Name) and call.func.id == kernel.name:
        if any(isinstance(a, ast.Starred) for a in call.args):
            return None
        by_name = {k.arg: k.value for k in call.keywords if k.arg is not None}
        return dict(zip(parameters, call.args, strict=False)) | by_name
    if any(isinstance(a, ast.Name) and a.id == kernel.name for a in call.args):
        for argument in call.args:
            if isinstance(argument, ast.Tuple | ast.List) and _fits(kernel, argument.elts):
                return dict(zip(parameters, argument.elts, strict=False))
    return None


def _fits(kernel: KernelSyntax, values: Sequence[ast.expr]) -> bool:
    arguments = kernel.function.node.args
    count = len(_parameters(kernel))
    return count - len(arguments.defaults) <= len(values) <= count and not any(isinstance(v, ast.Starred) for v in values)


def _types(creations: Creations, arguments: dict[str, ast.expr]) -> dict[str, Type]:
    found = {name: creations.type_of(node) for name, node in arguments.items()}
    return {name: type_ for name, type_ in found.items() if type_ is not None}


def _inputs(kernel: KernelSyntax, names: Names | None, *, exact: bool = False) -> Iterator[_Site]:
    given = kernel.keywords.get("inputs")
    function = kernel.module.functions.get(given.id) if isinstance(given, ast.Name) else None
    if function is None or not isinstance(function.node, ast.FunctionDef):
        return
    creations = Creations(kernel.file, function.node, names, kernel.module.constants if exact else None)
    for node in _own_nodes(function.node):
        value = node.value if isinstance(node, ast.Yield | ast.Return) else None
        for each in _listed(value):
            if isinstance(each, ast.Tuple) and _fits(kernel, each.elts):
                yield _Site(each.lineno, _types(creations, dict(zip(_parameters(kernel), each.elts, strict=False))))


def _listed(value: ast.expr | None) -> list[ast.expr]:
    """The argument tuples of what a generator yields or a function returns."""
    match value:
        case ast.List(elts=items):
            return items
        case ast.Dict(values=items):
            return items
        case ast.Tuple(elts=items) if items and all(isinstance(item, ast.Tuple) for item in items):
            return items
        case ast.Tuple():
            return [value]
        case _:
            return []
