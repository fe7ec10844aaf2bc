"""What `lock` does where `configs=` unpacks another mapping."""

from __future__ import annotations

from types import MappingProxyType

from helion_codemods.outcome import Example

_LOCK = MappingProxyType({"kernel": "f", "device": "sm_90", "signature": None, "config": {"block_sizes": [64]}})
_SIGNED = MappingProxyType({**_LOCK, "signature": "f32[16]"})

UNPACKED = (
    Example(
        "the key stands behind what is unpacked",
        """\
import helion
from tables import COMMON


@helion.kernel(configs={**COMMON, "sm_90": helion.Config(block_sizes=[32])})
def f(x):
    return x
""",
        """\
import helion
from tables import COMMON


@helion.kernel(configs={**COMMON, "sm_90": helion.Config(block_sizes=[64])})
def f(x):
    return x
""",
        _LOCK,
    ),
    Example(
        "a device that the unpacked mapping has not",
        """\
import helion

COMMON = {"sm_80": helion.Config(block_sizes=[32])}


@helion.kernel(configs={**COMMON, "*": helion.Config(block_sizes=[16])})
def f(x):
    return x


@helion.kernel(configs={**COMMON})
def g(x):
    return x
""",
        """\
import helion

COMMON = {"sm_80": helion.Config(block_sizes=[32])}


@helion.kernel(
    configs={
        **COMMON,
        "*": helion.Config(block_sizes=[16]),
        "sm_90": helion.Config(block_sizes=[64]),
    },
)
def f(x):
    return x


@helion.kernel(configs={**COMMON})
def g(x):
    return x
""",
        _LOCK,
    ),
    Example(
        "a device of a mapping that nothing else uses",
        """\
import helion

MINE = {
    "sm_90": helion.Config(block_sizes=[32]),
}


@helion.kernel(configs={**MINE, "*": helion.Config(block_sizes=[16])})
def f(x):
    return x
""",
        """\
import helion

MINE = {
    "sm_90": helion.Config(block_sizes=[64]),
}


@helion.kernel(configs={**MINE, "*": helion.Config(block_sizes=[16])})
def f(x):
    return x
""",
        _LOCK,
    ),
    Example(
        "a signature beside those that are unpacked",
        """\
import helion
from tables import SHAPES


@helion.kernel(
    configs={
        "sm_90": {**SHAPES, "f32[32]": helion.Config(block_sizes=[32])},
    },
)
def f(x):
    return x
""",
        """\
import helion
from tables import SHAPES


@helion.kernel(
    configs={
        "sm_90": {
            **SHAPES,
            "f32[32]": helion.Config(block_sizes=[32]),
            "f32[16]": helion.Config(block_sizes=[64]),
        },
    },
)
def f(x):
    return x
""",
        _SIGNED,
    ),
    Example(
        "an imported mapping may have the device",
        """\
import helion
from tables import COMMON


@helion.kernel(configs={**COMMON})
def f(x):
    return x
""",
        options=_LOCK,
        refused="configs= unpacks `COMMON`, which may have `sm_90`",
    ),
    Example(
        "what is unpacked behind the key may hide it",
        """\
import helion
from tables import COMMON


@helion.kernel(configs={"sm_90": helion.Config(block_sizes=[32]), **COMMON})
def f(x):
    return x
""",
        options=_LOCK,
        refused="configs= unpacks `COMMON`, which may have `sm_90`",
    ),
    Example(
        "a device of a mapping that others use",
        """\
import helion

COMMON = {"sm_90": helion.Config(block_sizes=[32])}


@helion.kernel(configs={**COMMON})
def f(x):
    return x


@helion.kernel(configs={**COMMON})
def g(x):
    return x
""",
        options=_LOCK,
        refused="`sm_90` stands in `COMMON`, which configs= unpacks: `COMMON` is used in more places than this decorator",
    ),
)
