"""A pointwise ATen call on meta tensors in, the meta tensor that torch gives for it out, by computing one element on the CPU.

Torch's own answer for such a call is Python that imports Dynamo, which takes seconds, and then runs for a tenth of a millisecond. The
shape is that of broadcasting, which torch says with its tag `pointwise`; the dtype is what one element of the same dtypes gives.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch.utils import _python_dispatch
from torch.utils._python_dispatch import TorchDispatchMode

from helion.types.untyped import is_sequence

_DISPATCH: Any = _python_dispatch
_TORCH: Any = torch  # which has no types for what it broadcasts
_TAG = torch.Tag.pointwise
_ELSEWHERE = ("device", "layout", "memory_format", "out")


class OneElement(TorchDispatchMode):
    """While it is on, pointwise calls on meta tensors are answered so, and all others by torch."""

    supports_higher_order_operators = True

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing here is to be hidden from Dynamo, which torch would import for that."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return meta_result(func, args, kwargs or {})


def meta_result(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result of an ATen call on meta tensors. Raises what torch raises."""
    found = _pointwise(func, args, kwargs) if _is_pointwise(func) else None
    return func(*args, **kwargs) if found is None else found


def _is_pointwise(func: Any) -> bool:
    return func.namespace == "aten" and _TAG in func.tags and not func._schema.is_mutable


def _pointwise(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor | None:
    """None where torch itself must say it: other arguments than plain tensors in order of their dims, and everything that is wrong."""
    given = [*args, *kwargs.values()]
    tensors = [value for value in given if isinstance(value, torch.Tensor)]
    inner = [leaf for value in given if is_sequence(value) for leaf in value]
    if not tensors or not all(map(_is_plain, tensors)) or any(isinstance(leaf, torch.Tensor) for leaf in inner):
        return None
    if any(kwargs.get(name) is not None for name in _ELSEWHERE):
        return None
    try:
        shape: torch.Size = _TORCH.broadcast_shapes(*(tensor.shape for tensor in tensors))
        with _DISPATCH._disable_current_modes():  # a caller's mode would make a fake tensor of the element, and of all calls after
            result = func(*map(_element, args), **{name: _element(value) for name, value in kwargs.items()})
    except (RuntimeError, TypeError, ValueError, NotImplementedError):
        return None
    if not isinstance(result, torch.Tensor) or result.shape != (1,) * len(shape):
        return None
    return torch.empty(shape, dtype=result.dtype, device="meta")


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether the tensor is laid out as one that was just made."""
    return tensor.is_meta and tensor.stride() == _strides(tuple(tensor.shape))


@cache
def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    return torch.empty(shape, device="meta").stride()


def _element(value: Any) -> Any:
    return _one(value.dtype, value.dim()) if isinstance(value, torch.Tensor) else value


@cache
def _one(dtype: torch.dtype, rank: int) -> torch.Tensor:
    """A tensor of one element, which is 1: a divisor may not be 0."""
    return torch.ones((1,) * rank, dtype=dtype, device="cpu")
