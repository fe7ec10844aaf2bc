"""Which function of Triton launches a compiled kernel, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from helion.runtime.driver_call import driver_call


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
