"""A load or store through pointer arithmetic: works for every access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from helion.codegen.indexing.cache_policy import cache_modifier, configured_eviction
from helion.device_ir.graph_builder import info_of
from helion.types.dtypes import triton_name
from helion.types.types import NumberType, TensorType

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.kernel_body import KernelBody


def _pointer(body: KernelBody, access: Access) -> str:
    """Where a scalar part has a stride that is an argument it is added first: the lanes' part is then a constant for the assembler, and
    not an address of its own for each load of a thread. Of constants it makes constants either way."""
    name = body.arguments.tensor(access.expression, access.type) if access.base is None else access.base.text
    scalars: list[str] = []
    lanes: list[str] = []
    for dim in access.dims:
        if dim.index == "0" or dim.stride == "0":
            continue
        index = body.expanded(dim.index, dim.result, access.shape)
        if body.index_dtype == "tl.int64":
            index = f"tl.cast({index}, tl.int64)"
        is_first = not dim.result and not dim.stride.isdecimal()
        (scalars if is_first else lanes).append(index if dim.stride == "1" else f"{_factor(index)} * {dim.stride}")
    return " + ".join([name, *scalars, *([_in_parentheses(" + ".join(lanes))] if lanes else [])])


def _in_parentheses(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def _factor(index: str) -> str:
    return f"({index})" if " " in index and not index.endswith("]") else index


def _mask(body: KernelBody, access: Access, extra_mask: Any) -> str | None:
    """What is left in: lanes inside each dim of the result, indices inside their bounds, and what the kernel asks for."""
    parts = [body.mask_of(access.shape)]
    parts += [f"({body.expanded(dim.bound, dim.result, access.shape)})" for dim in access.dims if dim.bound is not None]
    if extra_mask is not None:
        parts.append(f"({body.aligned(extra_mask, access.shape)})")
    return " & ".join(part for part in parts if part is not None) or None


def pointer_load(body: KernelBody, access: Access, extra_mask: Any, eviction_policy: str | None) -> str:
    mask = _mask(body, access, extra_mask)
    padding = padding_of(body)
    other = body.literal(padding) if padding != 0 else _zero(access.type.dtype)
    where = "" if mask is None else f", mask={mask}, other={other}"
    policy = configured_eviction(body) if eviction_policy is None else eviction_policy
    eviction = f", eviction_policy={policy!r}" if policy else ""
    missing = _unspanned_dims(body, access)
    pointer = _pointer(body, access)
    if missing and mask is not None and (extra_mask is not None or body.mask_of(access.shape, only=missing) is not None):
        pointer, missing = f"tl.broadcast_to({pointer}, {body.physical_shape(access.shape)})", ()
    text = f"tl.load({pointer}{where}{eviction}{cache_modifier(body)})"
    if access.type.dtype == torch.bool:
        text = f"{text}.to(tl.int1)"
    return f"tl.broadcast_to({text}, {body.physical_shape(access.shape)})" if missing else text


def padding_of(body: KernelBody) -> float | int:
    """What lanes outside hold in the load being written."""
    assert body.node is not None
    padding = info_of(body.node).invalid_lanes
    return 0 if padding is None else padding


def _zero(dtype: torch.dtype | None) -> str:
    """A zero that Triton can convert: fp8 is made of floats only."""
    return "0.0" if dtype is not None and dtype.is_floating_point and dtype.itemsize == 1 else "0"


def _unspanned_dims(body: KernelBody, access: Access) -> tuple[int, ...]:
    """Physical dims of the result that no index moves along: an extent of 1 or a stride of 0 read by a whole tile."""
    spanned = set(() if access.base is None else access.base.result)
    spanned |= {i for dim in access.dims if dim.index != "0" and dim.stride != "0" for i in dim.result}
    return tuple(i for i in body.physical_dims(access.shape) if i not in spanned)


def pointer_and_mask(body: KernelBody, access: Access, extra_mask: Any = None) -> tuple[str, str | None]:
    """A pointer to every element of an access, at its whole physical shape, and the mask of those that exist."""
    pointer = _pointer(body, access)
    if _unspanned_dims(body, access):
        pointer = f"tl.broadcast_to({pointer}, {body.physical_shape(access.shape)})"
    return pointer, _mask(body, access, extra_mask)


def pointer_store(body: KernelBody, access: Access, value: str, extra_mask: Any) -> None:
    pointer, mask = pointer_and_mask(body, access, extra_mask)
    where = "" if mask is None else f", mask={mask}"
    body.statement(f"tl.store({pointer}, {value}{where}{cache_modifier(body)})")


def stored_text(body: KernelBody, value: Any, access: Access, dtype: torch.dtype, *, is_block: bool = False) -> str:
    """The value in the tensor's dtype; pointers broadcast a number themselves, a block must be whole."""
    type_ = body.type_of(value)
    if isinstance(type_, NumberType):
        return f"tl.full({body.physical_shape(access.shape)}, {body.text(value)}, {triton_name(dtype)})" if is_block else body.text(value)
    assert isinstance(type_, TensorType)
    return body.cast(body.aligned(value, access.shape), type_.dtype, dtype)
