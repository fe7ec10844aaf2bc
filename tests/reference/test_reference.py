"""The eager reference means what the language means: tiles, masks, values, helper functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import helion
import helion.language as hl
from helion.language import full, tile
from helion.reference.run import reference_function
from tests.runtime.kernels import row_mean

X = torch.arange(20, dtype=torch.float32).view(4, 5)


def run(function: Callable[..., Any], *args: Any) -> Any:
    return reference_function(function)(*args)


def tiles_with_a_block_size(x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for rows in hl.tile(1, x.size(0), block_size=2):
        out[rows] = x[rows] * rows.count + rows.index
        seen[rows.id] = rows.begin * 100 + rows.end * 10 + rows.block_size
    return out


def test_tiles_of_a_fixed_size_cover_the_range_once() -> None:
    x, seen = torch.arange(6.0), torch.zeros(3)
    out = run(tiles_with_a_block_size, x, seen)
    assert torch.equal(out[1:], x[1:] * 3 + torch.arange(1, 6))
    assert seen.tolist() == [132.0, 352.0, 562.0]


def tiles_without_one(x: torch.Tensor, seen: torch.Tensor) -> None:
    for rows, columns in tile(x.size()):
        seen[0] += 1
        x[rows, columns] = full([rows, columns], rows.end * 10 + columns.end, dtype=x.dtype)
    for _ in hl.tile(0):
        seen[0] += 10


def test_tuned_tiles_are_the_whole_range_and_empty_ones_do_not_run() -> None:
    x, seen = torch.zeros(3, 4), torch.zeros(1)
    run(tiles_without_one, x, seen)
    assert torch.equal(x, torch.full((3, 4), 34.0))
    assert seen.item() == 1


def a_grid(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for row, column in hl.grid([x.size(0), x.size(1)]):
        out[row, column] = x[row, column] + row * 10
    for row in hl.grid(x.size(0)):
        for inner in hl.tile(lengths[row]):
            out[row, inner] = -x[row, inner]
    return out


def test_grids_and_bounds_read_on_the_device() -> None:
    lengths = torch.tensor([0, 1, 5, 2])
    expected = X + torch.arange(4)[:, None] * 10
    for row, length in enumerate(lengths.tolist()):
        expected[row, :length] = -X[row, :length]
    assert torch.equal(run(a_grid, X, lengths), expected)


def gathers(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    outer = torch.empty([rows.size(0), columns.size(0)])
    shifted = torch.empty_like(x)
    paired = torch.empty([rows.size(0), columns.size(0)])
    for r, c in hl.tile([rows.size(0), columns.size(0)]):
        outer[r, c] = x[rows[r], columns[c]]
        paired[r, c] = x[rows[r][:, None], columns[c][None, :]]
    for r in hl.tile(x.size(0)):
        shifted[r, :] = hl.load(x, [r + 1, slice(None)], extra_mask=(r.index + 1 < x.size(0))[:, None])
    return outer, paired, shifted


def test_integer_tensors_select_outer_products_and_masked_places_are_not_read() -> None:
    rows, columns = torch.tensor([3, 0, 3]), torch.tensor([4, 1])
    outer, paired, shifted = run(gathers, X, rows, columns)
    assert torch.equal(outer, X[rows][:, columns])
    assert torch.equal(paired, outer)
    assert torch.equal(shifted, torch.cat([X[1:], torch.zeros(1, 5)]))


def masked_store(x: torch.Tensor, index: torch.Tensor, out: torch.Tensor) -> None:
    for r in hl.tile(x.size(0)):
        hl.store(out, [index[r]], x[r], extra_mask=index[r] < out.size(0))
        hl.store(out, [r], x[r] * 0, extra_mask=r.index == 3)


def test_masked_stores_leave_the_rest() -> None:
    out = torch.full((4,), 9.0)
    run(masked_store, torch.arange(1.0, 4.0), torch.tensor([2, 70, 0]), out)
    assert out.tolist() == [3.0, 9.0, 1.0, 9.0]


def values_not_references(x: torch.Tensor, out: torch.Tensor) -> None:
    out += 1
    for r in hl.tile(x.size(0)):
        a = x[r]
        b = a
        b += 100
        x[r] = b
        out[r] += a


def test_names_on_the_device_hold_values_and_on_the_host_references() -> None:
    x, out = torch.arange(4.0), torch.zeros(4)
    run(values_not_references, x, out)
    assert x.tolist() == [100.0, 101.0, 102.0, 103.0]
    assert out.tolist() == [1.0, 2.0, 3.0, 4.0]


def _halved(value: torch.Tensor) -> torch.Tensor:
    return _scaled(value, 0.5)


def _scaled(value: torch.Tensor, factor: float) -> torch.Tensor:
    return hl.full([value.size(0)], factor) * value


def with_helpers(x: torch.Tensor, epilogue: Callable[..., torch.Tensor]) -> torch.Tensor:
    out = x.new_empty([helion.cdiv(x.size(0), 1)])
    for r in helion.language.tile(x.size(0)):
        out[r] = epilogue(_halved(x[r]), r)
    return out


def test_helpers_and_closures_mean_the_eager_language_too() -> None:
    bias = torch.arange(4.0)
    assert torch.equal(run(with_helpers, torch.ones(4), lambda value, r: value + bias[r] + hl.zeros([r])), bias + 0.5)
    assert _halved.__globals__["hl"] is hl


def half_precision_products(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    out = torch.empty([a.size(0), b.size(1)])
    for m, n in hl.tile([a.size(0), b.size(1)]):
        acc = hl.zeros([m, n])
        for k in hl.tile(a.size(1), block_size=16):
            acc = hl.dot(a[m, k], b[k, n], acc=acc)
        out[m, n] = acc
    return out


def test_products_accumulate_in_float32() -> None:
    a, b = torch.randn(5, 300).bfloat16(), torch.randn(300, 7).bfloat16()
    torch.testing.assert_close(run(half_precision_products, a, b), a.float() @ b.float())


def test_host_values_and_boolean_masks_on_the_host_are_torchs() -> None:
    def masks(x: torch.Tensor) -> torch.Tensor:
        return x[x > 3]

    assert torch.equal(run(masks, X), X[X > 3])
    torch.testing.assert_close(run(row_mean, X), X.mean(1))


def test_the_kernels_module_is_left_untouched() -> None:
    run(row_mean, X)
    with pytest.raises(helion.exc.NotInsideKernel):
        row_mean(X)


@helion.kernel(ref_mode=helion.RefMode.EAGER)
def scattered(x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for rows in hl.tile(x.size(0)):
        out[places[rows]] = x[rows]
    return out


def test_several_values_for_one_place_are_refused() -> None:
    x = torch.tensor([1.0, 2.0, 2.0, float("nan")])
    with pytest.raises(helion.exc.DuplicateStoreIndicesError, match=r"one place, \[3\]"):
        scattered(x, torch.tensor([3, 3, 0, 1]))
    torch.testing.assert_close(scattered(x, torch.tensor([0, 3, 3, 1])), torch.tensor([1.0, float("nan"), 0.0, 2.0]), equal_nan=True)
