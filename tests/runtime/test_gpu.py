"""Calls on a GPU: configs are tuned at the first call, kept, and launched on the arguments' device."""

from __future__ import annotations

import time

import pytest
import torch

import helion
from examples.matmul import matmul
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
    for index in (1, 0) * 4:
        x = torch.randn(1000, device=f"cuda:{index}")
        torch.testing.assert_close(kernel(x), x * 3)


@pytest.mark.parametrize("static_shapes", [True, False])
def test_warm_calls_of_many_kinds(static_shapes: bool) -> None:
    kernel = helion.kernel(times, autotune_effort="none", static_shapes=static_shapes)
    base = torch.randn(5000, device="cuda")
    others = [base[:n] for n in (1, 2, 16, 1000, 1024, 4096)] + [
        base[1:1025],
        base[3:1003],
        base[::2],
        base.view(50, 100),
        base.view(100, 50).t(),
    ]
    for _ in range(4):
        for x in others:
            for factor in (2.0, 3, 16, 1, 2.0):
                torch.testing.assert_close(kernel(x, factor), x * factor)
    parameter = torch.nn.Parameter(base)
    for _ in range(4):
        torch.testing.assert_close(kernel(parameter), base * 3)


def test_warm_calls_with_descriptors_and_scratch_memory() -> None:
    kernel = helion.kernel(matmul.fn, autotune_effort="none")
    for size in (256, 512, 256, 512):
        x, y = (torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2))
        for _ in range(3):
            torch.testing.assert_close(kernel(x, y), x @ y, rtol=2e-2, atol=0.5)


def test_a_warm_call_is_captured_in_a_graph() -> None:
    kernel = helion.kernel(times, autotune_effort="none")
    x = torch.randn(1000, device="cuda")
    for _ in range(4):
        kernel(x)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = kernel(x)
    x.fill_(2.0)
    graph.replay()
    torch.testing.assert_close(out, x * 3)


def test_a_profiler_hears_of_warm_launches() -> None:
    knobs = pytest.importorskip("triton").knobs.runtime
    kernel, heard = helion.kernel(times, autotune_effort="none"), list[object]()
    x = torch.randn(1000, device="cuda")
    for _ in range(4):
        kernel(x)
    knobs.launch_enter_hook.add(heard.append)
    try:
        torch.testing.assert_close(kernel(x), x * 3)
    finally:
        knobs.launch_enter_hook.remove(heard.append)
    assert len(heard) == 1
    torch.testing.assert_close(kernel(x), x * 3)
    assert len(heard) == 1


def test_the_interpreter_is_not_needed() -> None:
    assert helion.runtime.get_num_sm(torch.device("cuda")) > 1
    assert helion.runtime.get_num_sm(torch.device("cuda"), reserved_sms=10**6) == 1
