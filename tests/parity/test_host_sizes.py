"""How host functions come by sizes: known ones are written down, others are read once; and what they compute with is what kernels say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import helion
import helion.language as hl

X, Y = torch.empty(32, 48, device="meta"), torch.empty(48, device="meta")


def host_text(function: Callable[..., Any], *args: Any, static: bool) -> str:
    """The generated host function from its first statement on, without comments."""
    kernel = helion.kernel(function, static_shapes=static, output_origin_lines=False, autotune_effort="none")
    text = kernel.bind(args).to_triton_code(helion.Config(block_sizes=[16]))
    return text[text.index(f"\ndef {function.__name__}(") :].split("\n", 2)[2]


def row_sums(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    n = x.size(0)
    assert x.size(1) == y.size(0)
    out = x.new_empty(n)
    for tile in hl.tile(n):
        out[tile] = (x[tile, :] * y[:]).sum(-1)
    return out


def test_known_sizes_are_written_down() -> None:
    text = host_text(row_sums, X, Y, static=True)
    assert text.startswith("    n = 32\n    assert 48 == 48\n")


def test_others_are_read_by_what_takes_the_host_least_and_once() -> None:
    text = host_text(row_sums, X, Y, static=False)
    assert text.startswith("    n = x.shape[0]\n    assert x.shape[1] == y.shape[0]\n")
    launch = text[text.index("_launcher(") :]
    assert "(-(-n // _BLOCK_SIZE_0),), n, " in launch
    assert "x.stride()[0], " in launch
    assert "x.size(0)" not in launch


def renamed(x: torch.Tensor) -> torch.Tensor:
    n = x.size(0)
    out = torch.empty_like(x)
    total = n * 2
    n = total + 1
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * n
    return out


def sometimes(x: torch.Tensor, longer: bool) -> torch.Tensor:
    n = 4
    if longer:
        n = x.size(0)
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] + n
    return out


def counted(x: torch.Tensor) -> int:
    inner = x.size(0)
    print("counted")
    return inner


def by_a_function(x: torch.Tensor) -> torch.Tensor:
    half = counted(x)
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] / half
    return out


@pytest.mark.parametrize(
    ("function", "args"), [(renamed, (Y,)), (sometimes, (Y, True)), (by_a_function, (Y,))], ids=["renamed", "sometimes", "by a function"]
)
def test_only_a_name_that_surely_holds_a_size_stands_for_it(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    text = host_text(function, *args, static=False)
    grid = text[text.index("_launcher(") :].split(",")[1]
    assert grid == (" (-(-half // _BLOCK_SIZE_0)" if function is by_a_function else " (-(-x.size(0) // _BLOCK_SIZE_0)")


def of_several(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    total = 0
    for one in (x, y):
        total = total + one.size(0)
    out = torch.empty_like(y)
    for tile in hl.tile(y.size(0)):
        out[tile] = y[tile] + total
    return out


def block_of(x: torch.Tensor) -> torch.Tensor:
    block = hl.register_block_size(x.size(0))
    width = hl.specialize(x.size(0))
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=block):
        out[tile] = x[tile] + width
    return out


def test_a_name_of_several_tensors_is_asked_in_every_round() -> None:
    assert "total = total + one.size(0)\n" in host_text(of_several, X, Y, static=True)
    assert "total = total + one.shape[0]\n" in host_text(of_several, X, Y, static=False)


def test_a_size_inside_of_what_is_replaced_goes_with_it() -> None:
    first, second, *_ = host_text(block_of, Y, static=True).strip().split("\n    ")
    assert first == "block = 16"
    assert second == "width = (48)"
    assert host_text(block_of, Y, static=False).strip().split("\n    ")[1] == "width = (x.shape[0])"


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 8, 9, 1 << 20, (1 << 20) + 1])
def test_lanes_of_whole_rows_are_a_power_of_two_and_two_at_least(length: int) -> None:
    text = host_text(row_sums, X, Y, static=False)
    line = next(line for line in text.splitlines() if line.startswith("    _SIZE_0 = "))
    lanes: dict[str, Any] = {"x": torch.empty(1, length, device="meta"), "y": torch.empty(length, device="meta")}
    exec(line.strip(), lanes)
    assert lanes["_SIZE_0"] == max(1 << (length - 1).bit_length(), 2)
