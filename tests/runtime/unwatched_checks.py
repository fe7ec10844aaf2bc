"""What a warm call may leave out of torch, and when it may not: results are as torch makes them whatever watches; where Triton interprets."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import helion
import helion.language as hl
from tests.runtime import kernels
from tests.runtime.kernels import plain

_TORCH: Any = torch
X = torch.arange(48, dtype=torch.float32).view(6, 8)


class Subclass(torch.Tensor):
    """Results of torch are of this class, too."""


class SeesFunctions(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


class SeesTensors(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


def left_half(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, 0:4] = x[tile, 0:4]
    return out


def _empty_strided(x: torch.Tensor) -> int:
    """A name that the unwatched function has for another."""
    return x.size(0)


def of_own_function(x: torch.Tensor) -> torch.Tensor:
    rows = _empty_strided(x)
    out = torch.empty_like(x)
    for tile in hl.tile(rows):
        out[tile, :] = x[tile, :] * 2
    return out


def warm(function: Callable[..., torch.Tensor], *args: Any, **options: Any) -> tuple[helion.Kernel, list[str]]:
    """A kernel that a guard serves, and how its calls run from now on."""
    kernel = plain(function, **options)
    for _ in range(6):
        kernel(*args)
    bound: Any = kernel.bind(args)
    assert bound.run is not bound.run_unwatched
    ran: list[str] = []
    for name in ("run", "run_unwatched"):
        setattr(bound, name, _told(getattr(bound, name), name, ran))
    return kernel, ran


def _told(run: Callable[..., Any], name: str, ran: list[str]) -> Callable[..., Any]:
    def run_and_tell(*args: Any) -> Any:
        ran.append(name)
        return run(*args)

    return run_and_tell


@contextmanager
def deterministic() -> Generator[None]:
    _TORCH.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        _TORCH.use_deterministic_algorithms(False)


def check_plain_calls_are_unwatched() -> None:
    for static_shapes in (True, False):
        kernel, ran = warm(kernels.row_dots, X, X + 1, static_shapes=static_shapes)
        for x in (X, X + 2):
            torch.testing.assert_close(kernel(x, X + 1), (x * (X + 1)).sum(-1))
        assert ran == ["run_unwatched"] * 2, static_shapes


def check_results_are_laid_out_as_torch_does() -> None:
    spread = torch.arange(8.0).expand(6, 8)
    for x in (X, X.t(), X.double(), X[:, :4], X[:, :1], spread, X.view(2, 3, 8).permute(2, 0, 1), torch.nn.Parameter(X)):
        kernel, ran = warm(kernels.times, x, 2.0)
        result, expected = kernel(x, 2.0), torch.empty_like(x)
        assert ran == ["run_unwatched"]
        assert (result.stride(), result.dtype, type(result)) == (expected.stride(), expected.dtype, torch.Tensor)
        assert not result.requires_grad
        assert torch.equal(result, x.detach() * 2)


def check_modes_see_what_they_did() -> None:
    kernel, ran = warm(kernels.times, X, 2.0)
    with SeesFunctions() as functions:
        kernel(X, 2.0)
    with SeesTensors() as tensors:
        kernel(X, 2.0)
    assert "empty_like" in functions.seen
    assert "aten.empty_like.default" in tensors.seen
    assert ran == ["run", "run"]
    kernel(X, 2.0)
    assert ran[2:] == ["run_unwatched"]


def check_a_guard_that_a_mode_saw_first_is_watched() -> None:
    for mode in (SeesTensors, SeesFunctions):
        kernel = plain(kernels.times)
        with mode() as first:
            for _ in range(6):
                kernel(X, 2.0)
        with mode() as second:
            kernel(X, 2.0)
        assert any("empty_like" in name for name in first.seen)
        assert any("empty_like" in name for name in second.seen)


def check_transforms_fakes_and_default_devices_watch() -> None:
    """What runs is only told: Triton's interpreter makes tensors itself, which some of these do not allow."""
    kernel, ran = warm(kernels.times, X, 2.0)
    bound: Any = kernel.bind((X, 2.0))
    bound.run, bound.run_unwatched = (lambda *args: ran.append("run")), (lambda *args: ran.append("run_unwatched"))

    def inside(y: torch.Tensor) -> torch.Tensor:
        kernel(X, 2.0)
        return y.sum()

    _TORCH.func.grad(inside)(X)
    _TORCH.func.vmap(inside)(X)
    modes: list[AbstractContextManager[Any]] = [FakeTensorMode(allow_non_fake_inputs=True), torch.device("cpu"), deterministic()]
    for mode in modes:
        with mode:
            kernel(X, 2.0)
    assert ran == ["run"] * 5
    kernel(X, 2.0)
    assert ran[5:] == ["run_unwatched"]


