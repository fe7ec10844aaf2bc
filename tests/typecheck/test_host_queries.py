"""What a host function promises is the same in a torch that is built for GPUs and in one that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from helion.typecheck.host_queries import opaque_attribute, promised_result
from helion.types.types import NumberType, OpaqueType


def _asking(module: str) -> Callable[..., object]:
    """A function annotated as `torch.cuda.get_device_properties` is: its class is torch's own in C++, or a stand-in."""
    properties = type("_CudaDeviceProperties", (), {"__module__": module})

    def ask(device: int | None = None) -> object: ...

    ask.__annotations__ = {"return": properties}
    return ask


@pytest.mark.parametrize("function", [_asking("torch._C"), _asking("torch._utils"), torch.cuda.get_device_properties])
def test_the_properties_of_a_gpu_have_known_types(function: Callable[..., object]) -> None:
    promised = promised_result(function)
    assert isinstance(promised, OpaqueType)
    assert opaque_attribute(promised.cls, "multi_processor_count") == NumberType(int)
