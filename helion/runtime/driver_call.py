"""A kernel that Triton compiled in, Python text of the cheapest call that launches it out, with what the text reads."""

from __future__ import annotations

import importlib
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helion.runtime.host_descriptor import checked

_MOST_MAPS = 256


@dataclass(frozen=True, slots=True)
class DriverCall:
    """`text` is a format of `grid` (three expressions), `stream`, and `args`, the kernel's arguments; it reads `names`. A descriptor is
    passed as what its encoder makes of it, several values; without encoders as it is."""

    text: str
    names: Mapping[str, Any]
    encoders: Sequence[Encoder] = ()


@dataclass(frozen=True, slots=True)
class Encoder:
    """Makes of a host descriptor what the C function takes: a map for the copy engine, which Triton makes anew at every launch (1 µs, and
    2 µs of Python around it). It says nothing but where the tensor is and what its sizes and strides are: `maps` keeps it under those."""

    make: Callable[[Any, Any], Sequence[Any]]
    metadata: Any
    maps: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict[tuple[Any, ...], tuple[Any, ...]])

    def encode(self, descriptor: Any) -> tuple[Any, ...]:
        found = tuple(self.make(checked(descriptor), self.metadata))
        if len(self.maps) >= _MOST_MAPS:  # addresses may be ever new
            self.maps.clear()
        self.maps[descriptor.base.data_ptr(), descriptor.shape, descriptor.strides] = found
        return found


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
    (0.8 µs); where it would allocate nothing, the C function is called as it calls it, else the launcher itself."""
    run: Any = compiled.run
    launch = _c_function(run)
    encoders = None if launch is None else () if launch is run.launch else _encoders(compiled)
    form = None if encoders is None else _OF_THE_C_FUNCTION.get(_triton_release())
    if encoders is None or form is None:
        launch, form, encoders = run, _OF_THE_LAUNCHER, ()
    names = {"_function": compiled.function, "_metadata": compiled.packed_metadata, "_launch": launch}
    names |= {name: getattr(run, where) for name, where in _FIELDS.items() if name in form}
    return DriverCall("_launch({grid}, {stream}, _function, " + form + ")", names, encoders)


def _triton_release() -> str:
    triton: Any = importlib.import_module("triton")
    return ".".join(triton.__version__.split(".")[:2])


def _c_function(run: Any) -> Callable[..., Any] | None:
    """What the launcher for NVIDIA's GPUs of a kernel that needs no scratch memory calls, through a function that makes maps of descriptors
    where there are any."""
    if type(run).__name__ != "CudaLauncher" or run.global_scratch_size or run.profile_scratch_size:
        return None
    outer: Any = run.launch
    if not isinstance(outer, types.FunctionType):
        return outer if isinstance(outer, types.BuiltinFunctionType) else None
    inner = inspect.getclosurevars(outer).nonlocals.get("launcher")
    return inner if isinstance(inner, types.BuiltinFunctionType) else None


def _encoders(compiled: Any) -> tuple[Encoder, ...] | None:
    """One for each descriptor; None where Triton does not use the copy engine, and takes descriptors apart into other arguments."""
    metadata: Sequence[Any] = getattr(compiled.metadata, "tensordesc_meta", None) or ()
    driver: Any = importlib.import_module("triton.backends.nvidia.driver")
    return tuple(Encoder(driver.make_tensordesc_arg, one) for one in metadata) if metadata and all(metadata) else None
