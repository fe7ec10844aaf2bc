"""Launches without Triton's JIT: the second of a kind goes straight to the compiled kernel, and another kind is compiled for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from helion.runtime.direct_launch import DirectLauncher, launcher_of
from helion.runtime.launcher import default_launcher


@dataclass(eq=False)
class Compiled:
    """What Triton's compiler would give."""

    function: int = 7
    packed_metadata: str = "metadata"
    launches: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    def run(self, *args: Any) -> None:
        self.launches.append(args)


@dataclass(frozen=True)
class Parameter:
    is_constexpr: bool


class Jitted:
    """A kernel as Triton's JIT would be called; compiles anew at every call that reaches it."""

    def __init__(self, *constexprs: bool) -> None:
        self.fn = object()
        self.params = [Parameter(is_constexpr) for is_constexpr in constexprs]
        self.compiled: list[Compiled] = []

    def __getitem__(self, grid: tuple[int, ...]) -> Any:
        def launch(*args: Any, **options: Any) -> Compiled:
            self.compiled.append(Compiled())
            return self.compiled[-1]

        return launch


def forty_and(index: int) -> int:
    """The stream that is current on a GPU."""
    return 40 + index


def listen(metadata: object) -> None:
    """What a profiler has called at every launch."""


@pytest.fixture
def launcher(monkeypatch: pytest.MonkeyPatch) -> DirectLauncher:
    monkeypatch.setattr("torch._C._cuda_getCurrentRawStream", forty_and, raising=False)
    return DirectLauncher(2)


def test_a_kind_of_arguments_that_was_launched_goes_straight_to_its_compiled_kernel(launcher: DirectLauncher) -> None:
    kernel, x = Jitted(False, False, True), torch.zeros(8)
    for _ in range(2):  # the first call learns the parameters, the second the compiled kernel
        launcher(kernel, (4,), x, 5, 64, num_warps=4, num_stages=1)
    ready = kernel.compiled[-1]
    assert launcher(kernel, (3, 2), x, 6, 64, num_warps=4, num_stages=1) is ready
    assert ready.launches == [(3, 2, 1, 42, 7, "metadata", None, None, None, x.data_ptr(), 6, 64)]
    assert len(kernel.compiled) == 2


@pytest.mark.parametrize(
    "other",
    [
        (torch.zeros(9)[1:], 5, 64),
        (torch.zeros(8), 1, 64),
        (torch.zeros(8), 32, 64),
        (torch.zeros(8), 1 << 40 | 5, 64),
        (torch.zeros(8), 5, 128),
    ],
    ids=["unaligned", "one", "divisible", "wide", "constexpr"],
)
def test_what_triton_compiles_for_itself_is_told_apart(launcher: DirectLauncher, other: tuple[Any, ...]) -> None:
    kernel = Jitted(False, False, True)
    for args in ((torch.zeros(8), 5, 64), (torch.zeros(8), 5, 64), other):
        launcher(kernel, (1,), *args)
    assert len(kernel.compiled) == 3
    assert not any(compiled.launches for compiled in kernel.compiled)


def test_what_triton_does_not_specialize_on_is_handed_on(launcher: DirectLauncher) -> None:
    kernel, descriptor = Jitted(False, False, False, False), object()
    for number in (1.5, 2.5, 3.5):
        launcher(kernel, (1,), number, None, True, descriptor)
    assert [launch[9:] for compiled in kernel.compiled for launch in compiled.launches] == [(3.5, None, True, descriptor)]


def test_an_empty_grid_launches_nothing(launcher: DirectLauncher) -> None:
    kernel = Jitted(False)
    assert launcher(kernel, (0, 4), torch.zeros(8)) is None
    assert not kernel.compiled


def test_a_profiler_that_listens_sees_every_launch(launcher: DirectLauncher) -> None:
    knobs = pytest.importorskip("triton").knobs.runtime
    kernel, x = Jitted(False), torch.zeros(8)
    for _ in range(3):
        launcher(kernel, (1,), x)
    assert len(kernel.compiled) == 2
    hooks, knobs.launch_enter_hook = knobs.launch_enter_hook, listen
    try:
        launcher(kernel, (1,), x)
    finally:
        knobs.launch_enter_hook = hooks
    assert len(kernel.compiled) == 3


def test_on_amd_triton_launches_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = torch.device("cuda", 0)
    monkeypatch.setattr("torch._C._cuda_getCurrentRawStream", forty_and, raising=False)
    assert isinstance(launcher_of(gpu), DirectLauncher)
    monkeypatch.setattr("torch.version.hip", "7.0")
    assert launcher_of(gpu) is default_launcher
    assert launcher_of(torch.device("cpu")) is default_launcher
