"""Statements of the host: typed for the editor and for sizes, kept as text for the generated host function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from helion.diagnostics.catalog.loops import NestedGridLoop
from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.ops.operation import Op
from helion.source import Span
from helion.syntax.names import assigned_names
from helion.syntax.statement_text import at_the_margin
from helion.typecheck.attempts import mark, undo
from helion.typecheck.checker import Checker
from helion.typecheck.expressions import check_expression
from helion.typecheck.host_containers import changed_containers, follow_method, forget_contents
from helion.typecheck.narrowing import narrow, narrowing_of, widened
from helion.typecheck.operators import BINARY, check_operation, truth
from helion.typecheck.scope import Variable
from helion.typecheck.targets import bind_host
from helion.typecheck.wording import word_of
from helion.typed_kernel import tree
from helion.types.dims import Dim, DimFacts, constant
from helion.types.join import join, same_layout
from helion.types.sources import told_by, with_sources
from helion.types.types import ConstantType, FunctionType, NumberType, Region, SequenceType, StarSequenceType, TensorType, Type, UnknownType

_MAX_ROUNDS = 64
_UNSUPPORTED = (ast.With, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef, ast.ClassDef, ast.FunctionDef, ast.Match, ast.Delete)


def check_host_statement(checker: Checker, node: ast.stmt) -> tree.HostStatement:
    """One top-level host statement with everything in it."""
    values: list[tree.Expr] = []
    before = len(checker.bindings)
    _walk(checker, node, values)
    if isinstance(node, ast.Assert) and not checker.axes:
        _assume(checker, node.test)
    span = checker.span_of(node)
    assigned = assigned_names(node.targets) if isinstance(node, ast.Assign) else ()
    return tree.HostStatement(span, _text(checker, span), tuple(values), tuple(checker.bindings[before:]), assigned)


def check_host_body(checker: Checker, body: list[ast.stmt]) -> None:
    """The statements of a function that the host calls, up to the `return` that is taken."""
    _block(checker, body, [])


def _text(checker: Checker, span: Span) -> str:
    return at_the_margin(checker.file.text_of(span), checker.file.position(span.start).column)


def _walk(checker: Checker, node: ast.stmt, values: list[tree.Expr]) -> None:
    match node:
        case ast.Assign(targets=targets, value=value):
            _prepare_names(checker, targets[0], value)
            result = check_expression(checker, value)
            values.append(result)
            for target in targets:
                bind_host(checker, target, result.type)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            result = check_expression(checker, value)
            values.append(result)
            bind_host(checker, target, result.type)
        case ast.AugAssign(target=target, op=op, value=value):
            left, right = check_expression(checker, _as_load(target)), check_expression(checker, value)
            result = check_operation(checker, BINARY[type(op)], (left, right), checker.span_of(node))
            values.extend((left, right))
            if isinstance(target, ast.Name):
                bind_host(checker, target, result.type)
        case ast.Expr(value=value):
            result = check_expression(checker, value)
            values.append(result)
            parts = result.parts[1:] if isinstance(result, tree.HostValue) else ()
            follow_method(checker, value, tuple(part.type for part in parts))
        case ast.Return(value=value):
            span = checker.span_of(node)
            result = tree.Constant(ConstantType(None), span) if value is None else check_expression(checker, value)
            values.append(result)
            if checker.inline_depth:
                checker.returns.append(result)
        case ast.Assert(test=test, msg=message):
            values.append(check_expression(checker, test))
            if message is not None:
                values.append(check_expression(checker, message))
        case ast.If(test=test, body=body, orelse=orelse):
            _branch(checker, test, body, orelse, values)
        case ast.For():
            _loop(checker, node, values)
        case ast.While():
            _while(checker, node, values)
        case ast.Raise(exc=raised):
            if raised is not None:
                values.append(check_expression(checker, raised))
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            _maybe_block(checker, [*body, *orelse, *final], values)
            for handler in handlers:
                _maybe_block(checker, handler.body, values)
        case ast.Pass() | ast.Global() | ast.Import() | ast.ImportFrom() | ast.AnnAssign():
            pass
        case _:
            span = checker.span_of(node)
            checker.report(UnsupportedStatement(span, word_of(node), "a kernel"))
            for name in assigned_names([node]):
                checker.bind_host_name(name, UnknownType("bound by what is not supported"), span)


def _assume(checker: Checker, test: ast.expr) -> None:
    """What holds after an `assert`: sizes said to be equal are one, since the host checks it at every call."""
    narrow(checker, narrowing_of(checker, test).held)
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in parts:
                _assume(checker, part)
        case ast.Compare(left=left, ops=ops, comparators=comparators) if all(isinstance(op, ast.Eq) for op in ops):
            first = check_expression(checker, left).type
            for other in comparators:
                _equate(checker, first, check_expression(checker, other).type)
        case _:
            pass


def _equate(checker: Checker, left: Type, right: Type) -> None:
    if isinstance(left, SequenceType) and isinstance(right, SequenceType) and len(left.items) == len(right.items):
        for a, b in zip(left.items, right.items, strict=True):
            _equate(checker, a, b)
    elif isinstance(left, NumberType) and isinstance(right, NumberType) and isinstance(left.value, Dim) and isinstance(right.value, Dim):
        checker.facts.learn_equal(left.value, right.value)


def _prepare_names(checker: Checker, target: ast.expr, value: ast.expr) -> None:
    """Block sizes registered by an assignment are named after its target."""
    checker.loop_targets.clear()
    if isinstance(target, ast.Name) and isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "register_block_size":
            checker.loop_targets.append(target.id)


def _as_load(target: ast.expr) -> ast.expr:
    return target


def _block(checker: Checker, body: list[ast.stmt], values: list[tree.Expr]) -> None:
    for statement in body:
        if checker.returns:
            break
        _walk(checker, statement, values)


def _maybe_block(checker: Checker, body: list[ast.stmt], values: list[tree.Expr]) -> bool:
    """A block that may not run: a `return` in it is one of those that may be taken. Whether it returns at all."""
    _block(checker, body, values)
    returned = bool(checker.returns)
    checker.possible_returns.extend(checker.returns)
    checker.returns.clear()
    return returned


def _branch(checker: Checker, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], values: list[tree.Expr]) -> None:
    condition = check_expression(checker, test)
    values.append(condition)
    checker.decisions.append(condition.type)
    known = truth(condition.type)
    if known is not None:
        _block(checker, body if known else orelse, values)
        return
    narrowing = narrowing_of(checker, test)
    before = checker.scope.copy()
    narrow(checker, narrowing.held)
    returns_then = _maybe_block(checker, body, values)
    then = widened(before, checker.scope.copy())
    checker.scope.restore(before)
    narrow(checker, narrowing.failed)
    returns_else = _maybe_block(checker, orelse, values)
    if returns_then and returns_else:
        checker.returns.append(checker.possible_returns.pop())
    otherwise = widened(before, checker.scope.copy())
    if _leaves(body):
        checker.scope.restore(otherwise)
        narrow(checker, narrowing.failed)
    elif _leaves(orelse):
        checker.scope.restore(then)
        narrow(checker, narrowing.held)
    else:
        checker.scope.restore({**then, **otherwise})
        for name in sorted(then.keys() | otherwise.keys()):
            _meet(checker, name, before.get(name), [side[name] for side in (then, otherwise) if name in side], condition.type)


def _meet(checker: Checker, name: str, before: Variable | None, sides: list[Variable], condition: Type) -> None:
    """A name after a branch that the host decides by a condition, from what it is on each side that has it."""
    assigned = next((side for side in sides if side != before), None)
    if assigned is None:
        return
    first, last = sides[0].type, sides[-1].type
    if first != last or not same_layout(first, last):
        joined = join(first, last, checker.facts)
        if joined is None and isinstance(first, TensorType) and isinstance(last, TensorType) and _differ_in_sizes(first, last):
            joined = checker.named_host_sizes(name, assigned.span, (first, last))
        _rebind(checker, name, joined, assigned, condition, first, last)
    elif len(sides) == 1 and isinstance(first, NumberType) and isinstance(first.value, Dim) and constant(first.value) is None:
        _rebind(checker, name, first, assigned, condition, first)


def _differ_in_sizes(first: TensorType, last: TensorType) -> bool:
    """Whether nothing else of two host tensors differs."""
    known = first.rank is not None and first.dtype is not None and first.region is Region.HOST
    return known and (first.rank, first.dtype, first.region) == (last.rank, last.dtype, last.region)


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise)


def _rebind(checker: Checker, name: str, type_: Type | None, variable: Variable, *decided_by: Type) -> None:
    """A host name whose value is decided at run time, by values that are all that it takes if there are any: an int gets a size's name of
    its own, so that it can still be computed with."""
    if isinstance(type_, NumberType):
        unknown = NumberType(type_.kind, told_by=told_by(*decided_by) if decided_by else None)
        type_ = checker.named_host_int(name, variable.span, unknown) if type_.kind is int else unknown
    checker.scope.bind(name, type_ or UnknownType("decided at run time"), Region.HOST, variable.span)


def _loop(checker: Checker, node: ast.For, values: list[tree.Expr]) -> None:
    if is_loop_call(checker, node.iter):
        checker.report(NestedGridLoop(checker.span_of(node)))
        return
    iterator = check_expression(checker, node.iter)
    values.append(iterator)
    items = iterator.type.items if isinstance(iterator.type, SequenceType) else ()
    item: Type | None = items[0] if items else iterator.type.item if isinstance(iterator.type, StarSequenceType) else None
    for other in items[1:]:
        item = None if item is None else _either(item, other, checker.facts)
    if isinstance(iterator.type, SequenceType) and len(items) <= _MAX_ROUNDS and _rounds(checker, node, items, values):
        return

    def check_round() -> None:
        bind_host(checker, node.target, item or UnknownType("differs from item to item"))
        _maybe_block(checker, node.body, values)

    _repeat(checker, node, values, check_round, iterator.type)
    _block(checker, node.orelse, values)


def _rounds(checker: Checker, node: ast.For, items: tuple[Type, ...], values: list[tree.Expr]) -> bool:
    """Check a loop over known items round by round. Undone, False, when a round makes an int that only the run time knows: each round
    has its own, and there is one name for it."""
    start, sizes, checked = mark(checker), len(checker.dim_origins), len(values)
    for item in items:
        bind_host(checker, node.target, item)
        _maybe_block(checker, node.body, values)
    if len(checker.dim_origins) == sizes:
        _block(checker, node.orelse, values)
        return True
    undo(checker, start)
    del values[checked:]
    return False


def _either(left: Type, right: Type, facts: DimFacts) -> Type | None:
    """The join of two host values; numbers of a kind keep the kind."""
    joined = join(left, right, facts)
    if isinstance(joined, NumberType) and left != right:
        return with_sources(NumberType(joined.kind), left, right)
    return joined


def _while(checker: Checker, node: ast.While, values: list[tree.Expr]) -> None:
    def check_round() -> None:
        values.append(check_expression(checker, node.test))
        _maybe_block(checker, node.body, values)

    _repeat(checker, node, values, check_round)
    _block(checker, node.orelse, values)


def _repeat(
    checker: Checker, node: ast.For | ast.While, values: list[tree.Expr], check_round: Callable[[], None], counted_by: Type | None = None
) -> None:
    """A loop of any number of rounds: of as many as what it is `counted_by` has items, where that tells.

    A tensor that it assigns is in every round of a type that a round both begins and ends with: what it was before, with names for sizes
    that a round changes, or else unknown. Until that is found, the round is checked again.
    """
    variables = {name: checker.scope.get(name) for name in assigned_names(node.body)}
    before = {name: v.type for name, v in variables.items() if v is not None and v.region is Region.HOST and isinstance(v.type, TensorType)}
    kept: Mapping[str, TensorType] = before
    start, checked = mark(checker), len(values)
    while True:
        _forget_values(checker, node.body, kept, counted_by)
        check_round()
        ends = {name: checker.scope.get(name) for name in kept}
        found = {name: end.type for name, end in ends.items() if end is not None}
        met = _met_tensors(checker, kept, found, checker.span_of(node.body[0]))
        if met.keys() == kept.keys() and all(met[name] == kept[name] and same_layout(met[name], kept[name]) for name in met):
            # Sizes have other names after the loop than in its rounds, since what a round has found out of its own holds for no other.
            _forget_values(checker, node.body, _met_tensors(checker, before, met, checker.span_of(node)), counted_by)
            return
        undo(checker, start)
        del values[checked:]
        kept = _met_tensors(checker, kept, found, checker.span_of(node.body[0]))


def _met_tensors(checker: Checker, one: Mapping[str, TensorType], other: Mapping[str, Type], span: Span) -> dict[str, TensorType]:
    """Host tensors that are of the one type or of the other, by name; those that differ in more than sizes are left out."""
    found: dict[str, TensorType] = {}
    for name in sorted(one.keys() & other.keys()):
        first, second = one[name], other[name]
        met = join(first, second, checker.facts)
        if met is None and isinstance(second, TensorType) and _differ_in_sizes(first, second):
            met = checker.named_host_sizes(name, span, (first, second))
        if isinstance(met, TensorType):
            found[name] = met
    return found


def _forget_values(checker: Checker, body: list[ast.stmt], kept: Mapping[str, Type], counted_by: Type | None) -> None:
    """Names that a loop assigns differ from round to round: numbers keep their kind only, others nothing, but for what is kept."""
    if body:
        forget_contents(checker, changed_containers(body), checker.span_of(body[0]))
    for name in assigned_names(body):
        variable = checker.scope.get(name)
        if variable is None or variable.region is Region.DEVICE:
            continue
        if isinstance(variable.type, NumberType):
            _rebind(checker, name, variable.type, variable, *(() if counted_by is None else (variable.type, counted_by)))
        else:
            _rebind(checker, name, kept.get(name, UnknownType("assigned in a loop of the host")), variable)


def is_loop_call(checker: Checker, node: ast.expr) -> bool:
    """Whether an iterator is a call of `hl.tile`, `hl.grid` or another op that iterates."""
    return loop_op_of(checker, node) is not None


def loop_op_of(checker: Checker, node: ast.expr) -> Op | None:
    """The op that a `for`'s iterator calls, if it is one that iterates; reports nothing."""
    op = _op_called(checker, node)
    return op if op is not None and op.iterates is not None else None


def is_barrier(checker: Checker, node: ast.stmt) -> bool:
    """Whether a statement is a call of an op that separates loops."""
    op = _op_called(checker, node.value) if isinstance(node, ast.Expr) else None
    return op is not None and op.separates_loops


def _op_called(checker: Checker, node: ast.expr) -> Op | None:
    """The op of a call; reports nothing."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    before = len(checker.diagnostics)
    callee = check_expression(checker, node.func).type
    del checker.diagnostics[before:]
    return checker.ops.find(callee.function) if isinstance(callee, FunctionType) else None
