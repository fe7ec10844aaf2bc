"""The names that a kernel's parameters, locals and globals cannot have, because the code that is generated from it has them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# A global of such a name must be this module.
GENUINE: Mapping[str, str] = MappingProxyType(
    {
        "math": "math",
        "torch": "torch",
        "helion": "helion",
        "hl": "helion.language",
        "triton": "triton",
        "tl": "triton.language",
        "triton_helpers": "torch._inductor.runtime.triton_helpers",
        "tl_math": "triton.language.math",
        "libdevice": "triton.language.extra.libdevice",
    }
)
RESERVED = frozenset({*GENUINE, "_default_launcher"})
GENERATED = frozenset({"_source_module", "_launcher", "_default_launcher", "_NUM_SM"})
