"""The calls of a kernel in a file in, what they say about its parameters out, where arguments are plain creations; runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch

from helion.signatures.creations import Creations
from helion.signatures.from_values import Names
from helion.syntax.tree import KernelSyntax, ModuleSyntax, Scope, own_nodes
from helion.types.types import Star, TensorType, Type, UnknownType, UserFunctionType

_MOST_PLACES = 4


@dataclass(frozen=True)
class CallEvidence:
    """What all calls agree on: a tensor's dtype and rank (None where they differ), or a function. `names` are of sizes, by position;
    `varies` says that calls give functions, not one."""

    dtype: torch.dtype | None
    rank: int | None
    function: UserFunctionType | None
    words: str
    names: Mapping[int, str] = field(default_factory=dict[int, str])
    varies: bool = False


@dataclass(frozen=True)
class CallSite:
    """What is known of a call's arguments, by parameter; `file` is the name of another file than the kernel's."""

    line: int
    arguments: Mapping[str, Type]
    file: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.file else str(self.line)


def evidence_from_call_sites(kernel: KernelSyntax, names: Names | None) -> dict[str, CallEvidence]:
    """Evidence by parameter: direct calls, `check("x", kernel, ..., (a, b))` and the tuples of the decorator's `inputs=`."""
    return evidence_of_sites(kernel, [*_calls(kernel, names), *_inputs(kernel, names)])


def evidence_of_sites(kernel: KernelSyntax, sites: Sequence[CallSite]) -> dict[str, CallEvidence]:
    """What calls agree on, by parameter."""
    found: dict[str, CallEvidence] = {}
    for parameter in _parameters(kernel):
        evidence = _combined([(site, site.arguments[parameter]) for site in sites if parameter in site.arguments])
        if evidence is not None:
            found[parameter] = evidence
    return found


def calls_in_file(kernel: KernelSyntax, module: ModuleSyntax, local: str, names: Names | None) -> tuple[CallSite, ...]:
    """The calls in another file, which calls the kernel `local`."""
    there = replace(kernel, module=module, file=module.file, name=local)
    file = module.file.path.replace("\\", "/").rpartition("/")[2]
    return tuple(replace(site, file=file) for site in _calls(there, names) if site.arguments)


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


def _combined(given: Sequence[tuple[CallSite, Type]]) -> CallEvidence | None:
    tensors = [(site, type_) for site, type_ in given if isinstance(type_, TensorType)]
    if tensors:
        dtypes = {t.dtype for _, t in tensors}
        ranks = {t.rank for _, t in tensors}
        dtype = next(iter(dtypes)) if len(dtypes) == 1 else None
        rank = next(iter(ranks)) if len(ranks) == 1 else None
        return CallEvidence(dtype, rank, None, _words([site for site, _ in tensors])) if dtype is not None or rank is not None else None
    functions = [(site, type_) for site, type_ in given if isinstance(type_, UserFunctionType)]
    if len(functions) == len(given) == 1:
        site, function = functions[0]
        return CallEvidence(None, None, function, _words([site]))
    return CallEvidence(None, None, None, "calls with several functions", varies=True) if functions else None


def _words(sites: Sequence[CallSite]) -> str:
    """`the call at line 3`, `the calls at lines 3, 8`, `the calls at main.py:3, test.py:8 and 4 more`."""
    places = list(dict.fromkeys(site.place for site in sites))
    line = "" if sites[0].file else "lines " if len(places) > 1 else "line "
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return f"the call{'s' if len(places) > 1 else ''} at {line}{', '.join(places[:_MOST_PLACES])}{more}"


def _calls(kernel: KernelSyntax, names: Names | None, *, exact: bool = False) -> Iterator[CallSite]:
    if kernel.file.text.count(kernel.name) == 1:
        return  # its `def`: looking through a long file takes longer than checking a kernel
    by_scope: dict[Scope, list[ast.Call]] = {}
    for scope, call in kernel.module.calls_by_name.get(kernel.name, ()):
        if scope is not kernel.function.node:
            by_scope.setdefault(scope, []).append(call)
    for scope, calls in by_scope.items():
        creations = Creations(kernel.file, scope, names, kernel.module.constants if exact else None)
        for call in calls:
            arguments = _arguments_of(kernel, call)
            if arguments is not None:
                yield CallSite(call.lineno, _types(creations, arguments))


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


def _inputs(kernel: KernelSyntax, names: Names | None, *, exact: bool = False) -> Iterator[CallSite]:
    given = kernel.keywords.get("inputs")
    function = kernel.module.functions.get(given.id) if isinstance(given, ast.Name) else None
    if function is None or not isinstance(function.node, ast.FunctionDef):
        return
    creations = Creations(kernel.file, function.node, names, kernel.module.constants if exact else None)
    for node in own_nodes(function.node):
        value = node.value if isinstance(node, ast.Yield | ast.Return) else None
        for each in _listed(value):
            if isinstance(each, ast.Tuple) and _fits(kernel, each.elts):
                yield CallSite(each.lineno, _types(creations, dict(zip(_parameters(kernel), each.elts, strict=False))))


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
