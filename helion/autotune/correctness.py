"""Results and expected results in, the worst difference in units of the tolerance out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch

# About eight roundings of the dtype, as kernels that keep intermediate tiles in it make (attention's weights in bfloat16).
_RELATIVE = {torch.float64: 1e-6, torch.bfloat16: 3e-2, torch.float8_e4m3fn: 0.3, torch.float8_e5m2: 0.6}
_USUAL_RELATIVE = 1e-2
# Of so many elements one may be outside, by no more than twice the tolerance: among a hundred million sums of rounded products some stray.
_ONE_STRAYS_OF = 1_000_000


@dataclass(frozen=True)
class Tolerance:
    """A difference may be `relative * (|expected| + root mean square of expected) + absolute`.

    The root mean square stands for what cancelled: the sum of many products near 0 is as uncertain as one far from 0. It is that of all
    elements, or of the last dim's where that is larger: a row shares one operand's row, or its weights, and rows may differ in scale by
    thousands (exponentials of a state-space scan). `relative` None goes by dtype: 1e-2 for float32 (as tf32 dots need) and float16, 3e-2
    for bfloat16, exact for integers.
    """

    relative: float | None = None
    absolute: float = 0.0


@dataclass(frozen=True)
class Difference:
    """`worst` is over 1 when some element is outside the tolerance; `message` names the first result that is, else is empty."""

    worst: float
    message: str


@dataclass(frozen=True)
class Comparison:
    """How results are judged: within `tolerance`, or, when there is a `custom` function, by whether `custom(actual, expected)` raises
    AssertionError. `enabled` False judges nothing."""

    tolerance: Tolerance = Tolerance()
    custom: Callable[[Any, Any], None] | None = None
    enabled: bool = True

    def of(self, actual: Any, expected: Any) -> Difference:
        if self.custom is None:
            return compare(actual, expected, self.tolerance)
        try:
            self.custom(actual, expected)
        except AssertionError as error:
            return Difference(float("inf"), f"autotune_baseline_accuracy_check_fn says: {error}")
        return Difference(0.0, "")


def compare(actual: Any, expected: Any, tolerance: Tolerance) -> Difference:
    """Compare results of any nesting of tuples, lists, mappings, tensors and numbers."""
    found, wanted = list(_leaves(actual, "result")), list(_leaves(expected, "result"))
    if [path for path, _ in found] != [path for path, _ in wanted]:
        return Difference(float("inf"), f"{len(found)} results instead of {len(wanted)}")
    worst = Difference(0.0, "")
    for (path, value), (_, other) in zip(found, wanted, strict=True):
        difference = _compare_leaf(path, value, other, tolerance)
        if difference.worst > worst.worst:
            worst = difference
    return worst


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list | tuple):
        for index, item in enumerate(cast("Sequence[Any]", value)):
            yield from _leaves(item, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[Any, Any]", value).items():
            yield from _leaves(item, f"{path}[{key!r}]")
    else:
        yield path, value


def _compare_leaf(path: str, actual: Any, expected: Any, tolerance: Tolerance) -> Difference:
    if not isinstance(expected, torch.Tensor) or not isinstance(actual, torch.Tensor):
        same = actual == expected
        return Difference(0.0, "") if same else Difference(float("inf"), f"{path} is {actual!r} instead of {expected!r}")
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        was, should = (f"{t.dtype}{list(t.shape)}" for t in (actual, expected))
        return Difference(float("inf"), f"{path} is {was} instead of {should}")
    if expected.numel() == 0:
        return Difference(0.0, "")
    worst = _worst_ratio(actual, expected, tolerance)
    outside = f"{path} differs from the reference by up to {worst:.3g} times the tolerance" if worst > 1 else ""
    return Difference(worst, outside)


def _worst_ratio(actual: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance) -> float:
    relative = tolerance.relative
    if relative is None:
        exact = not expected.dtype.is_floating_point and not expected.dtype.is_complex
        relative = 0.0 if exact else _RELATIVE.get(expected.dtype, _USUAL_RELATIVE)
    wide = torch.complex128 if expected.dtype.is_complex else torch.float64
    if expected.numel() > 1 << 24 and wide is torch.float64:
        wide = torch.float32  # 8192 x 8192 in float64 is half a gigabyte a copy
    a, b = actual.to(wide), expected.to(wide)
    special = ~(torch.isfinite(a) & torch.isfinite(b))
    if special.any() and not torch.equal(torch.nan_to_num(a[special], nan=7.0), torch.nan_to_num(b[special], nan=7.0)):
        return float("inf")
    a, b = a.masked_fill(special, 0), b.masked_fill(special, 0)
    squares = b.abs().square()
    typical = torch.maximum(squares.mean(), squares.mean(-1, keepdim=True) if b.dim() else squares).sqrt()
    allowed = relative * (b.abs() + typical) + tolerance.absolute
    difference = (a - b).abs()
    ratio = torch.where(difference == 0, torch.zeros_like(difference), difference / allowed)
    straying = ratio.numel() // _ONE_STRAYS_OF
    largest = torch.topk(ratio.flatten(), straying + 1).values
    return max(float(largest[-1]), float(largest[0]) / 2)
