"""An ATen node that Inductor lowers to a per-element function in, Triton expressions on whole tiles out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from torch import fx

from helion.codegen.fast_math import faster
from helion.codegen.narrow_casts import narrow_cast
from helion.codegen.vendor_functions import available
from helion.device_ir.element_code import ElementProgram
from helion.device_ir.element_programs import program_of
from helion.device_ir.graph_builder import info_of
from helion.types.dims import BlockSymbol
from helion.types.dtypes import triton_name
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def emit_elementwise(body: KernelBody, node: fx.Node) -> str:
    """One expression where each step is used once; steps used more often get a variable."""
    cast = narrow_cast(body, node)
    if cast is not None:
        return cast
    program, operands = program_of(node, body.ir.inductor)
    result = info_of(node).type
    assert isinstance(result, TensorType)
    texts = {f"a{i}": body.aligned(operand, result.dims) for i, operand in enumerate(operands)}
    places = _places(body, program, result)
    texts.update({f"p{i}": text for i, text in places.items()})
    uses: dict[str, int] = {}
    for step in program.steps:
        for key in step.uses:
            uses[key] = uses.get(key, 0) + 1
    for position, step in enumerate(program.steps):
        template = faster(step, body.target) if body.ir.kernel.options.fast_math else available(step, body.target)
        text = template.format(**{k: _operand_text(t) for k, t in texts.items()})
        key = f"t{position}"
        texts[key] = body.temporary("t", text) if uses.get(key, 0) > 1 else text
    return _whole(body, texts[program.result], operands, places, result)


def _places(body: KernelBody, program: ElementProgram, result: TensorType) -> dict[int, str]:
    """The position of each element along the dims whose positions the program uses."""
    used = {int(key[1:]) for step in program.steps for key in step.uses if key.startswith("p")}
    kept = body.physical_dims(result.dims)
    texts: dict[int, str] = {}
    for i in sorted(used):
        if i not in kept:
            texts[i] = "tl.full([], 0, tl.int32)"
            continue
        size = result.dims[i]
        lanes = f"tl.arange(0, {body.dim(size)})" if size.has(BlockSymbol) else body.full_index(size)
        texts[i] = body.expanded(lanes, (i,), result.dims)
    return texts


def _whole(body: KernelBody, text: str, operands: list[fx.Node], places: Iterable[int], result: TensorType) -> str:
    """The text as a value of the result's whole shape, when no operand has all of its dims."""
    spanned = set(places)
    for operand in operands:
        type_ = info_of(operand).type
        if isinstance(type_, TensorType):
            lead = len(result.dims) - len(type_.dims)
            spanned.update(i + lead for i in body.physical_dims(type_.dims))
    kept = body.physical_dims(result.dims)
    if all(i in spanned for i in kept):
        return text
    assert result.dtype is not None
    if not operands and not spanned:
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
