"""The JIT's signature: exact with static shapes; named sizes, strides and numbers without."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from helion.signatures.from_arguments import signature_from_arguments
from helion.signatures.signature import KernelSignature
from helion.types.dims import dim
from helion.types.types import TensorType, UserFunctionType


def kernel(x: Any, y: Any = None, flag: "hl.constexpr" = 3) -> Any:  # noqa: F821, UP037
    return x, y, flag


def signature(*args: Any, static_shapes: bool = True) -> KernelSignature:
    bound = inspect.signature(kernel).bind(*args)
    bound.apply_defaults()
    return signature_from_arguments(inspect.signature(kernel), tuple(bound.arguments.values()), static_shapes=static_shapes)


def types(found: KernelSignature) -> list[str]:
    return [str(p.type) for p in found.parameters.values()]


def test_static_shapes() -> None:
    assert types(signature(torch.empty(3, 4), 7)) == ["f32[3, 4]", "int(y)", "int(3)"]


def test_dynamic_shapes_are_named_by_where_they_are() -> None:
    found = signature(torch.empty(3, 4), static_shapes=False)
    assert types(found)[0] == "f32[x_size_0, x_size_1]"
    assert {str(s): (o.host_expression, found.hints[s]) for s, o in found.dim_origins.items()} == {
        "x_size_0": ("x.size(0)", 3),
        "x_size_1": ("x.size(1)", 4),
    }


def test_a_size_of_one_is_a_fact() -> None:
    assert types(signature(torch.empty(1, 4), static_shapes=False))[0] == "f32[1, x_size_1]"


def test_strides() -> None:
    contiguous = signature(torch.empty(3, 4), static_shapes=False).parameters["x"].type
    assert isinstance(contiguous, TensorType)
    assert contiguous.stride is not None
    assert contiguous.stride == (contiguous.dims[1], dim(1))
    transposed = signature(torch.empty(3, 4).t()).parameters["x"].type
    assert isinstance(transposed, TensorType)
    assert transposed.stride == (dim(1), dim(4))


def test_kinds_of_values() -> None:
    assert types(signature([torch.empty(2), None], "gelu")) == ["[f32[2], None]", "'gelu'", "int(3)"]
    assert types(signature(0.5, True))[:2] == ["float", "bool"]
    assert types(signature(torch.float16, torch.device("cpu")))[0] == "dtype(f16)"


def test_huge_tensors_are_indexed_with_64_bits() -> None:
    assert signature(torch.empty(2**31 + 8, device="meta")).index_bits == 64
    assert signature(torch.empty(8)).index_bits == 32


def test_a_lambda_is_known_by_its_own_syntax() -> None:
    scale = torch.empty(4)
    one, two = (lambda v: v + 1), (lambda v: v * scale)
    found = signature(one, two)
    first, second = (found.parameters[name].type for name in ("x", "y"))
    assert isinstance(first, UserFunctionType)
    assert isinstance(second, UserFunctionType)
    assert first.syntax.file.text_of(first.syntax.span) == "lambda v: v + 1"
    assert second.syntax.file.text_of(second.syntax.span) == "lambda v: v * scale"
    assert str(second.names.resolve("scale")) == "f32[4]"
    assert second.names.path_of("scale") == "y.__closure__[0].cell_contents"
    assert second.names.resolve("nothing") is None