def check_deterministic_algorithms_fill_what_is_empty() -> None:
    kernel, ran = warm(left_half, X)
    with deterministic():
        result = kernel(X)
    assert result[:, 4:].isnan().all()
    assert torch.equal(result[:, :4], X[:, :4])
    assert ran == ["run"]


def check_inference_tensors_are_made_in_inference_mode() -> None:
    kernel, ran = warm(kernels.times, X, 2.0)
    with torch.inference_mode():
        results = [kernel(X, 2.0) for _ in range(6)]
    assert all(result.is_inference() for result in results)
    assert not kernel(X, 2.0).is_inference()
    assert ran[-1] == "run_unwatched"


def check_subclasses_and_fakes_go_torchs_way() -> None:
    kernel, ran = warm(kernels.times, X, 2.0)
    assert type(kernel(X.as_subclass(Subclass), 2.0)) is Subclass
    with FakeTensorMode() as mode:
        assert kernel(mode.from_tensor(X), 2.0).shape == X.shape
    assert "run_unwatched" not in ran


def check_what_is_empty_keeps_torchs_strides() -> None:
    kernel = plain(kernels.times)
    for x in (torch.zeros(0, 8), torch.zeros(8, 0), torch.zeros(4, 0, 3)):
        for _ in range(6):
            assert kernel(x, 2.0).stride() == torch.empty_like(x).stride()


def check_a_compiled_function_calls_what_it_called() -> None:
    kernel, _ = warm(kernels.times, X, 2.0)
    compiled: Any = _TORCH.compile(lambda x: kernel(x + 1, 2.0) - 1, fullgraph=True, backend="aot_eager")
    for _ in range(8):
        assert torch.equal(compiled(X), (X + 1) * 2 - 1)


def check_names_of_the_kernels_module_stay_its_own() -> None:
    kernel = plain(of_own_function)
    for _ in range(6):
        assert torch.equal(kernel(X), X * 2)


def check_threads_watch_their_own_calls() -> None:
    kernel, _ = warm(kernels.times, X, 2.0)
    bound: Any = kernel.bind((X, 2.0))
    # Triton's interpreter takes one thread.
    bound.compile_config(bound.selected_config).__kwdefaults__["_launcher"] = lambda *args, **options: None
    seen: dict[int, list[bool]] = {number: [] for number in range(4)}

    def work(number: int) -> None:
        for turn in range(40):
            with SeesTensors() if turn % 2 == number % 2 else contextlib.nullcontext() as mode:
                assert kernel(X, 2.0).shape == X.shape
            seen[number].append(mode is not None and "aten.empty_like.default" in mode.seen)

    threads = [threading.Thread(target=work, args=(number,)) for number in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: [turn % 2 == number % 2 for turn in range(40)] for number in seen}


def check_a_traceback_shows_the_statement_that_is_written() -> None:
    kernel, _ = warm(kernels.times, X, 2.0)
    bound: Any = kernel.bind((X, 2.0))
    host = bound.compile_config(bound.selected_config)
    unwatched = bound._unwatched[host]
    assert unwatched is not host
    assert (unwatched.__code__.co_filename, unwatched.__code__.co_firstlineno) == (host.__code__.co_filename, host.__code__.co_firstlineno)
    assert [line for *_, line in unwatched.__code__.co_lines()][-1] == [line for *_, line in host.__code__.co_lines()][-1]
    assert unwatched.__kwdefaults__ is host.__kwdefaults__, "a launcher that is linked serves both"


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
