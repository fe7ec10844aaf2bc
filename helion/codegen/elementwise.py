"""An ATen node that Inductor lowers to a per-element function in, Triton expressions on whole tiles out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.inductor import ElementProgram, TensorOperand, element_program
from helion.types.dims import Dim
from helion.types.dtypes import triton_name
from helion.types.types import NumberType, TensorType
from helion.types.untyped import is_sequence

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

_SCALARS = {int: torch.int64, float: torch.float32, bool: torch.bool}


def program_of(node: fx.Node) -> tuple[ElementProgram, list[fx.Node]]:
    """The per-element program of a node and the nodes that are its operands, in order. Raises `NotPointwise`."""
    result = info_of(node).type
    assert isinstance(result, TensorType)
    numbers: dict[Dim, int] = {}
    operands: list[fx.Node] = []

    def abstract(value: Any) -> Any:
        if isinstance(value, fx.Node):
            operands.append(value)
            return _operand(value, numbers)
        if is_sequence(value):
            return tuple(abstract(v) for v in value)
        return value

    args = tuple(abstract(a) for a in node.args)
    kwargs = tuple((name, abstract(value)) for name, value in node.kwargs.items())
    return element_program(node.target, args, kwargs, len(result.dims)), operands


def _operand(node: fx.Node, numbers: dict[Dim, int]) -> TensorOperand:
    type_ = info_of(node).type
    if isinstance(type_, NumberType):
        return TensorOperand(_SCALARS[type_.kind], ())
    assert isinstance(type_, TensorType) and type_.dtype is not None
    return TensorOperand(type_.dtype, tuple(1 if d == 1 else numbers.setdefault(d, 17 + 2 * len(numbers)) for d in type_.dims))


def emit_elementwise(body: KernelBody, node: fx.Node) -> str:
    """One expression where each step is used once; steps used more often get a variable."""
    program, operands = program_of(node)
    result = info_of(node).type
    assert isinstance(result, TensorType)
    texts = {f"a{i}": body.aligned(operand, result.dims) for i, operand in enumerate(operands)}
    uses: dict[str, int] = {}
    for step in program.steps:
        for key in step.uses:
            uses[key] = uses.get(key, 0) + 1
    for position, step in enumerate(program.steps):
        text = step.template.format(**{k: _operand_text(t) for k, t in texts.items()})
        key = f"t{position}"
        texts[key] = body.temporary("t", text) if uses.get(key, 0) > 1 else text
    return _whole(body, texts[program.result], operands, result)


def _whole(body: KernelBody, text: str, operands: list[fx.Node], result: TensorType) -> str:
    """The text as a value of the result's whole shape, when no operand has all of its dims."""
    spanned: set[int] = set()
    for operand in operands:
        type_ = info_of(operand).type
        if isinstance(type_, TensorType):
            lead = len(result.dims) - len(type_.dims)
            spanned.update(i + lead for i in body.physical_dims(type_.dims))
    kept = body.physical_dims(result.dims)
    if all(i in spanned for i in kept):
        return text
    assert result.dtype is not None
    if not operands:
        return f"tl.full({body.physical_shape(result.dims)}, {text}, {triton_name(result.dtype)})"
    return f"tl.broadcast_to({text}, {body.physical_shape(result.dims)})"


def _operand_text(text: str) -> str:
    """Parenthesized when an operator beside it could bind tighter."""
    if text.isidentifier() or _is_closed(text):
        return text
    return f"({text})"


def _is_closed(text: str) -> bool:
    """Whether text is one primary: a number, or a name followed by calls and subscripts."""
    if text.replace(".", "", 1).replace("e-", "", 1).isalnum():
        return True
    depth = 0
    for char in text:
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif depth == 0 and not (char.isalnum() or char in "._"):
            return False
    return not text.startswith("-")
