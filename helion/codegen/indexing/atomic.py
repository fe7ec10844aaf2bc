"""An atomic on a host tensor as text: through pointers, or as a reduction by the bulk tensor copy engine where nobody reads the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from helion.codegen.indexing.block_pointer import to_block
from helion.codegen.indexing.pointer import pointer_and_mask
from helion.codegen.indexing.strategy import strategy_of
from helion.codegen.indexing.tiled import Refusal, TiledAccess, tiled_access
from helion.device_ir.graph_builder import info_of
from helion.types.dtypes import triton_name
from helion.types.types import NumberType, TensorType

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.kernel_body import KernelBody

_ADDED = frozenset({torch.int32, torch.uint32, torch.uint64, torch.float32, torch.float16, torch.bfloat16})
_COMPARED = frozenset({torch.int32, torch.int64, torch.uint32, torch.uint64})
_BITWISE = frozenset({torch.int32, torch.int64, torch.uint32, torch.uint64})
_DESCRIPTOR_DTYPES = {
    "tl.atomic_add": _ADDED,
    "tl.atomic_max": _COMPARED,
    "tl.atomic_min": _COMPARED,
    "tl.atomic_and": _BITWISE,
    "tl.atomic_or": _BITWISE,
    "tl.atomic_xor": _BITWISE,
}


def emit_atomic(body: KernelBody, function: str, tensor: fx.Node, index: Any, operands: tuple[Any, ...], sem: str) -> str | None:
    """The text of the atomic's previous values; None when it was written as a statement that gives none."""
    type_ = info_of(tensor).type
    assert isinstance(type_, TensorType) and type_.dtype is not None
    access = body.access(tensor, index, body.stored_shape(tensor, index))
    texts = [_operand(body, value, access, type_.dtype) for value in operands]
    tiled = _for_descriptor(body, access, function, type_.dtype, sem)
    if tiled is not None:
        name = body.arguments.descriptor(access.expression, access.type, tiled.block)
        method = function.removeprefix("tl.")
        body.statement(f"{name}.{method}([{', '.join(tiled.offsets)}], {to_block(body, access, tiled, texts[0])})")
        return None
    text = _through_pointers(body, function, access, texts, type_.dtype, sem)
    assert body.node is not None
    if body.node.users:
        return text
    body.statement(text)
    return None


def _through_pointers(body: KernelBody, function: str, access: Access, texts: list[str], dtype: torch.dtype, sem: str) -> str:
    pointer, mask = pointer_and_mask(body, access)
    if dtype.itemsize == 1:
        return _on_bytes(body, function, pointer, mask, texts, dtype, sem)
    if function == "tl.atomic_cas":
        return _compare_and_swap(body, access, pointer, mask, texts, dtype, sem)
    if function == "tl.atomic_xchg" and dtype.is_floating_point:
        return _exchange_bits(pointer, mask, texts[0], dtype, sem)
    where = "" if mask is None else f", mask={mask}"
    return f"{function}({pointer}, {texts[0]}{where}, sem={sem!r})"


def _operand(body: KernelBody, value: Any, access: Access, dtype: torch.dtype) -> str:
    """An operand in the tensor's dtype, at the whole shape of the access."""
    type_ = body.type_of(value)
    shape = body.physical_shape(access.shape)
    if isinstance(type_, NumberType):
        return f"tl.full({shape}, {body.text(value)}, {triton_name(dtype)})"
    assert isinstance(type_, TensorType)
    text = body.cast(body.aligned(value, access.shape), type_.dtype, dtype)
    lead = len(access.shape) - len(type_.dims)
    spanned = {i + lead for i in body.physical_dims(type_.dims)}
    whole = all(i in spanned for i in body.physical_dims(access.shape))
    return text if whole else f"tl.broadcast_to({text}, {shape})"


def _for_descriptor(body: KernelBody, access: Access, function: str, dtype: torch.dtype, sem: str) -> TiledAccess | None:
    """The rectangle that the copy engine reduces into, where the config asks for it and it can."""
    assert body.node is not None
    if strategy_of(body) != "tensor_descriptor" or body.node.users or sem != "relaxed":
        return None
    if dtype not in _DESCRIPTOR_DTYPES.get(function, frozenset()):
        return None
    tiled = tiled_access(body, access, for_descriptor=True, writes=True)
    if isinstance(tiled, Refusal):
        body.writer.decide("access", f"`{access.expression}` is updated through pointers, not by the copy engine: {tiled.reason}")
        return None
    return tiled


def _exchange_bits(pointer: str, mask: str | None, value: str, dtype: torch.dtype, sem: str) -> str:
    """The exchange of floats as one of integers of the same width: the same instruction, and Triton's interpreter knows only this one."""
    bits = f"tl.int{dtype.itemsize * 8}"
    where = "" if mask is None else f", mask={mask}"
    place = f"({pointer}).to(tl.pointer_type({bits}), bitcast=True)"
    before = f"tl.atomic_xchg({place}, ({value}).to({bits}, bitcast=True){where}, sem={sem!r})"
    return f"{before}.to({triton_name(dtype)}, bitcast=True)"


def _compare_and_swap(
    body: KernelBody, access: Access, pointer: str, mask: str | None, texts: list[str], dtype: torch.dtype, sem: str
) -> str:
    """Triton's has no mask: lanes beyond the tile compare the tensor's first element with 0 and swap in 0, which changes nothing."""
    expected, value = texts
    if mask is not None:
        first = body.arguments.tensor(access.expression, access.type)
        pointer = f"tl.where({mask}, {pointer}, {first})"
        zero = f"tl.zeros({body.physical_shape(access.shape)}, {triton_name(dtype)})"
        expected, value = f"tl.where({mask}, {expected}, {zero})", f"tl.where({mask}, {value}, {zero})"
    return f"tl.atomic_cas({pointer}, {expected}, {value}, sem={sem!r})"


def _on_bytes(body: KernelBody, function: str, pointer: str, mask: str | None, texts: list[str], dtype: torch.dtype, sem: str) -> str:
    """A bitwise atomic on one byte: the same on the aligned 32-bit word around it, with what leaves the other bytes as they are."""
    address = body.temporary("address", f"({pointer}).to(tl.int64)")
    shift = body.temporary("shift", f"(({address} & 3) * 8).to(tl.int32)")
    bits = f"({texts[0]}.to(tl.int32) & 255) << {shift}"
    if function == "tl.atomic_and":
        bits = f"({bits}) | ~(255 << {shift})"
    where = "" if mask is None else f", mask={mask}"
    word = f"({address} & -4).to(tl.pointer_type(tl.int32))"
    before = body.temporary("word", f"{function}({word}, {bits}{where}, sem={sem!r})")
    return body.cast(f"(({before} >> {shift}) & 255)", torch.int32, dtype)
