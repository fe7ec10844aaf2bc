"""The text of a kernel as it grows: lines by depth, fresh names, arguments and results in the order they came up."""

from __future__ import annotations

import random
from collections.abc import Generator
from contextlib import contextmanager

from tests.fuzz.values import Argument, Axis, Kind, Value


class Writer:
    """One kernel being drawn. `values` are those in scope; a block's own are forgotten at its end."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.arguments: list[Argument] = []
        self.scalars: dict[str, float] = {}
        self.results: list[tuple[str, tuple[str, ...], str, str]] = []
        self.values: list[Value] = []
        self._depth = 1
        self._fresh = 0

    def name(self, prefix: str) -> str:
        self._fresh += 1
        return f"{prefix}{self._fresh}"

    def line(self, text: str) -> None:
        self.lines.append("    " * self._depth + text)

    def assign(self, text: str, axes: tuple[Axis, ...], kind: Kind) -> Value:
        """A new value in scope."""
        value = Value(self.name("v"), axes, kind)
        self.line(f"{value.name} = {text}")
        self.values.append(value)
        return value

    @contextmanager
    def block(self, header: str) -> Generator[None]:
        """Lines under a header; what they name ends with it."""
        self.line(header)
        before = list(self.values)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self.values = before

    def argument(self, sizes: tuple[str, ...], elements: str, below: str = "") -> Argument:
        """A tensor of these sizes: one that there is, or a new one."""
        fitting = [a for a in self.arguments if (a.sizes, a.elements, a.below) == (sizes, elements, below)]
        if fitting and self.draw.random() < 0.4:
            return self.draw.choice(fitting)
        dtypes = {"float": ["float32", "float32", "bfloat16", "float16"], "int": ["int32", "int64"], "bool": ["bool"]}
        dtype = self.draw.choice(dtypes.get(elements, ["int32", "int64"]))
        layouts = ["plain"] * 5 + ["strided", "expanded"] + ["transposed"] * (len(sizes) >= 2)
        made = Argument(self.name("a"), sizes, dtype, elements, below, self.draw.choice(layouts))
        self.arguments.append(made)
        return made

    def scalar(self) -> str:
        """A number among the parameters: an int of small size."""
        if self.scalars and self.draw.random() < 0.6:
            return self.draw.choice(sorted(self.scalars))
        name = self.name("s")
        self.scalars[name] = self.draw.choice([0, 1, 2, 3, 5])
        return name

    def result(self, sizes: tuple[str, ...], dtype: str, start: str = "0") -> str:
        """A tensor that the kernel makes and returns, filled with `start`."""
        name = self.name("out")
        self.results.append((name, sizes, dtype, start))
        return name
