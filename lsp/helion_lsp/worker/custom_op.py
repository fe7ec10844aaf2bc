"""A checked kernel in, the edit that registers it with `torch.library` out: what it changes, and what it gives without running, are read
from its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from helion.diagnostics.diagnostic import TextEdit
from helion.ops.table import OPS
from helion.source import Span
from helion.syntax.names import assigned_names, read_names
from helion.syntax.namesakes import namesakes
from helion.syntax.tree import KernelSyntax, span_of
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk
from helion.types.types import NumberType, TensorType, Type
from helion_lsp.worker.fixes.around import Around

_NEW = ("empty", "zeros", "ones", "full", "rand", "randn")
_CHANGING = ("store", "atomic")


def custom_op_edits(kernel: KernelSyntax, typed: tree.TypedKernel) -> Iterator[tuple[str, TextEdit]]:
    """An operator of `torch.library` with its fake below the kernel. None where the operator's schema cannot say what the kernel does."""
    node = kernel.function.node
    torch = next((name for name, i in kernel.imports.items() if i.module == "torch" and i.attribute is None), None)
    name = f"{kernel.name}_op"
    is_taken = name in kernel.module.functions or name in kernel.module.constants or name in kernel.module.imports
    if not isinstance(node, ast.FunctionDef) or torch is None or typed.has_errors or is_taken:
        return
    form = _form(kernel, typed, node, torch)
    if form is None or kernel.assigned is not None or node not in kernel.module.tree.body or len(namesakes(kernel)) > 1:
        return
    changed = "".join(f'"{one}", ' for one in form.changed)
    mutates = f"({changed.rstrip(' ') if len(form.changed) == 1 else changed.removesuffix(', ')})"
    space = Path(kernel.file.path).stem
    space = space if space.isidentifier() else "kernels"
    call = f"{kernel.name}({', '.join(form.names)})"
    text = "\n".join(
        (
            f'@{torch}.library.custom_op("{space}::{kernel.name}", mutates_args={mutates})',
            f"def {name}({form.parameters}) -> {form.result}:",
            f"    {call}" if form.result == "None" else f"    return {call}",
            "",
            "",
            f"@{name}.register_fake",
            f"def _({form.parameters}) -> {form.result}:",
            *(f"    {line}" for line in form.fake),
        )
    )
    ending = "\r\n" if "\r\n" in kernel.file.text else "\n"
    end = kernel.function.span.end
    yield f"Register {kernel.name} as a torch.library.custom_op", TextEdit(Span(end, end), f"\n\n\n{text}".replace("\n", ending))


@dataclass(frozen=True)
class _Form:
    """`fake` are the lines that make what the kernel gives."""

    names: tuple[str, ...]
    parameters: str
    result: str
    changed: tuple[str, ...]
    fake: tuple[str, ...]


def _form(kernel: KernelSyntax, typed: tree.TypedKernel, node: ast.FunctionDef, torch: str) -> _Form | None:
    arguments = node.args
    if arguments.kwonlyargs or arguments.vararg is not None or arguments.kwarg is not None:
        return None
    types = {p.binding.name: p.binding.type for p in typed.parameters}
    parameters = _parameters(kernel, arguments, types, torch)
    changed = _changed(typed, node, types)
    returned = _returned(node, Around(kernel, typed), frozenset(types))
    if parameters is None or changed is None or returned is None:
        return None
    if not returned:
        return _Form(tuple(types), parameters, "None", changed, ("pass",))
    lines = _made(kernel, typed, node, returned)
    if lines is None:
        return None
    result = f"{torch}.Tensor" if len(returned) == 1 else f"tuple[{', '.join([f'{torch}.Tensor'] * len(returned))}]"
    given = ", ".join(kernel.file.text_of(span_of(kernel.file, value)) for value in returned)
    return _Form(tuple(types), parameters, result, changed, (*lines, f"return {given}"))


def _parameters(kernel: KernelSyntax, arguments: ast.arguments, types: dict[str, Type], torch: str) -> str | None:
    every = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(every) - len(arguments.defaults)) + list(arguments.defaults)
    found: list[str] = []
    for argument, default in zip(every, defaults, strict=True):
        match types.get(argument.arg):
            case TensorType():
                type_ = f"{torch}.Tensor"
            case NumberType(kind=kind) if kind in (int, float, bool):
                type_ = kind.__name__
            case _:
                return None
        if default is not None and isinstance(default, ast.Constant) and default.value is None:
            type_ = f"{type_} | None"
        value = "" if default is None else f" = {kernel.file.text_of(span_of(kernel.file, default))}"
        found.append(f"{argument.arg}: {type_}{value}")
    return ", ".join(found)


def _changed(typed: tree.TypedKernel, node: ast.FunctionDef, types: dict[str, Type]) -> tuple[str, ...] | None:
    """The arguments that device code writes; None where what is written may share memory with one."""
    made = {target.id for target, value in _assignments(node.body) if isinstance(target, ast.Name) and _is_new(value)}
    found: dict[str, None] = {}
    for call in walk(typed):
        op = OPS.find(call.target) if isinstance(call, tree.Call) else None
        if not isinstance(call, tree.Call) or op is None or op.accesses not in _CHANGING:
            continue
        written = call.args[0] if call.args else None
        if not isinstance(written, tree.Name) or (written.name not in types and written.name not in made):
            return None
        if written.name in types:
            found[written.name] = None
    return None if any(name in types for name in made) else tuple(name for name in types if name in found)


def _is_new(value: ast.expr) -> bool:
    """`torch.empty(...)`, `x.new_zeros(...)`, `torch.zeros_like(x)`."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    return value.func.attr.removeprefix("new_").removesuffix("_like") in _NEW


def _assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr]]:
    for statement in body:
        match statement:
            case ast.Assign(targets=[target], value=value):
                yield target, value
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
            case _:
                pass


def _returned(node: ast.FunctionDef, around: Around, parameters: frozenset[str]) -> list[ast.expr] | None:
    """The tensors that are given back, nothing where those are all arguments; None where an operator could not give that."""
    returns = [n for n in ast.walk(node) if isinstance(n, ast.Return)]
    if not returns:
        return []
    last = node.body[-1]
    if len(returns) > 1 or not isinstance(last, ast.Return):
        return None
    if last.value is None:
        return []
    values = list(last.value.elts) if isinstance(last.value, ast.Tuple) else [last.value]
    given = [isinstance(value, ast.Name) and value.id in parameters for value in values]
    if all(given):
        return []
    return None if any(given) or any(around.tensor(around.span(value)) is None for value in values) else values


def _made(kernel: KernelSyntax, typed: tree.TypedKernel, node: ast.FunctionDef, returned: Sequence[ast.expr]) -> list[str] | None:
    """The statements of the host that what is given back needs, as lines; None where one of them means nothing outside a kernel."""
    loops = {statement.span.start for statement in typed.body if isinstance(statement, tree.Loop)}
    needed = set(read_names(returned))
    lines: list[str] = []
    for statement in reversed(node.body[:-1]):
        span = span_of(kernel.file, statement)
        bound = assigned_names([statement])
        if span.start in loops or needed.isdisjoint(bound):
            continue
        text = kernel.file.text_of(span)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or "\n" in text or _language(kernel, statement):
            return None
        needed |= read_names([statement])
        lines.append(text)
    return lines[::-1]


def _language(kernel: KernelSyntax, statement: ast.stmt) -> bool:
    """Whether a statement uses `helion.language`."""
    names = {name for name, i in kernel.imports.items() if f"{i.module}.{i.attribute or ''}".startswith("helion.language")}
    return not names.isdisjoint(read_names([statement]))
