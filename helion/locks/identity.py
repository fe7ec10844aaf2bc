"""What a device is called, at two levels: the product with its variant, and the architecture; no torch, no GPU."""

from __future__ import annotations

import re
from dataclasses import dataclass

ANY_DEVICE = "*"


@dataclass(frozen=True)
class DeviceIdentity:
    """`product` names the variant too (`NVIDIA H100 PCIe` is not `NVIDIA H100 80GB HBM3`: their memories differ); no two products are
    taken for one another. `architecture` (`sm_90`, `gfx950`) is the wider net."""

    product: str
    architecture: str

    def __str__(self) -> str:
        """`NVIDIA H200 (sm_90)`, or `sm_90` where the product is not known."""
        return self.product if self.product == self.architecture else f"{self.product} ({self.architecture})"

    @property
    def keys(self) -> tuple[str, str, str]:
        """The keys of `configs={...}` that may serve this device, the first that has an entry does."""
        return (self.product, self.architecture, ANY_DEVICE)


def problem_of_key(device: str) -> str | None:
    """Why no call looks for locks under a key; None for one that may be a product's name, which only its driver knows."""
    if device == ANY_DEVICE or is_architecture(device):
        return None
    if not device.strip():
        return "it names no device"
    if meant := _ALMOST.fullmatch(device):
        return f"an architecture is written `sm_{meant[1]}`" if meant[1] else f"an architecture is written `gfx{meant[2].lower()}`"
    return "drivers give whole names, like `NVIDIA H200`" if _SHORT.fullmatch(device) else None


def is_architecture(device: str) -> bool:
    return _ARCHITECTURE.fullmatch(device) is not None


_ARCHITECTURE = re.compile(r"sm_\d{2,3}|gfx[0-9a-f]{3,4}")
_ALMOST = re.compile(r"sm[_-]?(\d+)[a-z]?|gfx[_-]?([0-9a-f]+)", re.IGNORECASE)
_SHORT = re.compile(r"[A-Z]{1,3}\d{1,4}[A-Z]{0,2}")


def identity_of_key(device: str, architecture: str | None = None) -> DeviceIdentity:
    """The identity that a lock's first key stands for; `architecture` when it is known and the key is a product's name."""
    return DeviceIdentity(device, architecture or device)
