"""Reductions by a function in Triton's interpreter, which calls it for every element: those that NumPy knows are NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from triton.runtime import interpreter

# By what generated code calls the function.
_WHOLE: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {"_combine_amax": np.max, "_combine_amin": np.min, "_combine_prod": np.prod},
)
_WITH_PLACE: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {"_combine_amax_with_place": np.max, "_combine_amin_with_place": np.min},
)


@cache
def correct_interpreter_reductions() -> None:
    """Done once a process, only where the interpreter is in use. NumPy lets NaN win, as these functions do."""
    operations: Any = interpreter.ReduceOps
    original = operations.apply_impl

    def apply_impl(self: Any, values: Any) -> Any:
        name = getattr(self.combine_fn, "__name__", "")
        if name in _WHOLE and self.axis is not None:
            found = _WHOLE[name](values[0].handle.data, axis=self.axis, keepdims=self.keep_dims)
            return [self.to_tensor(found, values[0].dtype)]
        if name in _WITH_PLACE and self.axis is not None and not self.keep_dims:
            return _with_place(self, values, _WITH_PLACE[name])
        return original(self, values)

    operations.apply_impl = apply_impl


def _with_place(operation: Any, values: Any, best: Callable[..., Any]) -> Any:
    """The best elements, and of the places where they stand the first."""
    data, places = (v.handle.data for v in values)
    found = best(data, axis=operation.axis, keepdims=True)
    same = (data == found) | ((data != data) & (found != found))
    first = np.where(same, places, np.iinfo(places.dtype).max).min(axis=operation.axis)
    return [operation.to_tensor(found.squeeze(operation.axis), values[0].dtype), operation.to_tensor(first, values[1].dtype)]
