"""A statement of the host in, the calls in it that make a tensor and do nothing else out, each with what makes the same tensor sooner.

`torch.empty_like(x)` takes torch 1.8 µs at every call: to go through its dispatcher, and to find out what the types of a specialization
say. `EMPTY_STRIDED` is the function that Inductor's code calls: of sizes, strides and a dtype, on the current device, and past whatever
watches calls of torch. Who loads the module says when it may be called, which `helion.runtime.unwatched` does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import sympy

from helion.codegen.layout import Layout
from helion.codegen.saved_values import SavedValues
from helion.device_ir.ir import DeviceIR
from helion.source import Span
from helion.typed_kernel import tree
from helion.types.dims import Dim, constant, dim
from helion.types.types import TensorType

EMPTY_STRIDED = "_empty_strided"

# Names, numbers and arithmetic: another function that is called for a size may do more than tell it.
_SIZES = r"\s*[\[(]?(?:[\w\s.,*+/\[\]-]|\.size\(-?\d+\)|helion\.cdiv\([\w\s.,]+\))+[\])]?"
_DTYPE = r"dtype\s*=\s*(?:[\w.]+|torch\.promote_types\([\w\s.,]+\))"
_DEVICE = r"device\s*=\s*(?P<tensor>\w+)\.device"
_END = r"\s*,?\s*\)"
_LIKE = re.compile(rf"torch\.empty_like\(\s*(?P<tensor>\w+)(?:,\s*{_DTYPE})?{_END}")
_CONTIGUOUS = (
    re.compile(rf"(?P<tensor>\w+)\.new_empty\({_SIZES}\s*(?:,\s*{_DTYPE})?{_END}"),
    re.compile(rf"torch\.empty\({_SIZES}\s*,\s*{_DTYPE},\s*{_DEVICE}{_END}"),
    re.compile(rf"torch\.empty\({_SIZES}\s*,\s*{_DEVICE},\s*{_DTYPE}{_END}"),
)


@dataclass
class Allocations:
    """Those of one kernel. Whether a tensor is plain, and on the device of the call, is seen at a call for its arguments alone: only
    what is made like one of them, or where one of them is, is known to be plain and there."""

    ir: DeviceIR
    layout: Layout
    saved: SavedValues

    @cached_property
    def _arguments(self) -> dict[str, TensorType]:
        """The tensors by the names that always stand for them."""
        bound = {binding.name for item in self.ir.host if isinstance(item, tree.HostStatement) for binding in item.bindings}
        parameters = {p.binding.name: p.binding.type for p in self.ir.kernel.parameters}
        if {"torch", EMPTY_STRIDED} & {*bound, *parameters}:
            return {}
        return {name: type_ for name, type_ in parameters.items() if isinstance(type_, TensorType) and name not in bound}

    def of_statement(self, index: int, statement: tree.HostStatement) -> Iterator[tuple[Span, str]]:
        """`index` is the statement's place in the host function."""
        found: dict[Span, set[str | None]] = defaultdict(set)
        for value in tree.expressions_in([statement]):
            is_whole = isinstance(value, tree.HostValue) and value.text == self.ir.kernel.file.text_of(value.span)
            # Of no function that the statement calls.
            if is_whole and statement.span.start <= value.span.start and value.span.end <= statement.span.end:
                found[value.span].add(self._sooner(cast("tree.HostValue", value), index))
        for span, texts in found.items():
            text = texts.pop()
            if text is not None and not texts:  # the rounds of a loop may see different tensors
                yield span, text

    def _sooner(self, value: tree.HostValue, index: int) -> str | None:
        like = _LIKE.fullmatch(value.text)
        form = like or next((found for pattern in _CONTIGUOUS if (found := pattern.fullmatch(value.text))), None)
        argument = self._arguments.get(form["tensor"]) if form is not None else None
        made = value.type
        if argument is None or not isinstance(made, TensorType) or made.rank is None or made.dtype is None:
            return None
        strides = made.stride
        if strides is None or any(constant(self.layout.with_config(n)) is None for n in (*made.dims, *strides)):
            # Which of two strides is larger decides on what is like a tensor: where only a call knows, it must not matter.
            strides = _contiguous(made.dims) if like is None or argument.stride == _contiguous(argument.dims) else None
        if like is not None and strides is not None and _keeps_a_step(made.dims, strides, argument):
            return None
        sizes = self._numbers(made.dims, index)
        steps = None if strides is None else self._numbers(strides, index)
        if sizes is None or steps is None:
            return None
        return f"{EMPTY_STRIDED}({sizes}, {steps}, {made.dtype}{_line_ends(value.text)})"

    def _numbers(self, dims: Sequence[Dim], index: int) -> str | None:
        """Python text of a tuple."""
        texts = [self._number(self.layout.with_config(size), index) for size in dims]
        known = [text for text in texts if text is not None]
        return f"({', '.join(known)}{',' * (len(known) == 1)})" if len(known) == len(texts) else None

    def _number(self, size: Dim, index: int) -> str | None:
        """A number, a name that the host has given before, or a product of these."""
        value = constant(size)
        if value is not None:
            return str(value)
        if isinstance(size, sympy.Symbol):
            origin = self.ir.kernel.dim_origins.get(size)
            is_size = origin is not None and ".size(" in (origin.host_expression or "")  # of an argument that is not empty
            return self.saved.name_of(size, index) if is_size else None
        factors: Any = size.args if isinstance(size, sympy.Mul) else ()
        texts = [self._number(factor, index) for factor in factors]
        known = [text for text in texts if text is not None]
        return " * ".join(known) if known and len(known) == len(texts) else None


def _line_ends(text: str) -> str:
    """What makes another text as many lines long, and has its last one begin where this one's does."""
    *lines, last = text.split("\n")
    return "\n" * len(lines) + " " * (len(last) - len(last.lstrip())) if lines else ""


def _keeps_a_step(sizes: Sequence[Dim], strides: Sequence[Dim], argument: TensorType) -> bool:
    """Whether what is like `argument` may step where it has a single element, which leads nowhere, in another way than `strides` say."""
    steps = argument.stride
    return steps is None or any(size == 1 and step != stride for size, step, stride in zip(sizes, steps, strides, strict=True))


def _contiguous(sizes: Sequence[Dim]) -> tuple[Dim, ...]:
    """The strides of a tensor whose elements lie in order; a size of 0 counts as 1."""
    strides: list[Dim] = []
    running: Dim = dim(1)
    for size in reversed(sizes):
        strides.append(running)
        running = running if size == 0 else running * size
    return tuple(reversed(strides))
