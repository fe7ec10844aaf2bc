"""What makes a new specialization, kind of argument by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch

import helion
import helion.language as hl
from helion.runtime.specialization import specialization_key
from helion.signatures.from_values import device_of


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Options:
    scale: float
    name: str


def key(*args: Any, static: bool = True, baked: bool = False) -> tuple[object, ...]:
    found = specialization_key(args, static_shapes=static, baked=(baked,) * len(args))
    assert isinstance(hash(found), int)
    return found


def test_static_shapes_tell_sizes_strides_and_dtypes_apart() -> None:
    x = torch.empty(4, 6)
    assert key(x) == key(torch.empty(4, 6)) == key(torch.empty(100)[:24].view(4, 6)) == key(torch.empty(48)[24:].view(4, 6))
    for other in (torch.empty(4, 7), torch.empty(6, 4).t(), x.half(), torch.empty(4, 6, device="meta")):
        assert key(x) != key(other)
    assert key(torch.nn.Parameter(x)) == key(x)


def test_dynamic_shapes_tell_apart_what_generated_code_depends_on() -> None:
    x = torch.empty(4, 6)
    assert key(x, static=False) == key(torch.empty(9, 11), static=False)
    for other in (torch.empty(0, 6), torch.empty(1, 6), torch.empty(6, 4).t(), torch.empty(4), torch.empty(2**31, device="meta")):
        assert key(x, static=False) != key(other, static=False)
    strided = [
        key(torch.as_strided(torch.empty(4000), (24, 40), strides), static=False) for strides in ((1, 32), (1, 24), (160, 2), (80, 1))
    ]
    assert strided[0] == strided[1]
    assert len(set(strided)) == 3


def test_dynamic_shapes_tell_aligned_rows_apart() -> None:
    """Rows that begin at multiples of 16 bytes, and of 8 elements: what the code then takes for granted."""
    aligned, others = [torch.empty(3, 24), torch.empty(9, 40)], [torch.empty(3, 20), torch.empty(9, 41)]
    assert len({key(x, static=False) for x in aligned}) == len({key(x, static=False) for x in others}) == 1
    assert key(aligned[0], static=False) != key(others[0], static=False)
    assert key(torch.empty(8, dtype=torch.int8), static=False) != key(torch.empty(16, dtype=torch.int8), static=False)
    assert key(aligned[1][:, :24], static=False) == key(torch.empty(5, 64)[:, :40], static=False)
    for view in (aligned[1][:, :20], torch.empty(9, 41)[:, :24], torch.empty(1, 24).expand(9, 24)):
        assert key(view, static=False) != key(aligned[1][:, :24], static=False)


def test_numbers_go_by_kind() -> None:
    assert key(3) == key(4)
    assert len({key(3), key(3.0), key(True), key(None)}) == 4


def test_constants_go_by_value() -> None:
    assert key("gelu") != key("relu")
    assert key(torch.float32) != key(torch.float16)
    assert key(hl.constexpr(3)) != key(hl.constexpr(4))
    assert key(3, baked=True) != key(4, baked=True)
    assert key(1, baked=True) != key(True, baked=True)
    with pytest.raises(AssertionError, match="a tensor cannot be"):
        key(torch.empty(3), baked=True)


def test_containers_go_by_their_elements() -> None:
    x = torch.empty(4)
    assert key([x, 1]) == key([x, 2]) != key((x, 1))
    assert key({"b": x, "a": 1}) == key({"a": 2, "b": x}) != key({"a": 2, "c": x})
    assert key(Point(1, 2)) == key(Point(3, 4)) != key((1, 2))
    assert key(Options(1.0, "a")) == key(Options(2.0, "a")) != key(Options(1.0, "b"))


def test_functions_go_by_code_and_what_they_capture() -> None:
    def times(factor: float) -> Any:
        return lambda value: value * factor

    def through(inner: Any) -> Any:
        return lambda value: inner(value) + 1

    assert key(times(2.0)) == key(times(2.0)) != key(times(3.0))
    assert key(through(times(2.0))) == key(through(times(2.0))) != key(through(times(3.0)))
    assert key(times(torch.empty(3))) == key(times(torch.empty(3))) != key(times(torch.empty(4)))
    assert key(torch.relu) != key(torch.sigmoid)


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError, match="unsupported argument type: object"):
        key(object())


def test_the_device_is_the_first_one_found() -> None:
    meta = torch.empty(1, device="meta")
    assert device_of([None, [1, (meta,)], torch.empty(1)]) == torch.device("meta")
    assert device_of([{"a": torch.device("cpu")}]) == torch.device("cpu")
    assert device_of([1, "a", [None]]) is None


def test_a_dim_that_is_marked_static_is_part_of_the_key() -> None:
    first, second, unmarked = torch.empty(4, 6), torch.empty(9, 6), torch.empty(9, 8)
    for marked in (first, second):
        torch._dynamo.mark_static(marked, 1)
    assert key(first, static=False) == key(second, static=False) != key(unmarked, static=False)
    other = torch.empty(4, 8)
    torch._dynamo.mark_static(other, 1)
    assert key(other, static=False) != key(first, static=False)


def _graph(scale: float) -> torch.fx.GraphModule:
    return torch.fx.symbolic_trace(lambda v: torch.relu(v) * scale)


def test_graphs_go_by_what_they_compute() -> None:
    assert key(_graph(2.0)) == key(_graph(2.0)) != key(_graph(3.0))
    with pytest.raises(helion.exc.GraphModuleUnsupportedOps, match="call_module"):
        key(torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Linear(4, 4))))


def test_sequences_can_be_baked_in() -> None:
    assert key([1, 2], baked=True) == key([1, 2], baked=True) != key([1, 3], baked=True)
    assert key({"a": 1}, baked=True) != key({"a": 2}, baked=True)
