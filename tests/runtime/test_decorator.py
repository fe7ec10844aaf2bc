"""Every form of the decorator, and what it refuses before any call."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import helion
import helion.language as hl
from helion import exc
from helion.settings import FIELD_NAMES, WITHOUT_EFFECT, Settings
from tests.runtime.kernels import scaled, times

math = SimpleNamespace(pi=3)


def test_every_form_makes_a_kernel() -> None:
    config = helion.Config(block_sizes=[16])
    kernels = (
        helion.kernel(times),
        helion.kernel()(times),
        helion.kernel(config=config)(times),
        helion.kernel(times, config={"block_sizes": [16]}),
        helion.kernel(times, configs=[config]),
        helion.jit(times),
        helion.kernel(helion.kernel(times), static_shapes=False),
        helion.kernel(times, settings=helion.Settings(static_shapes=False)),
    )
    assert all(isinstance(k, helion.Kernel) for k in kernels)
    assert [k.configs for k in kernels] == [[], [], [config], [config], [config], [], [], []]
    assert [k.settings.static_shapes for k in kernels[-3:]] == [True, False, False]
    assert helion.jit is helion.kernel is helion.runtime.kernel


def test_a_kernel_looks_like_its_function() -> None:
    kernel = helion.kernel(times)
    for name in ("__name__", "__doc__", "__module__", "__globals__", "__code__", "__defaults__", "__kwdefaults__"):
        assert getattr(kernel, name) == getattr(times, name)
    assert kernel.name == "times"
    assert kernel.kernel_source().startswith("def times(")


def test_arguments_that_contradict_each_other() -> None:
    config = helion.Config(block_sizes=[16])
    for conflict in (exc.ConflictingArguments, AssertionError):
        with pytest.raises(conflict, match="give one of the two"):
            helion.kernel(times, config=config, configs=[config])
        with pytest.raises(conflict, match="`static_shapes` into it"):
            helion.kernel(times, settings=helion.Settings(), static_shapes=False)
    with pytest.raises(TypeError, match="statik_shapes"):
        helion.kernel(times, statik_shapes=False)


def test_what_is_not_a_kernel_function() -> None:
    def variadic(*xs: torch.Tensor) -> None: ...
    def keyword_only(x: torch.Tensor, *, scale: float) -> None: ...

    with pytest.raises(TypeError, match="a lambda"):
        helion.kernel(lambda x: x)
    with pytest.raises(TypeError, match="not int"):
        helion.kernel(3)
    for function in (variadic, keyword_only):
        with pytest.raises(TypeError, match=function.__name__):
            helion.kernel(function)


def test_names_that_generated_code_needs() -> None:
    def shadows(tl: torch.Tensor) -> None: ...
    def reads_a_fake_module(x: torch.Tensor) -> float:
        return math.pi

    def reads_a_generated_name(x: torch.Tensor) -> object:
        return _launcher  # noqa: F821 - the error under test

    with pytest.raises(exc.NamingConflict, match="`tl`"):
        helion.kernel(shadows)
    with pytest.raises(exc.NamingConflict, match="`math` must be the module `math`"):
        helion.kernel(reads_a_fake_module)
    with pytest.raises(exc.NamingConflict, match="_launcher"):
        helion.kernel(reads_a_generated_name)


def test_closures_and_decorators_below() -> None:
    factor = 3.0

    def closes_over(x: torch.Tensor) -> torch.Tensor:
        return x * factor

    @functools.wraps(times)
    def wrapped(x: torch.Tensor, factor: float = 3.0) -> torch.Tensor:
        return x

    with pytest.raises(exc.ClosuresNotSupported, match="factor") as caught:
        helion.kernel(closes_over)
    assert "return x * factor" in str(caught.value)
    assert isinstance(caught.value, exc.CompileError)
    without_text: dict[str, Any] = {"factor": 3.0}
    exec("def outer(n):\n    def inner(x):\n        return x * n\n    return inner", without_text)
    with pytest.raises(exc.ClosuresNotSupported, match="inner reads n of an enclosing function"):
        helion.kernel(without_text["outer"](3))
    with pytest.raises(exc.DecoratorAfterHelionKernelDecorator):
        helion.kernel(wrapped)


def test_stubs_refuse_to_run_outside_a_kernel() -> None:
    with pytest.raises(exc.NotInsideKernel, match=r"hl\.tile"):
        hl.tile(16)


def test_cpu_tensors_need_an_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    with pytest.raises(exc.WrongDeviceError, match="called with CPU tensors") as raised:
        helion.kernel(scaled)(torch.ones(4))
    assert isinstance(raised.value, exc.CompileError)
    assert any("TRITON_INTERPRET=1" in note.message for note in raised.value.diagnostics[0].notes())


def test_eager_mode_needs_no_generated_code(capsys: pytest.CaptureFixture[str]) -> None:
    kernel = helion.kernel(times, ref_mode=helion.RefMode.EAGER)
    x = torch.arange(8.0)
    assert torch.equal(kernel(x), x * 3)
    assert torch.equal(kernel.bind((x,))(x, 2.0), x * 2)
    assert "eagerly" in str(kernel.explain(x))
    with pytest.raises(RuntimeError, match="no generated code"):
        kernel.bind((x,)).to_triton_code()
    assert capsys.readouterr().err == ""
    kernel.settings.ref_mode = helion.RefMode.OFF
    with pytest.raises(exc.WrongDeviceError):
        kernel(x)


def test_settings_without_effect_are_announced(capsys: pytest.CaptureFixture[str]) -> None:
    helion.kernel(times, distributed=True)
    assert "WARNING[SettingWithoutEffect]: distributed=True changes nothing: each process" in capsys.readouterr().err
    helion.kernel(times, distributed=True, ignore_warnings=[exc.SettingWithoutEffect])
    assert capsys.readouterr().err == ""


def test_settings_as_a_dict() -> None:
    values = Settings(static_shapes=False).to_dict()
    assert tuple(values) == FIELD_NAMES
    assert values["static_shapes"] is False
    assert set(WITHOUT_EFFECT) < set(FIELD_NAMES)
