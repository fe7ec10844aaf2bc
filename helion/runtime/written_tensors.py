"""A bound kernel and arguments without data in, what its host function gives for them and the tensors out that device code stores to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import host_tensor
from helion.ops.table import OPS

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def written_tensors(bound: BoundKernel, args: Sequence[Any]) -> tuple[Any, list[torch.Tensor]]:
    """The host function's results for tensors without data, and the tensors that its device code would store to."""
    config = bound.plain_config
    expressions = _stored_expressions(bound.ir)
    arguments = bound.module(config).launch.arguments
    written: list[torch.Tensor] = []

    def launcher(kernel: Any, grid: Any, *values: Any, **options: Any) -> None:
        for argument, value in zip(arguments, values, strict=True):
            if isinstance(value, torch.Tensor) and (expressions is None or argument.host_expression in expressions):
                written.append(value)

    return bound.compile_config(config, allow_print=False)(*args, _launcher=launcher), written


def _stored_expressions(ir: DeviceIR) -> frozenset[str] | None:
    """The Python of the host tensors that device code stores to; None where an operation may store to any."""
    found: set[str] = set()
    for node in (node for graph in ir.graphs for node in graph.graph.nodes if node.op == "call_function"):
        op = OPS.find(node.target)
        if op is None or not op.has_effect or op.accesses == "load":
            continue
        target: Any = node.args[0] if op.accesses is not None else None
        if target is None or getattr(target, "target", None) is not host_tensor:
            return None
        found.add(target.args[0])
    return frozenset(found)
