"""The device that a kernel runs on, as Python text of the host function: that of the first tensor among its arguments."""

from __future__ import annotations

from collections.abc import Iterator

from helion.device_ir.ir import DeviceIR
from helion.types.types import DictType, SequenceType, TensorType, Type


def device_expression(ir: DeviceIR) -> str:
    """`x.device`, or the current GPU when no argument holds a tensor."""
    for parameter in ir.kernel.parameters:
        found = next(_tensors(parameter.binding.type, parameter.binding.name), None)
        if found is not None:
            return f"{found}.device"
    return "torch.device('cuda')"


def _tensors(type_: Type, path: str) -> Iterator[str]:
    """Python that yields each tensor inside an argument."""
    match type_:
        case TensorType():
            yield path
        case SequenceType(items=items):
            for position, item in enumerate(items):
                yield from _tensors(item, type_.path(path, position))
        case DictType(items=pairs):
            for key, item in pairs:
                yield from _tensors(item, f"{path}[{key!r}]")
        case _:
            pass
