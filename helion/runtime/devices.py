"""The devices that are there: the target of a tensor's device, and what it is called."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Protocol, cast

import torch

from helion.locks.identity import DeviceIdentity
from helion.target import DEFAULT_TARGET, TARGETS, Target, find_target


class GpuProperties(Protocol):
    """What torch tells of a GPU; torch has no type for it."""

    major: int
    minor: int
    multi_processor_count: int


def gpu_properties(index: int | None) -> GpuProperties:
    """The properties of a GPU, of the current one for None."""
    return torch.cuda.get_device_properties(index)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # torch has no type


@cache
def _target_of_gpu(index: int) -> Target:
    properties = gpu_properties(index)
    if torch.version.hip is not None:
        name = getattr(properties, "gcnArchName", "").split(":")[0]
        found = find_target(name) or next(t for t in TARGETS if t.vendor == "hip")
    else:
        name = f"sm_{properties.major}{properties.minor}"
        capability = properties.major * 10 + properties.minor
        older = [t for t in TARGETS if t.vendor == "cuda" and t.capability <= capability]
        found = find_target(name) or max(older, key=lambda t: t.capability, default=DEFAULT_TARGET)
    return replace(found, name=name, multiprocessors=properties.multi_processor_count)


def target_of(device: torch.device) -> Target:
    """The facts of a device; for a CPU (Triton's interpreter) those of the default target."""
    if device.type != "cuda":
        return DEFAULT_TARGET
    index = cast("int | None", device.index)  # None for "cuda" without a number, whatever torch's stub says
    return _target_of_gpu(torch.cuda.current_device() if index is None else index)


def identity_of(device: torch.device) -> DeviceIdentity:
    """What locks call a device."""
    return DeviceIdentity(product_name(device), target_of(device).name)


def product_name(device: torch.device) -> str:
    """The product's name: `NVIDIA H200`; `cpu` for a CPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
