"""Kernels inside functions that `torch.compile` compiles, and kernels called without data; runs where Triton interprets."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch._dynamo.testing import CompileCounterWithBackend
from torch._subclasses.fake_tensor import FakeTensorMode

import helion
import helion.language as hl
from helion import exc

# Neither is typed.
DYNAMO: Any = torch._dynamo  # pyright: ignore[reportPrivateUsage]
COMPILE: Any = torch.compile


@helion.kernel(autotune_effort="none")
def scaled_sum(x: torch.Tensor, y: torch.Tensor, scale: float = 2.0) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + y[tile] * scale
    return out


@helion.kernel(autotune_effort="none")
def add_into(x: torch.Tensor, y: torch.Tensor) -> None:
    flat, addend = x.view(-1), y.view(-1)
    for tile in hl.tile(flat.size(0)):
        flat[tile] = flat[tile] + addend[tile]


@helion.kernel(autotune_effort="none")
def several(xs: list[torch.Tensor], n: int) -> tuple[torch.Tensor, int, list[torch.Tensor]]:
    first = torch.empty_like(xs[0])
    for tile in hl.tile(xs[0].size(0)):
        first[tile] = xs[0][tile] - xs[1][tile]
        xs[1][tile] = first[tile] * n
    return first, n + 1, [xs[1]]


@helion.kernel(autotune_effort="none")
def a_view(x: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        x[tile] = x[tile] + 1
    return x[:4]


def _agrees(function: Any, *args: Any, backend: Any = "aot_eager") -> None:
    DYNAMO.reset()
    mine, theirs = ([a.clone() if isinstance(a, torch.Tensor) else a for a in args] for _ in range(2))
    expected = function(*theirs)
    torch.testing.assert_close(COMPILE(function, fullgraph=True, backend=backend)(*mine), expected)
    torch.testing.assert_close(mine, theirs)


def check_one_operation_of_a_whole_graph() -> None:
    def function(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.relu(scaled_sum(x * 2, y)) + scaled_sum(y, x, scale=0.5)

    counter = CompileCounterWithBackend("aot_eager")
    _agrees(function, torch.randn(8, 16), torch.randn(8, 16), backend=counter)
    assert counter.frame_count == 1
    names = [node.target.__name__ for node in counter.graphs[0].graph.nodes if node.op == "call_function"]
    assert names.count("scaled_sum") == 2


def check_tensors_that_are_written_to() -> None:
    def function(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        before = x * 1
        add_into(x, y)
        add_into(x, y)
        return x - before

    _agrees(function, torch.randn(8, 16), torch.randn(8, 16))


def check_results_of_any_structure() -> None:
    def function(x: torch.Tensor, y: torch.Tensor) -> Any:
        z = y + 0
        first, n, more = several([x, z], 3)
        return first * n + more[0], z

    _agrees(function, torch.randn(32), torch.randn(32))


def check_views_of_arguments_are_refused() -> None:
    DYNAMO.reset()
    with pytest.raises(Exception, match="cannot return a view of an argument"):
        COMPILE(a_view, fullgraph=True, backend="aot_eager")(torch.randn(8))


def _thrice(x: torch.Tensor) -> torch.Tensor:
    return scaled_sum(x, x)


def check_other_shapes_compile_again() -> None:
    DYNAMO.reset()
    compiled = COMPILE(_thrice, fullgraph=True, backend="aot_eager")
    for size in (8, 9, 10):
        x = torch.randn(size)
        torch.testing.assert_close(compiled(x), x * 3)


def check_inductor() -> None:
    def function(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return scaled_sum(x.sin(), y).cos()

    _agrees(function, torch.randn(8, 16), torch.randn(8, 16), backend="inductor")


def check_fake_tensors_give_shapes() -> None:
    with FakeTensorMode() as mode:
        x = mode.from_tensor(torch.randn(8, 16, dtype=torch.float16))
        result = scaled_sum(x, x)
        first, n, more = several([mode.from_tensor(torch.randn(4)), mode.from_tensor(torch.randn(4))], 3)
    assert (result.shape, result.dtype, type(result)) == (x.shape, torch.float16, type(x))
    assert (first.shape, n, more[0].shape) == ((4,), 4, (4,))


def check_errors_come_without_data_too() -> None:
    with FakeTensorMode() as mode, pytest.raises(exc.ShapeMismatch):
        scaled_sum(mode.from_tensor(torch.randn(8, 16)), mode.from_tensor(torch.randn(3, 5, 16)))


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
