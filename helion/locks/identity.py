"""What a device is called, at two levels: the product with its variant, and the architecture; no torch, no GPU."""

from __future__ import annotations

from dataclasses import dataclass

ANY_DEVICE = "*"


@dataclass(frozen=True)
class DeviceIdentity:
    """`product` names the variant too (`NVIDIA H100 PCIe` is not `NVIDIA H100 80GB HBM3`: their memories differ); no two products are
    taken for one another. `architecture` (`sm_90`, `gfx950`) is the wider net."""

    product: str
    architecture: str

    @property
    def keys(self) -> tuple[str, str, str]:
        """The keys of `configs={...}` that may serve this device, the first that has an entry does."""
        return (self.product, self.architecture, ANY_DEVICE)


def identity_of_key(device: str, architecture: str | None = None) -> DeviceIdentity:
    """The identity that a lock's first key stands for; `architecture` when it is known and the key is a product's name."""
    return DeviceIdentity(device, architecture or device)
