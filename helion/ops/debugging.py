"""Looking into a running kernel: `hl.device_print`, `hl.breakpoint`, and Python's `print` and `breakpoint` in device code."""

from __future__ import annotations

import builtins
from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.types.types import ConstantType, NumberType, Region, TensorType, Type, UnknownType

NONE = ConstantType(None)


def device_print(prefix: str, *values: torch.Tensor | float) -> None:
    """Print values while the kernel runs, each lane on a line of its own after `prefix`, a literal string.

    Every program prints; values of lanes past the end of the tile are undefined. `print("prefix", value)` in device code is the same.

    Example:
        >>> hl.device_print("row sums", row_sum)
    """
    only_inside_kernel("hl.device_print")


def infer_device_print(ctx: TypingContext, prefix: Type, *values: Type) -> Type:
    return _printed(ctx, "hl.device_print", prefix, values)


def infer_print(ctx: TypingContext, *values: Type, **options: Type) -> Type:
    """Python's own on the host."""
    if ctx.region is Region.HOST:
        return NONE
    if not values or options:
        return ctx.report(InvalidArgument(ctx.span, "print", "device code prints a literal string, then values, and has no options"))
    return _printed(ctx, "print", values[0], values[1:])


def _printed(ctx: TypingContext, name: str, prefix: Type, values: tuple[Type, ...]) -> Type:
    if not isinstance(prefix, ConstantType) or not isinstance(prefix.value, str) or not prefix.value.isascii():
        return ctx.report(InvalidArgument(ctx.span, name, f"the first argument must be a literal string in ASCII, not {prefix}"))
    for value in values:
        if not isinstance(value, TensorType | NumberType | UnknownType):
            return ctx.report(InvalidArgument(ctx.span, name, f"values are printed, and {value} is none"))
    return NONE


def emit_device_print(ctx: EmitContext, prefix: str, *values: Any) -> None:
    ctx.statement(f"tl.device_print({', '.join([repr(prefix), *(ctx.text(value) for value in values)])})")


def run_device_print(prefix: str, *values: Any) -> None:
    print(prefix, *values)


def breakpoint() -> None:
    """Stop in the debugger, in device code. There is one where Python runs the kernel: with HELION_INTERPRET=1 or TRITON_INTERPRET=1.

    `breakpoint()` in device code is the same.

    Example:
        >>> hl.breakpoint()
    """
    only_inside_kernel("hl.breakpoint")


def infer_breakpoint(ctx: TypingContext) -> Type:
    return NONE


def infer_python_breakpoint(ctx: TypingContext, *args: Type, **options: Type) -> Type:
    """Python's own on the host."""
    if ctx.region is Region.DEVICE and (args or options):
        return ctx.report(InvalidArgument(ctx.span, "breakpoint", "it takes no arguments in device code"))
    return NONE


def emit_breakpoint(ctx: EmitContext) -> None:
    ctx.statement("breakpoint()")


OPS = (
    Op(
        "hl.device_print",
        device_print,
        Region.DEVICE,
        infer=infer_device_print,
        emit=emit_device_print,
        run=run_device_print,
        has_effect=True,
        keeps_position=True,
    ),
    Op("print", builtins.print, infer=infer_print, emit=emit_device_print, run=builtins.print, has_effect=True, keeps_position=True),
    Op(
        "hl.breakpoint",
        breakpoint,
        Region.DEVICE,
        infer=infer_breakpoint,
        emit=emit_breakpoint,
        run=builtins.breakpoint,
        has_effect=True,
        needs_interpreter=True,
    ),
    Op(
        "breakpoint",
        builtins.breakpoint,
        infer=infer_python_breakpoint,
        emit=emit_breakpoint,
        run=builtins.breakpoint,
        has_effect=True,
        needs_interpreter=True,
    ),
)
