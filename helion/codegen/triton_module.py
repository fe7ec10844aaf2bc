"""The result of code generation: a Python module's text, which line came from which source span, and how to launch it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from helion.codegen.decisions import Decision
from helion.source import Span


@dataclass(frozen=True)
class KernelArgument:
    """One argument of the generated `@triton.jit` function, in order.

    `kind` is "tensor" (a pointer to `dtype`), "descriptor" (a host tensor descriptor of `dtype` and `block_shape`),
    "int", "float", "bool" (a runtime scalar) or "constexpr" (with its `value`).
    `host_expression` is the Python the generated host function passes. `divisible_by_16` is a fact known when generating. An int that is
    not `is_specialized` has one compiled kernel whatever it is, in which it is known to be a multiple of `multiple`.
    """

    name: str
    kind: str
    host_expression: str
    dtype: torch.dtype | None = None
    value: int | float | bool | None = None
    block_shape: tuple[int, ...] | None = None
    divisible_by_16: bool = False
    is_specialized: bool = True
    multiple: int = 1


@dataclass(frozen=True)
class LaunchPlan:
    """How the host function launches the kernel; `grid` is Python text of a tuple, `options` are further launch options."""

    kernel_name: str
    host_name: str
    arguments: tuple[KernelArgument, ...]
    grid: str
    grid_size: int | None
    num_warps: int
    num_stages: int
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class TritonModule:
    """Generated text. `source_map` pairs a 0-based line of `text` with the span of the kernel's file it came from; `decisions` say why it
    is as it is. `unwatched` pairs such a line of the host function with what does the same sooner where nothing watches calls of torch: it
    reads `helion.codegen.allocations.EMPTY_STRIDED`."""

    text: str
    source_map: tuple[tuple[int, Span], ...]
    launch: LaunchPlan
    decisions: tuple[Decision, ...] = ()
    unwatched: tuple[tuple[int, str], ...] = ()
