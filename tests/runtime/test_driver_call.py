"""Which function of Triton launches a compiled kernel, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from triton.tools.tensor_descriptor import TensorDescriptor

from helion.codegen.triton_module import KernelArgument, LaunchPlan
from helion.runtime.direct_launch import DirectLauncher
from helion.runtime.driver_call import driver_call
from helion.runtime.host_descriptor import HostDescriptor


@dataclass(eq=False)
class CudaLauncher:
    """What Triton's compiler gives for NVIDIA's GPUs, by the name that it has there; any built-in stands for its C function."""

    launch: Any = print
    global_scratch_size: int = 0
    profile_scratch_size: int = 0
    launch_cooperative_grid: bool = False
    launch_pdl: bool = True
    arg_annotations: tuple[str, ...] = ("annotations",)
    kernel_signature: bytes = b"signature"

    def __call__(self, *args: Any) -> None:
        """Never called here."""


class HipLauncher(CudaLauncher):
    """That of another vendor."""


@dataclass(frozen=True)
class Compiled:
    run: Any
    function: int = 7
    packed_metadata: str = "metadata"
    metadata: Any = field(default_factory=lambda: SimpleNamespace(tensordesc_meta=None))


def given(*args: Any) -> tuple[Any, ...]:
    return args


def called_with(run: Any) -> tuple[Any, ...]:
    """The function that the text calls, and what it is given."""
    call = driver_call(Compiled(run))
    text = call.text.format(grid="3, 2, 1", stream="42", args="0.5, 64")
    return call.names["_launch"], eval(text, {**call.names, "_launch": given})


@pytest.mark.parametrize(
    ("release", "after_the_function"),
    [
        ("3.6.0", (False, True, None, None, "metadata", None, None, None, 0.5, 64)),
        ("3.7.1", (False, True, "metadata", None, None, None, None, None, ("annotations",), b"signature", (0.5, 64))),
    ],
)
def test_the_c_function_is_called_as_its_release_takes_it(
    monkeypatch: pytest.MonkeyPatch, release: str, after_the_function: tuple[Any, ...]
) -> None:
    monkeypatch.setattr("triton.__version__", release)
    assert called_with(CudaLauncher()) == (print, (3, 2, 1, 42, 7, *after_the_function))


@pytest.mark.parametrize(
    "run",
    [
        CudaLauncher(global_scratch_size=128),
        CudaLauncher(profile_scratch_size=128),
        CudaLauncher(launch=given),
        HipLauncher(),
        called_with,
    ],
    ids=["scratch memory", "a profile's memory", "descriptors", "another vendor", "a function"],
)
def test_what_does_more_than_call_it_is_called_itself(run: Any) -> None:
    assert called_with(run) == (run, (3, 2, 1, 42, 7, "metadata", None, None, None, 0.5, 64))


def test_an_unknown_release_launches_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triton.__version__", "4.0.0")
    run = CudaLauncher()
    assert called_with(run)[0] is run


def wrapping(launcher: Any) -> Any:
    """As Triton wraps the C function of a kernel that takes descriptors."""

    def inner(*args: Any) -> Any:
        return launcher(*args)

    return inner


def descriptor(tensor: torch.Tensor) -> HostDescriptor:
    """As a generated host function makes it."""
    return HostDescriptor.from_tensor(tensor, [16, 16])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The maps that Triton's driver was asked to make."""
    found: list[tuple[Any, ...]] = []

    def make(descriptor: TensorDescriptor, metadata: str) -> list[Any]:
        assert type(descriptor) is TensorDescriptor
        found.append((descriptor.base.data_ptr(), *descriptor.shape, metadata))
        return [f"map {len(found)}", *descriptor.shape, *descriptor.strides]

    monkeypatch.setattr("triton.backends.nvidia.driver.make_tensordesc_arg", make)
    monkeypatch.setattr("torch._C._cuda_getCurrentRawStream", int, raising=False)
    return found


@pytest.mark.parametrize("release", ["3.6.0", "3.7.1"])
def test_maps_of_descriptors_are_made_once_for_a_tensor_and_anew_for_another(
    monkeypatch: pytest.MonkeyPatch, made: list[tuple[Any, ...]], release: str
) -> None:
    monkeypatch.setattr("triton.__version__", release)
    launched: list[tuple[Any, ...]] = []
    run = CudaLauncher(launch=wrapping(print))
    compiled = Compiled(run, metadata=SimpleNamespace(tensordesc_meta=["of x", "of out"]))
    arguments = tuple(KernelArgument(name, kind, name) for name, kind in (("n", "int"), ("x", "descriptor"), ("out", "descriptor")))
    linked: list[Any] = []

    def jit(*args: Any, **options: Any) -> Compiled:
        assert [type(value) for value in args] == [int, TensorDescriptor, TensorDescriptor]
        return compiled

    launcher = DirectLauncher(LaunchPlan("kernel", "host", arguments, "(1,)", None, 4, 1), linked.append, 0)
    x, y, out = torch.zeros(32, 64), torch.ones(32, 64), torch.zeros(64, 64)
    launcher({(1,): jit}, (1,), 3, descriptor(x), descriptor(out), num_warps=4)
    straight = linked[0]

    def record(*args: Any) -> None:
        launched.append(args[-1] if release == "3.7.1" else args[13:])

    straight.__globals__["_launch"] = record
    for first in (x, y, x, x[:16], x):
        straight(None, (1,), 5, descriptor(first), descriptor(out), num_warps=4)
    maps = [values[1] for values in launched]
    assert maps == ["map 1", "map 3", "map 1", "map 4", "map 1"]
    assert launched[0] == (5, "map 1", 32, 64, 64, 1, "map 2", 64, 64, 64, 1)
    assert launched[3] == (5, "map 4", 16, 64, 64, 1, "map 2", 64, 64, 64, 1)
    assert [entry[-1] for entry in made] == ["of x", "of out", "of x", "of x"]
    with pytest.raises(AssertionError, match="16-byte aligned"):
        straight(None, (1,), 5, descriptor(x[:, 1:]), descriptor(out), num_warps=4)


def test_descriptors_without_the_copy_engine_are_left_to_triton() -> None:
    run = CudaLauncher(launch=wrapping(print))
    for metadata in (None, [], [None, None]):
        call = driver_call(Compiled(run, metadata=SimpleNamespace(tensordesc_meta=metadata)))
        assert call.names["_launch"] is run
        assert not call.encoders
