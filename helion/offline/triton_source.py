"""The arguments of a launch plan in, what Triton's compiler wants to know about them out: signature, constants and attributes."""

from __future__ import annotations

from types import MappingProxyType

import torch

from helion.codegen.triton_module import KernelArgument, LaunchPlan

POINTEE_NAMES = MappingProxyType(
    {
        torch.float64: "fp64",
        torch.float32: "fp32",
        torch.float16: "fp16",
        torch.bfloat16: "bf16",
        torch.float8_e4m3fn: "fp8e4nv",
        torch.float8_e5m2: "fp8e5",
        torch.int64: "i64",
        torch.int32: "i32",
        torch.int16: "i16",
        torch.int8: "i8",
        torch.uint64: "u64",
        torch.uint32: "u32",
        torch.uint16: "u16",
        torch.uint8: "u8",
        torch.bool: "i1",
    }
)


def signature_of(plan: LaunchPlan) -> dict[str, str]:
    """Triton's type of every parameter, by name, as its JIT would write them for a launch."""
    return {argument.name: _type_of(argument) for argument in plan.arguments}


def constants_of(plan: LaunchPlan) -> dict[tuple[int, ...], int | float | bool | None]:
    """The values of constexpr parameters, by position."""
    return {(index,): argument.value for index, argument in enumerate(plan.arguments) if argument.kind == "constexpr"}


def attributes_of(plan: LaunchPlan, *, constants_too: bool) -> dict[tuple[int, ...], list[list[object]]]:
    """Facts the JIT would learn from the values of a launch: which pointers and integers divide by 16.

    Written just as the JIT writes them, since Triton's cache compares the text: an entry, empty or not, for every pointer and integer,
    and since Triton 3.7 (`constants_too`) an empty one for every constexpr.
    """
    kinds = ("tensor", "int", "constexpr") if constants_too else ("tensor", "int")
    return {
        (index,): [["tt.divisibility", 16]] if argument.divisible_by_16 and argument.kind != "constexpr" else []
        for index, argument in enumerate(plan.arguments)
        if argument.kind in kinds
    }


def options_of(plan: LaunchPlan) -> dict[str, object]:
    """The compiler's options of the launch."""
    return {"num_warps": plan.num_warps, "num_stages": plan.num_stages, **dict(plan.options)}


def _type_of(argument: KernelArgument) -> str:
    match argument.kind:
        case "constexpr":
            return "constexpr"
        case "tensor":
            assert argument.dtype is not None
            return f"*{POINTEE_NAMES[argument.dtype]}"
        case "descriptor":
            assert argument.dtype is not None
            assert argument.block_shape is not None
            return f"tensordesc<{POINTEE_NAMES[argument.dtype]}{list(argument.block_shape)}>"
        case "int":
            return POINTEE_NAMES[argument.dtype or torch.int32]
        case "float":
            return "fp32"
        case "bool":
            return "u1"
        case _:
            msg = f"no Triton type for an argument of kind {argument.kind}"
            raise AssertionError(msg)
