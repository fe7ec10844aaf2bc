"""The key of what Triton compiled of a config: found where Triton's JIT keeps it."""

from __future__ import annotations

import types
from typing import Any

import pytest
import torch

import helion
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.compiled_hash import compiled_hash
from tests.runtime.kernels import times


def _host(**names: Any) -> Any:
    def host() -> None: ...

    return types.FunctionType(host.__code__, names)


def test_the_latest_compiled_kernel_counts() -> None:
    compiled = {"aligned": types.SimpleNamespace(hash="first"), "unaligned": types.SimpleNamespace(hash="second")}
    jitted = types.SimpleNamespace(device_caches={0: (compiled, {}, None)})
    helper = types.SimpleNamespace(device_caches={})
    assert compiled_hash(_host(torch=torch, helper=helper, kernel=jitted)) == "second"


def test_there_is_none_before_a_launch() -> None:
    assert compiled_hash(_host(torch=torch, kernel=types.SimpleNamespace(device_caches={}))) is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_launch_on_a_gpu_leaves_one() -> None:
    kernel = helion.kernel(times, config=helion.Config(block_sizes=[1024]))
    args = torch.randn(4096, device="cuda"), 3.0
    bound = kernel.bind(args)
    assert isinstance(bound, BoundKernel)
    assert bound.backend_cache_key() is None
    kernel(*args)
    key = bound.backend_cache_key()
    assert key is not None
    assert bound.backend_cache_key() == key
    assert bound.backend_cache_key(helion.Config(block_sizes=[512])) is None
