"""Launches without Triton's JIT: the second of a kind goes straight to the compiled kernel, and another kind is compiled for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from triton.tools.tensor_descriptor import TensorDescriptor

from helion.codegen.triton_module import KernelArgument, LaunchPlan, TritonModule
from helion.runtime.direct_launch import DirectLauncher, launcher_of
from helion.runtime.host_descriptor import HostDescriptor
from helion.runtime.launcher import default_launcher
from helion.runtime.loader import load_module


@dataclass(eq=False)
class Compiled:
    """What Triton's compiler would give."""

    function: int = 7
    packed_metadata: str = "metadata"
    launches: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    def run(self, *args: Any) -> None:
        self.launches.append(args)


class Jitted:
    """A kernel as Triton's JIT would be called; compiles anew at every call that reaches it."""

    def __init__(self, make: Callable[[], Any] = Compiled) -> None:
        self.compiled: list[Any] = []
        self._make = make

    def __getitem__(self, grid: tuple[int, ...]) -> Any:
        def launch(*args: Any, **options: Any) -> Any:
            self.compiled.append(self._make())
            return self.compiled[-1]

        return launch


class Host:
    """A generated module's host function: launches with what is linked."""

    def __init__(self, *kinds: str, make: Callable[[], Any] = Compiled, unspecialized: bool = False) -> None:
        arguments = tuple(
            KernelArgument(f"a{n}", kind, f"host_{n}", is_specialized=not (unspecialized and kind == "int")) for n, kind in enumerate(kinds)
        )
        plan = LaunchPlan("kernel", "host", arguments, "(1,)", None, 4, 1)
        self.kernel = Jitted(make)
        self.first = self.launcher = DirectLauncher(plan, self._link, 2)

    def _link(self, launcher: Any) -> None:
        self.launcher = launcher

    def __call__(self, *args: Any, grid: tuple[int, ...] = (1,)) -> Any:
        return self.launcher(self.kernel, grid, *args, num_warps=4, num_stages=1)

    @property
    def compiled(self) -> Sequence[Any]:
        return self.kernel.compiled


def forty_and(index: int) -> int:
    """The stream that is current on a GPU."""
    return 40 + index


def listen(metadata: object) -> None:
    """What a profiler has called at every launch."""


@pytest.fixture(autouse=True)
def stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch._C._cuda_getCurrentRawStream", forty_and, raising=False)


def test_a_kind_of_arguments_that_was_launched_goes_straight_to_its_compiled_kernel() -> None:
    host, x = Host("tensor", "int", "constexpr"), torch.zeros(8)
    host(x, 5, 64, grid=(3, 2))
    (ready,) = host.compiled
    assert host.launcher is not host.first
    assert host(x, 6, 64, grid=(3, 2)) is ready
    assert ready.launches == [(3, 2, 1, 42, 7, "metadata", None, None, None, x.data_ptr(), 6, 64)]
    assert len(host.compiled) == 1


@pytest.mark.parametrize(("grid", "passed"), [((5,), (5, 1, 1)), ((5, 6), (5, 6, 1)), ((5, 6, 7), (5, 6, 7))])
def test_grids_have_one_to_three_dimensions(grid: tuple[int, ...], passed: tuple[int, ...]) -> None:
    host, x = Host("tensor"), torch.zeros(8)
    for _ in range(2):
        host(x, grid=grid)
    assert host.compiled[0].launches[0][:3] == passed


# Each stands for all integers of its kind; Triton compiles another kernel for each but for the negative ones, which are launched alike.
_INTEGERS = (1, 5, 16, 0, -5, -16, (1 << 31) - 1, 1 << 31, -(1 << 31), -(1 << 31) - 1, (1 << 40) | 5, 1 << 40, (1 << 63) - 1, 1 << 63)
_OTHERS = (1, 7, 48, 32, -7, -32, 21, 3 << 31, -64, -(1 << 31) - 3, (1 << 41) | 5, 1 << 41, (1 << 62) - 1, 3 << 62)


def of_triton(value: int) -> tuple[object, ...]:
    """What Triton compiles an integer for."""
    width = "i32" if -(1 << 31) <= value < 1 << 31 else "i64" if -(1 << 63) <= value < 1 << 63 else "u64"
    return ("one",) if value == 1 else (width, value % 16 == 0)


@pytest.mark.parametrize("first", _INTEGERS)
def test_integers_share_a_compiled_kernel_only_with_what_triton_compiles_alike(first: int) -> None:
    for second in (*_INTEGERS, *_OTHERS):
        host, x = Host("tensor", "int", "int"), torch.zeros(8)
        for n in (first, second, first, second):
            host(x, n, 3)
        launched = [(launch[10], of_triton(launch[10])) for compiled in host.compiled for launch in compiled.launches]
        if of_triton(first) != of_triton(second):
            assert len(host.compiled) == 2, (first, second)
            by_kernel = [{of_triton(launch[10]) for launch in compiled.launches} for compiled in host.compiled]
            assert by_kernel == [{of_triton(first)}, {of_triton(second)}]
        assert {value for value, _ in launched} == {first, second}


