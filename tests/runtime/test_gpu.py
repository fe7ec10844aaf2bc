"""Calls on a GPU: configs are tuned at the first call, kept, and launched on the arguments' device."""

from __future__ import annotations

import time

import pytest
import torch

import helion
from helion.runtime.bound_kernel import BoundKernel
from tests.runtime.kernels import times

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")]


def test_a_first_call_tunes_and_later_ones_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    kernel = helion.kernel(times, autotune_effort="quick", autotune_budget_seconds=20.0)
    x = torch.randn(1 << 20, device="cuda")
    torch.testing.assert_close(kernel(x), x * 3)
    said = capsys.readouterr().err
    assert "Autotuning complete in" in said
    assert "@helion.kernel(config=helion.Config(block_sizes=" in said
    torch.testing.assert_close(kernel(x, 2.0), x * 2)
    assert "Autotuning" not in capsys.readouterr().err


def test_of_several_configs_the_fastest_is_kept() -> None:
    slow, fast = helion.Config(block_sizes=[1]), helion.Config(block_sizes=[1024])
    kernel = helion.kernel(times, configs=[slow, fast])
    x = torch.randn(1 << 22, device="cuda")
    torch.testing.assert_close(kernel(x), x * 3)
    bound = kernel.bind((x, 3.0))
    assert isinstance(bound, BoundKernel)
    assert "_BLOCK_SIZE_0 = 1024" in bound.to_triton_code()


def test_a_call_costs_the_host_little() -> None:
    kernel = helion.kernel(times, config=helion.Config(block_sizes=[1024]))
    x = torch.randn(1024, device="cuda")
    kernel(x, 3.0)
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(1000):
        kernel(x, 3.0)
    microseconds = (time.perf_counter() - start) * 1e3
    torch.cuda.synchronize()
    print(f"{microseconds:.1f} us a call, allocation and Triton's launch included")
    assert microseconds < 200


def test_launches_follow_the_arguments_device() -> None:
    if torch.cuda.device_count() < 2:
        pytest.skip("there is one GPU only")
    kernel = helion.kernel(times, config=helion.Config(block_sizes=[1024]))
    for index in (1, 0):
        x = torch.randn(1000, device=f"cuda:{index}")
        torch.testing.assert_close(kernel(x), x * 3)


def test_the_interpreter_is_not_needed() -> None:
    assert helion.runtime.get_num_sm(torch.device("cuda")) > 1
    assert helion.runtime.get_num_sm(torch.device("cuda"), reserved_sms=10**6) == 1
