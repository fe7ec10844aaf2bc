"""Reductions by a function in Triton's interpreter, which calls it for every element: those that NumPy knows are NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from triton.runtime import interpreter

# By what generated code and Inductor's helpers call the function.
_WHOLE: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {"_helion_fn_amax": np.max, "_helion_fn_amin": np.min, "_helion_fn_prod": np.prod},
)
_WITH_PLACE: MappingProxyType[str, tuple[Callable[..., Any], Callable[..., Any]]] = MappingProxyType(
    {"maximum_with_index": (np.max, np.argmax), "minimum_with_index": (np.min, np.argmin)},
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
            return _with_place(self, values, *_WITH_PLACE[name])
        return original(self, values)

    operations.apply_impl = apply_impl


def _with_place(operation: Any, values: Any, best: Callable[..., Any], place: Callable[..., Any]) -> Any:
    data, places = (v.handle.data for v in values)
    at = np.expand_dims(place(data, axis=operation.axis), operation.axis)
    chosen = np.take_along_axis(places, at, axis=operation.axis).squeeze(operation.axis)
    return [operation.to_tensor(best(data, axis=operation.axis), values[0].dtype), operation.to_tensor(chosen, values[1].dtype)]
