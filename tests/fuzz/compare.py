"""One drawn kernel run in every way: what eager torch gives, reference mode and compiled code must give, under any config and lengths."""

from __future__ import annotations

import importlib.util
import math
import random
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

import helion
from helion import exc
from helion.config.space import ConfigSpace
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from tests.fuzz.kernel import DrawnKernel, draw_kernel
from tests.fuzz.values import Result

_RANDOM_CONFIGS = 2
_FLOAT32_ROUNDING = 1e-6
_DRAWS_FOR_FEW_PROGRAMS = 4
_ENOUGH_LANES = 32
_LENIENCE = 8  # times the tolerance that is estimated


def compare(seed: int, device: str = "cpu") -> None:
    """Raises AssertionError where two ways differ, and whatever a kernel raises: a drawn kernel is valid. The text is in the note."""
    drawn = draw_kernel(seed)
    try:
        with _loaded(drawn) as module:
            kernels = {
                "reference": _variant(module.fuzzed, ref_mode=helion.RefMode.EAGER),
                "static": _variant(module.fuzzed, static_shapes=True),
                "dynamic": _variant(module.fuzzed, static_shapes=False),
            }
            for n, lengths in enumerate((drawn.lengths, *drawn.other_lengths())):
                try:
                    expected = _results(drawn, module.twin, lengths, "cpu")
                except (IndexError, RuntimeError) as problem:
                    if n == 0 and "non-zero size" not in str(problem):
                        raise
                    continue  # eager torch has no largest element of nothing, no first row, and no three of two
                for way, kernel in kernels.items():
                    try:
                        _compare_way(drawn, kernel, way, lengths, expected, device, n)
                    except exc.InvalidTileRange:
                        if n == 0:
                            raise  # `hl.tile(2, k)` where k is 1 is refused, and nothing else of the kernel is said by that
    except Exception as problem:
        problem.add_note(f"seed {seed}, {drawn.lengths}, {drawn.scalars}\n{drawn.source[drawn.source.index('@helion') :]}")
        raise


def _compare_way(
    drawn: DrawnKernel, kernel: Kernel, way: str, lengths: Mapping[str, int], expected: list[torch.Tensor], device: str, call: int
) -> None:
    """A way with some configs; the first lengths get more of them than those that come after."""
    if way == "reference":
        _compare_run(drawn, kernel, f"{way}, {dict(lengths)}", lengths, expected, device)
        return
    bound = kernel.bind(tuple(drawn.make(lengths, device)))
    assert isinstance(bound, BoundKernel)
    spec = bound.config_spec
    draws = (_sampled(spec, drawn.seed * 31 + call * 7 + n, device) for n in range(_RANDOM_CONFIGS if call == 0 else 1))
    for config in (spec.default(), *draws):
        words = f"{way}, {dict(lengths)}, {spec.minimize(config)!r}"
        _compare_run(drawn, bound.compile_config(config), words, lengths, expected, device)


def _sampled(spec: ConfigSpace, seed: int, device: str) -> helion.Config:
    """A random config; for the interpreter, which takes a millisecond for every line of every program, one with fewer programs."""
    draw = random.Random(seed)
    drawn = [spec.sample(draw) for _ in range(1 if device != "cpu" else _DRAWS_FOR_FEW_PROGRAMS)]
    return next((config for config in drawn if _lanes(config) >= _ENOUGH_LANES), max(drawn, key=_lanes))


def _lanes(config: helion.Config) -> int:
    sizes: Any = config.get("block_sizes", ())
    return math.prod(sizes)


def _compare_run(drawn: DrawnKernel, run: Any, words: str, lengths: Mapping[str, int], expected: list[torch.Tensor], device: str) -> None:
    try:
        actual = _results(drawn, run, lengths, device)
    except Exception as problem:
        if type(problem).__name__ in ("OutOfResources", "PTXASError"):
            return  # more than the GPU has: a search drops those too
        problem.add_note(words)
        raise
    for result, got, want in zip(_ordered(drawn.results), actual, expected, strict=True):
        _assert_same(result, got.cpu(), want, words)


def _results(drawn: DrawnKernel, run: Any, lengths: Mapping[str, int], device: str) -> list[torch.Tensor]:
    """What is returned, and the arguments that were updated."""
    arguments = drawn.make(lengths, device)
    returned = run(*arguments)
    names = [argument.name for argument in drawn.arguments]
    return [*returned, *(arguments[names.index(result.name)] for result in drawn.results if not result.start)]


def _ordered(results: tuple[Result, ...]) -> list[Result]:
    return [*(r for r in results if r.start), *(r for r in results if not r.start)]


def _assert_same(result: Result, got: torch.Tensor, want: torch.Tensor, words: str) -> None:
    assert (got.dtype, got.shape) == (want.dtype, want.shape), f"{words}: {result.name} is {got.dtype}{list(got.shape)}"
    if not want.numel() or (not want.dtype.is_floating_point and not result.exact):
        return
    a, b = got.double(), want.double()
    rounding = _FLOAT32_ROUNDING if want.dtype == torch.float32 else 0.0
    tolerance = rounding if result.exact else result.tolerance * _LENIENCE
    finite = b[torch.isfinite(b)].abs()
    scale = max(1.0, float(finite.max())) if finite.numel() else 1.0
    wrong = ~torch.isclose(a, b, rtol=tolerance, atol=tolerance * scale, equal_nan=True)
    if bool(wrong.any()):
        most = float((a - b).abs()[wrong].max())
        raise AssertionError(f"{words}: {result.name}: {int(wrong.sum())} of {want.numel()} differ by up to {most}, first {_first(wrong)}")


def _first(wrong: torch.Tensor) -> tuple[int, ...]:
    return tuple(int(place) for place in torch.nonzero(wrong)[0])


def _variant(kernel: Kernel, **settings: Any) -> Kernel:
    ignored: list[type[Exception]] = [helion.exc.BaseWarning]
    return helion.kernel(kernel.fn, autotune_effort="none", dot_precision="ieee", ignore_warnings=ignored, **settings)


@contextmanager
def _loaded(drawn: DrawnKernel) -> Generator[Any]:
    """The drawn module: the compiler reads a function's file."""
    name = f"fuzzed_{drawn.seed}"
    with tempfile.TemporaryDirectory(prefix="helion-fuzz-") as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(drawn.source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
            yield module
        finally:
            del sys.modules[name]
