"""A library's function that the host calls, or an attribute of what it gave, in; the type that annotations promise out.

Nothing is called: what a machine answers when the kernel is checked says nothing of the one where it runs.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

import torch

from helion.types.sources import CALL
from helion.types.types import NumberType, OpaqueType, OptionalType, Type

_PROPERTIES_CLASS = "DeviceProperties"
# torch's class of a GPU's properties is made in C++ and names no types.
_PROPERTIES: Mapping[str, type] = {
    "name": str,
    "major": int,
    "minor": int,
    "multi_processor_count": int,
    "max_threads_per_multi_processor": int,
    "regs_per_multiprocessor": int,
    "shared_memory_per_multiprocessor": int,
    "warp_size": int,
    "total_memory": int,
    "L2_cache_size": int,
    "gcnArchName": str,
}

# Of `torch.finfo` and `torch.iinfo` of a dtype that is not known.
_LIMITS = ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution")


def promised_result(function: Any) -> Type | None:
    """What a function is annotated to return; None when that is no number, text or plain object."""
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return None
    return _type_of(hints.get("return"))


def opaque_attribute(cls: type, name: str) -> Type | None:
    """The type of an attribute of an object of a class; None when it is not told."""
    if cls is torch.device:
        return {"type": OpaqueType(str), "index": OptionalType(NumberType(int))}.get(name)
    if cls in (torch.finfo, torch.iinfo):
        return _of_the_call(int if cls is torch.iinfo or name == "bits" else float) if name in _LIMITS else None
    return _type_of(_PROPERTIES.get(name)) if _is_properties(cls) else None


def dtype_attribute(name: str) -> Type | None:
    """The type of an attribute of a dtype that is not known; None where dtypes have none of the name."""
    value = getattr(torch.float32, name, None)
    if isinstance(value, bool):
        return OpaqueType(bool)
    return _of_the_call(type(value)) if isinstance(value, int) else None


def _of_the_call(kind: type[int | float]) -> NumberType:
    return NumberType(kind, told_by=frozenset((CALL,)))


def _type_of(annotation: Any) -> Type | None:
    if annotation in (int, float, bool):
        return NumberType(annotation)
    return OpaqueType(annotation) if annotation in (str, torch.device) or _is_properties(annotation) else None


def _is_properties(cls: object) -> bool:
    """By its name: a torch built for GPUs has the class in `torch._C`, one built without makes a stand-in."""
    return isinstance(cls, type) and cls.__name__.endswith(_PROPERTIES_CLASS)
