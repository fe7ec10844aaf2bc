"""FX call targets that are not operations: values from the host, loop indices, control flow. Markers only; never called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

Values = tuple[Any, ...]
LoopArguments = tuple[int, int, Values, Values, Values, Values, Values, Values]
BranchArguments = tuple[Any, int, int, Values, Values]
RepeatArguments = tuple[int, int, Values, Values, Values]


class IndexRun(NamedTuple):
    """An element of a subscript: the indices `start`, `start + step`, ..., where only the device knows `start`. `length` is a dim."""

    start: Any
    length: Any
    step: Any


def index_elements(index: Any) -> list[Any]:
    """The elements of a subscript, with those of tiles given together spread out; an `IndexRun` is one element."""
    flat: list[Any] = []
    for element in index if _is_several(index) else (index,):
        flat.extend(element if _is_several(element) else (element,))
    return flat


def _is_several(value: Any) -> bool:
    return isinstance(value, tuple | list) and not isinstance(value, IndexRun)


def host_tensor(expression: str) -> Any:
    """A tensor that the host passes, by the Python expression that yields it."""
    raise NotImplementedError


def host_number(expression: str) -> Any:
    """A scalar that the host passes, by the Python expression that yields it."""
    raise NotImplementedError


def size(dim: Any) -> Any:
    """A size as a device scalar, or another number that the config decides."""
    raise NotImplementedError


def scalar(value: Any) -> Any:
    """A constant as a device scalar, where control flow needs a value it can rebind."""
    raise NotImplementedError


def grid_index(axis: Any) -> Any:
    """The index of an `hl.grid` loop."""
    raise NotImplementedError


def loop(graph: int, loop_site: int, begins: Any, ends: Any, steps: Any, captured: Any, carried: Any, lane_ends: Any) -> Any:
    """Run a graph in order over the loop's axes; `lane_ends` are, by axis, where each lane of a jagged axis ends, or None.

    The graph's placeholders are `carried` then `captured`; the result is a tuple of the carried values after the last iteration.
    """
    raise NotImplementedError


def branch(condition: Any, then_graph: int, else_graph: int, then_captured: Any, else_captured: Any) -> Any:
    """Run one of two graphs; the result is the tuple of their outputs."""
    raise NotImplementedError


def repeat(condition_graph: int, body_graph: int, condition_captured: Any, body_captured: Any, carried: Any) -> Any:
    """Run a graph while another's output is true; placeholders are carried then captured values."""
    raise NotImplementedError


def element(value: Any, index: int) -> Any:
    """Element `index` of a node that gives a tuple."""
    raise NotImplementedError


@dataclass(frozen=True)
class FunctionGraph:
    """An argument of an op that is a function: the graph that computes it for one element, and what the source calls it."""

    graph: int
    name: str


STRUCTURE = frozenset({host_tensor, host_number, size, scalar, grid_index, loop, branch, repeat, element})
EFFECTS = frozenset({loop, branch, repeat})
