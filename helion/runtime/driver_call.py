"""A kernel that Triton compiled in, Python text of the cheapest call that launches it out, with what the text reads."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DriverCall:
    """`text` is a format of `grid` (three expressions), `stream`, and `args`, the kernel's arguments; it reads `names`."""

    text: str
    names: Mapping[str, Any]


# What follows the grid, the stream and the function, by Triton's release. Its launcher, in Python, only adds scratch memory to this.
_OF_THE_C_FUNCTION: Mapping[str, str] = types.MappingProxyType(
    {
        "3.6": "_cooperative, _dependent, None, None, _metadata, None, None, None, {args}",
        "3.7": "_cooperative, _dependent, _metadata, None, None, None, None, None, _annotations, _signature, ({args},)",
    }
)
_OF_THE_LAUNCHER = "_metadata, None, None, None, {args}"
_FIELDS: Mapping[str, str] = types.MappingProxyType(
    {
        "_cooperative": "launch_cooperative_grid",
        "_dependent": "launch_pdl",
        "_annotations": "arg_annotations",
        "_signature": "kernel_signature",
    }
)


def driver_call(compiled: Any) -> DriverCall:
    """A call without hooks. Triton's launcher of a kernel is a Python object whose call defines a function and reads a dozen fields
    (0.8 µs); where it would allocate nothing and make no descriptors, the C function is called as it calls it, else the launcher itself."""
    run: Any = compiled.run
    form = _OF_THE_C_FUNCTION.get(_triton_release()) if _only_calls_c(run) else None
    names = {"_function": compiled.function, "_metadata": compiled.packed_metadata, "_launch": run if form is None else run.launch}
    if form is None:
        form = _OF_THE_LAUNCHER
    names |= {name: getattr(run, field) for name, field in _FIELDS.items() if name in form}
    return DriverCall("_launch({grid}, {stream}, _function, " + form + ")", names)


def _triton_release() -> str:
    triton: Any = importlib.import_module("triton")
    return ".".join(triton.__version__.split(".")[:2])


def _only_calls_c(run: Callable[..., Any]) -> bool:
    """Whether it is the launcher for NVIDIA's GPUs of a kernel that needs no scratch memory and takes no descriptors, which it wraps."""
    if type(run).__name__ != "CudaLauncher":
        return False
    launcher: Any = run
    takes_no_descriptor = isinstance(launcher.launch, types.BuiltinFunctionType)
    return takes_no_descriptor and launcher.global_scratch_size == 0 and launcher.profile_scratch_size == 0
