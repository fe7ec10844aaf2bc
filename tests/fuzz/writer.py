"""The text of a kernel as it grows, and beside it the same in eager torch over whole ranges, which is run at once: what torch refuses,
and what grows large, is not drawn."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import torch

from tests.fuzz.tensors import length_of, make_tensor
from tests.fuzz.values import LENGTHS, SIZES, Argument, Axis, Result, Value

_DTYPES = ("float32", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool")
_DRAWN_DTYPES = (*["float32"] * 5, "float16", "bfloat16", "int32", "int32", "int64", "bool", "int8", "uint8", "int16")
_LAYOUTS = (*["plain"] * 6, "transposed", "strided", "expanded", "offset")
_ROUNDING = {torch.float16: 4e-3, torch.bfloat16: 3e-2}
LARGEST = 2e3


class Rejected(Exception):
    """What was drawn so far leads nowhere: another attempt draws anew."""


class Writer:
    """One kernel being drawn. `values` are those in scope, `grids` the single indices that enclose, each with its size."""

    def __init__(self, seed: int, helpers: str) -> None:
        self.draw = random.Random(seed)
        self.device: list[str] = []
        self.eager: list[str] = []
        self.arguments: list[Argument] = []
        self.scalars: dict[str, int | float | bool] = {}
        self.results: list[Result] = []
        self.values: list[Value] = []
        self.grids: tuple[tuple[str, str], ...] = ()
        self.minimums: dict[str, int] = {}
        self.lengths = {size: self.draw.choice(LENGTHS) for size in SIZES}
        self.names: dict[str, Any] = {"torch": torch, "F": torch.nn.functional, "math": math, **self.lengths}
        exec(helpers, self.names)
        self._device_depth = self._eager_depth = 1
        self._fresh = 0

    def name(self, prefix: str) -> str:
        self._fresh += 1
        return f"{prefix}{self._fresh}"

    def device_line(self, text: str) -> None:
        self.device.append("    " * self._device_depth + text)

    def eager_line(self, text: str) -> None:
        self.eager.append("    " * self._eager_depth + text)

    def run(self, *lines: str) -> None:
        """Lines of eager torch, which are run as well."""
        for line in lines:
            self.eager_line(line)
        try:
            exec("\n".join(lines), self.names)
        except (RuntimeError, TypeError, ValueError, IndexError) as refused:
            raise Rejected from refused

    def both(self, *lines: str) -> None:
        """Lines that device code and eager torch have alike."""
        for line in lines:
            self.device_line(line)
        self.run(*lines)

    @contextmanager
    def block(self, header: str, eager_header: str = "") -> Generator[None]:
        """Lines under a header; what they name ends with it. In eager torch a loop over tiles is none: a tile is the whole range."""
        before = list(self.values)
        self.device_line(header)
        self._device_depth += 1
        if eager_header:
            self.eager_line(eager_header)
            self._eager_depth += 1
        try:
            yield
        finally:
            self._device_depth -= 1
            self._eager_depth -= bool(eager_header)
            self.values = before

    def open_tile(self, tile: Axis, begin: str = "0", end: str = "") -> None:
        """What eager torch knows of a tile: the slice that reads it, its length, its indices."""
        end = end or tile.size
        name = tile.subscript
        self.run(
            f"{name} = slice({begin}, {end})",
            f"length_of_{name} = max(0, ({end}) - ({begin}))",
            f"index_of_{name} = torch.arange({begin}, {end}, dtype=torch.int32)",
        )

    def assign(self, text: str, axes: Sequence[Axis], exact: bool, tolerance: float, eager: str = "") -> Value | None:
        """A new value in scope; None when torch refuses it or its numbers grow."""
        eager = eager or text
        try:
            found = eval(eager, self.names)
        except (RuntimeError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError):
            return None
        if not isinstance(found, torch.Tensor) or str(found.dtype).removeprefix("torch.") not in _DTYPES or _is_large(found):
            return None
        assert found.dim() == len(axes), f"{axes} are not the axes of {eager}, of shape {list(found.shape)}"
        value = Value(self.name("v"), tuple(axes), exact, tolerance if exact else max(tolerance, _ROUNDING.get(found.dtype, 0.0)))
        self.names[value.name] = found
        self.device_line(f"{value.name} = {text}")
        self.eager_line(f"{value.name} = {eager}")
        self.values.append(value)
        return value

    def make_inexact(self, value: Value) -> Value:
        """The same value after lines that were written for it."""
        changed = Value(value.name, value.axes, exact=False, tolerance=value.tolerance)
        self.values = [changed if v.name == value.name else v for v in self.values]
        return changed

    def dtype(self, value: Value) -> torch.dtype:
        return self.names[value.name].dtype

    def is_float(self, value: Value) -> bool:
        return self.dtype(value).is_floating_point

    def pick(self, fits: Callable[[Value], bool] = lambda value: True) -> Value | None:
        """One of the values, a late one rather than an early one."""
        fitting = [value for value in self.values if fits(value)]
        if not fitting:
            return None
        return self.draw.choice(fitting[-8:] if self.draw.random() < 0.7 else fitting)

    def argument(
        self, sizes: Sequence[str], dtype: str = "", elements: Literal["numbers", "indices"] = "numbers", below: str = ""
    ) -> Argument:
        """A tensor of these sizes: one that there is and that nothing writes, or a new one."""
        written = {result.name for result in self.results}
        unwritten = [a for a in self.arguments if a.name not in written]
        fitting = [a for a in unwritten if (a.sizes, a.elements) == (tuple(sizes), elements) and dtype in ("", a.dtype)]
        if elements == "numbers" and fitting and self.draw.random() < 0.3:
            return self.draw.choice(fitting)
        dtype = dtype or self.draw.choice(_DRAWN_DTYPES)
        return self.add_argument(Argument(self.name("a"), tuple(sizes), dtype, elements, below, self.draw.choice(_LAYOUTS), self._seed()))

    def add_argument(self, argument: Argument) -> Argument:
        self.arguments.append(argument)
        self.names[argument.name] = make_tensor(argument, self.lengths)
        return argument

    def updated_argument(self, sizes: Sequence[str], exact: bool, tolerance: float) -> str:
        """An argument of the kernel's own, which no other tensor shares memory with."""
        layout = self.draw.choice(["plain", "transposed", "strided", "offset"])
        name = self.name("b")
        self.add_argument(Argument(name, tuple(sizes), "float32", "numbers", "", layout, self._seed()))
        self.results.append(Result(name, tuple(sizes), "float32", "", exact, tolerance))
        return name

    def scalar(self, kind: Literal["int", "float"] = "int") -> str:
        """A number among the parameters."""
        fitting = [name for name, value in self.scalars.items() if type(value).__name__ == kind]
        if fitting and self.draw.random() < 0.6:
            return self.draw.choice(fitting)
        name = self.name("s")
        self.scalars[name] = self.draw.choice([0, 1, 2, 3, 5, -2] if kind == "int" else [0.5, 1.0, -2.0, 0.25])
        self.names[name] = self.scalars[name]
        return name

    def result(self, sizes: Sequence[str], dtype: str, exact: bool, tolerance: float) -> str:
        """A tensor that the kernel makes and returns."""
        name = self.name("out")
        self.results.append(Result(name, tuple(sizes), dtype, "0", exact, tolerance))
        self.names[name] = torch.zeros([length_of(size, self.lengths) for size in sizes], dtype=getattr(torch, dtype))
        return name

    def _seed(self) -> int:
        return self.draw.randrange(1 << 30)


def _is_large(tensor: torch.Tensor) -> bool:
    if tensor.dtype == torch.bool or not tensor.numel():
        return False
    wide = tensor.double()
    return not bool(torch.isfinite(wide).all()) or float(wide.abs().max()) > LARGEST