def test_two_of_a_kind_share_one() -> None:
    for first, second in zip(_INTEGERS, _OTHERS, strict=True):
        host, x = Host("tensor", "int"), torch.zeros(8)
        for n in (first, second, first):
            host(x, n)
        assert len(host.compiled) == 1, (first, second)


@pytest.mark.parametrize("first", _INTEGERS)
def test_integers_that_triton_does_not_compile_for_share_a_kernel_by_their_width(first: int) -> None:
    for second in (*_INTEGERS, *_OTHERS):
        host, x = Host("tensor", "int", "int", unspecialized=True), torch.zeros(8)
        for n in (first, second, first, second):
            host(x, n, 3)
        widths = [{width(launch[10]) for launch in compiled.launches} for compiled in host.compiled]
        assert all(len(found) <= 1 for found in widths), (first, second)
        if width(first) == width(second) and (first < 0) == (second < 0):
            assert len(host.compiled) == 1, (first, second)


def width(value: int) -> str:
    return "i32" if -(1 << 31) <= value < 1 << 31 else "i64" if -(1 << 63) <= value < 1 << 63 else "u64"


@pytest.mark.parametrize("position", [0, 1])
def test_pointers_that_are_not_aligned_have_a_kernel_of_their_own(position: int) -> None:
    host, aligned, unaligned = Host("tensor", "tensor"), torch.zeros(8), torch.zeros(9)[1:]
    other = [aligned, aligned]
    other[position] = unaligned
    for args in ([aligned, aligned], other, [aligned, aligned], other, [unaligned, unaligned]):
        host(*args)
    assert len(host.compiled) == 3
    first, second, third = host.compiled
    assert [launch[9:] for launch in first.launches] == [(aligned.data_ptr(), aligned.data_ptr())]
    assert [launch[9:] for launch in second.launches] == [tuple(tensor.data_ptr() for tensor in other)]
    assert not third.launches


def test_constants_that_the_host_computes_have_a_kernel_each() -> None:
    host, x = Host("tensor", "constexpr"), torch.zeros(8)
    for size in (64, 128, 64, 128):
        host(x, size)
    assert [[launch[10] for launch in compiled.launches] for compiled in host.compiled] == [[64], [128]]


def test_what_triton_does_not_specialize_on_is_handed_on() -> None:
    host, descriptor = Host("float", "tensor", "bool", "descriptor"), object()
    for number in (1.5, 3.5):
        host(number, None, True, descriptor)
    assert [launch[9:] for compiled in host.compiled for launch in compiled.launches] == [(3.5, None, True, descriptor)]


def test_an_empty_grid_compiles_nothing() -> None:
    host = Host("tensor")
    assert host(torch.zeros(8), grid=(0, 4)) is None
    assert not host.compiled


def test_a_profiler_that_listens_sees_every_launch() -> None:
    knobs = pytest.importorskip("triton").knobs.runtime
    host, x = Host("tensor"), torch.zeros(8)
    for _ in range(3):
        host(x)
    assert len(host.compiled) == 1
    for chain in (knobs.launch_enter_hook, knobs.launch_exit_hook):
        chain.add(listen)
        host(x)
        chain.remove(listen)
    assert len(host.compiled) == 3
    hooks, knobs.launch_enter_hook = knobs.launch_enter_hook, listen
    try:
        host(x)
        assert len(host.compiled) == 4
        knobs.launch_enter_hook = None
        for _ in range(3):
            host(x)  # nobody listens, though the hook is another
        assert len(host.compiled) == 5
    finally:
        knobs.launch_enter_hook = hooks
    assert [len(compiled.launches) for compiled in host.compiled] == [2, 0, 0, 0, 2]


_MODULE = """
from triton.tools.tensor_descriptor import TensorDescriptor


def host(x, *, _launcher=None):
    return TensorDescriptor
"""


def of_kernel(x: torch.Tensor) -> None:
    """Whose host function the module's is."""


def test_descriptors_are_ours_where_the_launcher_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path))
    module = TritonModule(_MODULE, (), LaunchPlan("kernel", "host", (), "(1,)", None, 4, 1))
    for device, expected in ((torch.device("cuda", 0), HostDescriptor), (torch.device("cpu"), TensorDescriptor)):
        assert load_module(module, of_kernel, launcher_of(device))(None) is expected


def test_on_amd_triton_launches_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, gpu = LaunchPlan("kernel", "host", (), "(1,)", None, 4, 1), torch.device("cuda", 0)
    assert isinstance(launcher_of(gpu)(plan, listen), DirectLauncher)
    monkeypatch.setattr("torch.version.hip", "7.0")
    assert launcher_of(gpu)(plan, listen) is default_launcher
    assert launcher_of(torch.device("cpu"))(plan, listen) is default_launcher
