"""A kernel's syntax and its parameters' types in, a `TypedKernel` out; sizes that it specializes or unifies are put in, and 64-bit
indices where 32 bits do not reach, and it is checked again."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy

from helion.diagnostics.catalog.loops import LoopElse, NestedGridLoop, NoDeviceLoop, StatementBetweenLoops
from helion.ops.operation import Op
from helion.ops.tiles import grid
from helion.settings import Settings
from helion.signatures.from_values import Names
from helion.signatures.signature import KernelSignature
from helion.source import Span
from helion.syntax.names import nodes_of
from helion.syntax.tree import KernelSyntax
from helion.typecheck.carried import block_of, carrying
from helion.typecheck.checker import Checker
from helion.typecheck.device_statements import check_device_body
from helion.typecheck.host_statements import check_host_body, check_host_statement, is_barrier, loop_op_of
from helion.typecheck.index_width import needs_64_bits, too_small_index_types
from helion.typecheck.known_sizes import KnownSizes
from helion.typecheck.loops import check_device_loop
from helion.typecheck.rounded_accumulation import rounded_accumulations
from helion.typecheck.scope import Scope
from helion.typecheck.whole_loops import loop_dependencies, loops_without_effect, shared_block_sizes
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk_body
from helion.types.dims import AllLearned, Assumption, Dim, substitute
from helion.types.other_sizes import with_sizes
from helion.types.sources import CALL, NOTHING, sizes_of_tensors, told_by
from helion.types.types import DimOrigin, NumberType, OptionalType, Region, UnknownType

_ROUNDS = 4


def check_kernel(
    kernel: KernelSyntax, signature: KernelSignature, names: Names, settings: Settings, expected: tuple[Assumption, ...] = ()
) -> tree.TypedKernel:
    """Never raises for a user's error: everything found is in `diagnostics`. The equalities that are `expected`, since they
    were learned of a version before this one, change nothing of that: the first round ends as soon as all are learned."""
    found = _checked(kernel, signature, names, settings, expected)
    if found is None:
        found = _checked(kernel, signature, names, settings, ())
    assert found is not None, "nothing was expected"
    return found


def _checked(
    kernel: KernelSyntax, signature: KernelSignature, names: Names, settings: Settings, expected: tuple[Assumption, ...]
) -> tree.TypedKernel | None:
    """None where the first round was cut short and what was expected is not all: a whole first round may say the rest in other words."""
    specialized: dict[str, int] = {}
    assumptions: list[Assumption] = []
    equalities: list[Assumption] = []
    result = None
    was_cut = False
    for _ in range(_ROUNDS):
        checker = _new_checker(kernel, signature, names, settings)
        checker.facts.awaited = expected if result is None and not was_cut else ()
        try:
            result = _check_once(checker, kernel, specialized)
        except AllLearned:
            was_cut = True
        assumptions.extend(checker.facts.assumptions)
        equalities.extend(checker.facts.equalities)
        baked: dict[Any, Dim] = {}
        for symbol, value in checker.specialized.items():
            origin = signature.dim_origins.get(symbol)
            specialized[(origin.host_expression if origin is not None else None) or str(symbol)] = value
            baked[symbol] = sympy.Integer(value)
        learned = {symbol: substitute(checker.facts.resolve(size), baked) for symbol, size in checker.facts.replacements.items()}
        replacements = {**learned, **baked}
        widened = result is not None and signature.index_bits == 32 and settings.index_dtype is None and needs_64_bits(result)
        if not replacements and not widened:
            break
        if was_cut and result is not None:
            return None
        signature = replace(_with_sizes(signature, replacements), index_bits=64 if widened else signature.index_bits)
        signature = replace(signature, dim_origins=_with_multiples(signature.dim_origins, learned))
    if result is None:
        return None
    diagnostics = (*result.diagnostics, *too_small_index_types(result, settings))
    assumed = tuple(dict.fromkeys(assumptions))
    return replace(result, assumptions=assumed, equalities=tuple(equalities), diagnostics=diagnostics)


def _new_checker(kernel: KernelSyntax, signature: KernelSignature, names: Names, settings: Settings) -> Checker:
    checker = Checker(kernel.file, signature, settings, Scope(names))
    checker.dim_origins.update(signature.dim_origins)
    sizes = sizes_of_tensors(*(parameter.type for parameter in signature.parameters.values()))
    checker.known_sizes = KnownSizes({CALL, *sizes}, {CALL, *(sizes if settings.static_shapes else ())})
    checker.check_device_body = check_device_body
    checker.check_host_body = check_host_body
    checker.grid_op = checker.ops.find(grid)
    checker.lost_names = kernel.module.lost_names
    return checker


def _with_sizes(signature: KernelSignature, replacements: dict[Any, Dim]) -> KernelSignature:
    """The signature with sizes that were specialized, or found to be equal, put in."""
    parameters = {n: replace(p, type=with_sizes(p.type, replacements)) for n, p in signature.parameters.items()}
    return replace(signature, parameters=parameters)


def _with_multiples(origins: Mapping[Any, DimOrigin], learned: Mapping[Any, Dim]) -> Mapping[Any, DimOrigin]:
    """Of two sizes that turned out to be equal one stays: what divides either divides it."""
    found = dict(origins)
    for symbol, size in learned.items():
        gone, stays = found.get(symbol), found.get(size)
        if gone is not None and stays is not None and gone.multiple is not None and stays.multiple is not None:
            found[size] = replace(stays, multiple=math.lcm(gone.multiple, stays.multiple))
    return found


def _check_once(checker: Checker, kernel: KernelSyntax, specialized: dict[str, int]) -> tree.TypedKernel:
    node = kernel.function.node
    assert isinstance(node, ast.FunctionDef)
    parameters = _bind_parameters(checker, node)
    body = _check_body(checker, kernel, node)
    span = checker.span_of(node)
    found = (*checker.diagnostics, *rounded_accumulations(body), *loop_dependencies(checker.file, body), *shared_block_sizes(body))
    if not found and not kernel.repairs:
        found = tuple(loops_without_effect(body))
    return tree.TypedKernel(
        file=kernel.file,
        name=kernel.name,
        span=span,
        name_span=kernel.function.name_span,
        parameters=parameters,
        body=body,
        diagnostics=tuple(sorted(filter(lambda d: kernel.is_certain(d.span), found), key=lambda d: d.span)),
        blocks=tuple(checker.blocks),
        axes=tuple(checker.axes),
        assumptions=tuple(checker.facts.assumptions),
        specialized=tuple((name, sympy.Integer(value)) for name, value in specialized.items()),
        dim_origins=checker.dim_origins,
        hints=checker.signature.hints,
        static_shapes=checker.settings.static_shapes,
        index_bits=checker.signature.index_bits,
        options=checker.settings.code_options(),
        asides=_asides(checker, body),
        tunables=tuple(checker.tunables.values()),
    )


def _asides(checker: Checker, body: tuple[tree.Stmt, ...]) -> tuple[tree.Expr, ...]:
    """One expression a place and type for what the tree does not hold."""
    held = {(e.span.start, e.span.end) for e in walk_body(body)}
    found = {(e.span, str(e.type)): e for e in checker.asides if (e.span.start, e.span.end) not in held}
    return tuple(found.values())


def _bind_parameters(checker: Checker, node: ast.FunctionDef) -> tuple[tree.Parameter, ...]:
    arguments = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(arguments) - len(node.args.defaults)) + list(node.args.defaults)
    found: list[tree.Parameter] = []
    for argument, default in zip(arguments, defaults, strict=True):
        parameter = checker.signature.parameters.get(argument.arg)
        type_ = parameter.type if parameter is not None else UnknownType("nothing says what it is")
        evidence = parameter.words if parameter is not None else ""
        start = checker.span_of(argument).start
        span = Span(start, start + len(argument.arg))
        if isinstance(type_, NumberType) and type_.kind is int and type_.value is None:
            type_ = checker.named_host_int(argument.arg, span)
        sources = told_by(type_)
        checker.known_sizes.of_calls |= sources or NOTHING
        if parameter is not None and parameter.is_baked:
            checker.known_sizes.baked |= sources or NOTHING
            type_ = replace(type_, told_by=frozenset((CALL,))) if isinstance(type_, NumberType) and type_.value is None else type_
        if parameter is not None and parameter.optional and not isinstance(type_, UnknownType):
            type_ = OptionalType(type_)
        checker.scope.bind(argument.arg, type_, Region.HOST, span)
        binding = tree.Binding(argument.arg, type_, span, Region.HOST)
        checker.bindings.append(binding)
        text = None if default is None else checker.file.text_of(checker.span_of(default))
        found.append(tree.Parameter(binding, evidence, text))
    for refused in (*node.args.kwonlyargs, *filter(None, (node.args.vararg, node.args.kwarg))):
        checker.scope.bind(refused.arg, UnknownType("a kernel cannot have this parameter"), Region.HOST, checker.span_of(refused))
    return tuple(found)


def _check_body(checker: Checker, kernel: KernelSyntax, node: ast.FunctionDef) -> tuple[tree.Stmt, ...]:
    body: list[tree.Stmt] = []
    loops: list[int] = []
    for statement in _without_docstring(node.body):
        op = loop_op_of(checker, statement.iter) if isinstance(statement, ast.For) else None
        if op is not None:
            assert isinstance(statement, ast.For)
            _report_between(checker, body, loops, statement)
            loops.append(len(body))
            body.append(_grid_loop(checker, op, statement))
        elif loops and is_barrier(checker, statement):
            body.append(tree.Barrier(checker.span_of(statement)))
        else:
            body.append(check_host_statement(checker, statement))
    is_elsewhere = any(isinstance(found, NestedGridLoop) for found in checker.diagnostics)
    is_elsewhere = is_elsewhere or _holds_loop(checker, node.body)
    if not loops and not is_elsewhere and not kernel.repairs and not _has_wrong_loop(checker, node.body):
        checker.report(NoDeviceLoop(kernel.function.name_span, kernel.name))
    return tuple(body)


def _holds_loop(checker: Checker, statements: Sequence[ast.stmt]) -> bool:
    """Whether a device loop stands in a statement that a kernel cannot have, which has been said."""
    found = (
        inner for statement in statements if isinstance(statement, ast.With | ast.AsyncWith | ast.Match) for inner in nodes_of(statement)
    )
    return any(isinstance(inner, ast.For) and loop_op_of(checker, inner.iter) is not None for inner in found)


def _has_wrong_loop(checker: Checker, statements: Sequence[ast.stmt]) -> bool:
    """Whether a loop goes over something that is an error itself, such as `hl.tiles(m)`: that says it all."""
    over = [checker.span_of(statement.iter) for statement in statements if isinstance(statement, ast.For)]
    return any(span.start <= d.span.start < span.end for d in checker.diagnostics for span in over)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if is_text else body


def _report_between(checker: Checker, body: list[tree.Stmt], loops: list[int], statement: ast.For) -> None:
    if not loops:
        return
    for between in body[loops[-1] + 1 :]:
        if not isinstance(between, tree.Barrier):
            checker.report(StatementBetweenLoops(between.span, checker.span_of(statement.iter)))


def _grid_loop(checker: Checker, op: Op, node: ast.For) -> tree.Stmt:
    if node.orelse:
        checker.report(LoopElse(checker.span_of(node.orelse[0])))
    loop = check_device_loop(checker, op, node, is_grid=True)
    checker.region = Region.DEVICE
    with carrying(checker, []), block_of(checker) as statements:
        check_device_body(checker, node.body)
    checker.region = Region.HOST
    checker.scope.forget([n for n, v in checker.scope.variables.items() if v.region is Region.DEVICE])
    if loop is None:
        return tree.HostStatement(checker.span_of(node), "", (), ())
    return loop.finished(tuple(statements), ())
