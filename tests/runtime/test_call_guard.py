"""Calls that are served without a key: only those whose key is the same, and those that are called most."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from helion.runtime.call_guard import GuardedCalls, Served, guarded
from helion.runtime.specialization import specialization_key
from helion.settings import Settings

_TORCH: Any = torch


class Word(StrEnum):
    GELU = "gelu"
    RELU = "relu"


class Subclass(torch.Tensor):
    """May be anything."""


@dataclass(eq=False)
class Bound:
    """What a guard runs; keeps what it ran, and how it ran it last."""

    served: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    how: str = ""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def run(self, *args: Any) -> str:
        self.served.append(args)
        self.how = "as it is written"
        return "served"

    def run_unwatched(self, *args: Any) -> str:
        self.served.append(args)
        self.how = "unwatched"
        return "served"


def by_key(*args: Any) -> str:
    return "by key"


def static(tensor: torch.Tensor) -> torch.Tensor:
    _TORCH._dynamo.mark_static(tensor, 0)
    return tensor


def twice(value: int) -> int:
    return 2 * value


def fake() -> torch.Tensor:
    with FakeTensorMode():
        return torch.empty(32, 48)


TENSORS: Mapping[str, Callable[[], Any]] = {
    "plain": lambda: torch.zeros(32, 48),
    "another": lambda: torch.zeros(32, 48),
    "other sizes": lambda: torch.zeros(64, 48),
    "rows that end anywhere": lambda: torch.zeros(32, 47),
    "flat that ends anywhere": lambda: torch.zeros(32 * 48 + 1),
    "its transpose": lambda: torch.zeros(48, 32).t(),
    "padded rows": lambda: torch.zeros(32, 64)[:, :48],
    "unaligned": lambda: torch.zeros(32 * 48 + 1)[1:].view(32, 48),
    "unaligned and padded": lambda: torch.zeros(32, 49)[:, 1:],
    "a row": lambda: torch.zeros(1, 48),
    "a row with another stride": lambda: torch.zeros(2, 48)[::2],
    "a column": lambda: torch.zeros(32, 1),
    "empty": lambda: torch.zeros(0, 48),
    "flat": lambda: torch.zeros(32 * 48),
    "strided": lambda: torch.zeros(64 * 48)[::2],
    "one": lambda: torch.zeros(1),
    "a number": lambda: torch.zeros(()),
    "another number": lambda: torch.zeros(8)[5],
    "half": lambda: torch.zeros(32, 48, dtype=torch.half),
    "on another device": lambda: torch.zeros(32, 48, device="meta"),
    "large": lambda: torch.zeros(1 << 20, 1 << 12, device="meta"),
    "a parameter": lambda: torch.nn.Parameter(torch.zeros(32, 48)),
    "with a gradient": lambda: torch.zeros(32, 48, requires_grad=True),
    "a subclass": lambda: torch.zeros(32, 48).as_subclass(Subclass),
    "fake": fake,
    "nested": lambda: _TORCH.nested.nested_tensor([torch.zeros(3, 48), torch.zeros(4, 48)]),
    "sparse": lambda: torch.zeros(32, 48).to_sparse(),
    "marked": lambda: static(torch.zeros(32, 48)),
    "marked with other sizes": lambda: static(torch.zeros(64, 48)),
    "None": lambda: None,
}
OTHERS: Mapping[str, Any] = {
    "one": 1,
    "sixteen": 16,
    "true": True,
    "a float": 1.0,
    "another float": 2.0,
    "None": None,
    "a word": "gelu",
    "another word": "relu",
    "a word of an enumeration": Word.GELU,
    "another of an enumeration": Word.RELU,
    "a dtype": torch.float32,
    "another dtype": torch.float16,
    "a device": torch.device("cpu"),
    "another device": torch.device("meta"),
    "a function of torch": torch.relu,
    "another function of torch": torch.sigmoid,
}


def key_of(args: tuple[Any, ...], baked: tuple[bool, ...], static_shapes: bool) -> tuple[object, ...] | None:
    try:
        return specialization_key(args, static_shapes=static_shapes, baked=baked)
    except (TypeError, RuntimeError):
        return None


def guard_of(args: tuple[Any, ...], baked: tuple[bool, ...], static_shapes: bool) -> Callable[..., Any] | None:
    return guarded(Served(Settings(static_shapes=static_shapes), args, baked, Bound(), (), None), by_key)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
@pytest.mark.parametrize("first", TENSORS)
def test_tensors_are_served_only_if_their_key_is_the_same(first: str, static_shapes: bool) -> None:
    beside = torch.zeros(16)
    args, baked = (TENSORS[first](), beside), (False, False)
    guard = guard_of(args, baked, static_shapes)
    if guard is None:
        assert first in ("a subclass", "fake", "nested", "sparse") or (first.startswith("marked") and not static_shapes)
        return
    assert guard(*args) == "served"
    for second, make in TENSORS.items():
        others = (make(), beside)
        if guard(*others) == "served":
            assert key_of(others, baked, static_shapes) == key_of(args, baked, static_shapes), second


@pytest.mark.parametrize("is_baked", [False, True], ids=["argument", "constexpr"])
@pytest.mark.parametrize("first", OTHERS)
def test_values_are_served_only_if_their_key_is_the_same(first: str, is_baked: bool) -> None:
    x, baked = torch.zeros(16), (False, is_baked)
    guard = guard_of((x, OTHERS[first]), baked, True)
    assert guard is not None
    for second, value in OTHERS.items():
        expected = key_of((x, value), baked, True) == key_of((x, OTHERS[first]), baked, True)
        # An enumeration's member that is a string is equal to that string, as a key; the guard goes by what it is.
        assert (guard(x, value) == "served") == (expected and type(value) is type(OTHERS[first])), second


def test_new_tensors_of_the_same_kind_are_served() -> None:
    for make in (TENSORS["plain"], TENSORS["a parameter"], TENSORS["padded rows"], TENSORS["with a gradient"], TENSORS["unaligned"]):
        for static_shapes in (True, False):
            guard = guard_of((make(), 3), (False, False), static_shapes)
            assert guard is not None
            assert guard(make(), 4) == "served"


def test_other_sizes_are_served_where_they_are_arguments() -> None:
    guard = guard_of((torch.zeros(32, 48), torch.zeros(48)), (False, False), False)
    assert guard is not None
    assert guard(torch.zeros(7, 24), torch.zeros(8)) == "served"
    assert [guard(torch.zeros(7, 5), torch.zeros(8)), guard(torch.zeros(7, 24), torch.zeros(5))] == ["by key", "by key"]
    other = guard_of((torch.zeros(7, 5), torch.zeros(5)), (False, False), False)
    assert other is not None
    assert [other(torch.zeros(8, 3), torch.zeros(7)), other(torch.zeros(8, 3), torch.zeros(8))] == ["served", "by key"]


def test_the_same_tensor_twice_is_served_only_if_it_is_twice() -> None:
    x, y = torch.zeros(32, 48), torch.zeros(32, 48)
    twice, each = (guard_of(args, (False, False), True) for args in ((x, x), (x, y)))
    assert twice is not None and each is not None
    assert (twice(y, y), twice(x, y), each(y, x), each(x, x)) == ("served", "by key", "served", "by key")


@pytest.mark.parametrize("value", [[1, 2], (1, 2), {"a": 1}, twice, object()], ids=["list", "tuple", "dict", "function", "object"])
def test_what_only_a_key_tells_apart_has_no_guard(value: Any) -> None:
    assert guard_of((torch.zeros(16), value), (False, False), True) is None


def test_calls_without_a_tensor_have_no_guard() -> None:
    assert guard_of((3, torch.device("cpu")), (False, False), True) is None


def test_a_grad_mode_is_no_reason_to_run_something_else() -> None:
    x = torch.zeros(16, requires_grad=True)
    guard = guard_of((x,), (False,), True)
    assert guard is not None
    with torch.no_grad():
        assert guard(x) in ("served", "by key")
    assert guard(x) == "served"


def test_what_is_unwatched_runs_so_while_it_is() -> None:
    x = torch.zeros(16)
    bound = Bound()
    guard = guarded(Served(Settings(), (x,), (False,), bound, (), None), by_key)
    assert guard is not None
    assert (guard(x), bound.how) == ("served", "unwatched")
    with torch.device("cpu"):
        assert (guard(x), bound.how) == ("served", "as it is written")
    with FakeTensorMode(allow_non_fake_inputs=True):
        assert (guard(x), bound.how) == ("served", "as it is written")
    assert (guard(x), bound.how) == ("served", "unwatched")


def test_what_only_the_host_reads_may_be_elsewhere_than_the_device() -> None:
    x, bound = torch.zeros(16), Bound()
    bound.device = torch.device("cuda", 0)
    guard = guarded(Served(Settings(), (x,), (False,), bound, (), None), by_key)
    assert guard is not None
    assert (guard(x), bound.how) == ("served", "as it is written")


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.zeros(16, dtype=torch.complex64).conj(),
        lambda: torch.zeros(4, 0),
    ],
    ids=["conjugate", "empty"],
)
def test_what_results_take_after_is_left_to_torch(make: Callable[[], torch.Tensor]) -> None:
    bound = Bound()
    guard = guarded(Served(Settings(), (make(),), (False,), bound, (), None), by_key)
    assert guard is not None
    assert (guard(make()), bound.how) == ("served", "as it is written")


def test_the_kinds_that_are_called_most_find_their_way_in() -> None:
    bound, calls = Bound(), GuardedCalls(by_key)

    def call(*args: Any) -> Any:
        before = len(bound.served)
        found = calls.serve(*args)
        if found == "by key" and calls.is_due():
            calls.learn(Served(Settings(), args, (False,), bound, (), None))
        return len(bound.served) > before

    for size in range(2, 40):  # what a program tries at its start
        call(torch.zeros(size))
    assert sum(call(torch.zeros(100)) for _ in range(200)) > 100
    calls.forget()
    assert not call(torch.zeros(100))


def test_a_chain_of_guards_stays_short() -> None:
    calls = GuardedCalls(by_key)
    for size in range(2, 40):
        calls.learn(Served(Settings(), (torch.zeros(size),), (False,), Bound(), (), None))
    served = [calls.serve(torch.zeros(size)) for size in range(2, 40)]
    assert 1 <= served.count("served") <= 4
    assert served[-1] == "served"


def test_a_guard_keeps_no_tensor_alive() -> None:
    x = torch.zeros(16)
    kept, guard = weakref.ref(x), guard_of((x, 3), (False, False), True)
    assert guard is not None and guard(x, 4) == "served"
    guard.__globals__["_bound"].served.clear()
    del x
    assert kept() is None
