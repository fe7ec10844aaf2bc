"""The tensors of a call in, what is wrong with them before or after the kernel was checked out: layouts and devices no kernel reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch

from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import host_tensor
from helion.diagnostics.catalog.runtime import MixedDevices, UnsupportedTensor
from helion.diagnostics.diagnostic import Diagnostic
from helion.runtime.shapes_only import is_fake, tensors_of
from helion.runtime.size_expressions import size_getter
from helion.source import Span

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel

_NO_STRIDES = "it is {}, and kernels read tensors that have an address for every index"


def unreadable_arguments(kernel: Kernel, args: Sequence[Any], span: Span) -> tuple[Diagnostic, ...]:
    """Tensors that are not laid out in memory by strides, and fake tensors among others."""
    found: list[Diagnostic] = []
    fakes = [is_fake(tensor) for tensor in tensors_of(args)]
    for name, value in zip(kernel.signature.parameters, args, strict=True):
        for tensor in tensors_of([value]):
            why = _why_unreadable(tensor) or ("it has no data, and other arguments have" if is_fake(tensor) and not all(fakes) else None)
            if why is not None:
                found.append(UnsupportedTensor(span, kernel.name, name, why))
    return tuple(found)


def _why_unreadable(tensor: torch.Tensor) -> str | None:
    if tensor.is_nested:
        return _NO_STRIDES.format("a nested tensor")
    if tensor.is_quantized:
        return "it is quantized; pass its `int_repr()`, scale and zero point"
    if tensor.layout != torch.strided:
        return _NO_STRIDES.format(f"of layout {tensor.layout}")
    if tensor.is_neg() or tensor.is_conj():
        return "it is a view that negates or conjugates when it is read; pass its `resolve_neg().resolve_conj()`"
    return None


def misplaced_arguments(kernel: Kernel, ir: DeviceIR, args: Sequence[Any], device: torch.device) -> tuple[Diagnostic, ...]:
    """Tensors that device code reads or writes and that are elsewhere than on its device. Host code may use tensors of any device."""
    parameters = tuple(kernel.signature.parameters)
    found: dict[str, Diagnostic] = {}
    for expression in sorted(_device_expressions(ir)):
        get = size_getter(expression, parameters)
        tensor = None if get is None else get(args)
        if isinstance(tensor, torch.Tensor) and tensor.device != device:
            found[expression] = MixedDevices(ir.kernel.name_span, kernel.name, expression, str(tensor.device), str(device))
    return tuple(found.values())


def _device_expressions(ir: DeviceIR) -> set[str]:
    return set(_host_tensors(ir))


def _host_tensors(ir: DeviceIR) -> Iterator[str]:
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            if node.op == "call_function" and node.target is host_tensor:
                yield str(node.args[0])
