"""What `lock` does to the ways in which a decorator can be written, and what it leaves alone."""

from __future__ import annotations

from types import MappingProxyType

from helion_codemods.examples.lock_spellings import SPELLINGS
from helion_codemods.examples.lock_unpacked import UNPACKED
from helion_codemods.outcome import Example

_LOCK = MappingProxyType({"kernel": "f", "device": "NVIDIA H200", "signature": "f32[16]", "config": {"block_sizes": [64]}})
_FOR_ALL = MappingProxyType({"kernel": "f", "device": "sm_90", "signature": None, "config": {"block_sizes": [64], "num_warps": 8}})

EXAMPLES = (
    Example(
        "a bare decorator",
        """\
import helion


@helion.kernel
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "NVIDIA H200": {
            "f32[16]": helion.Config(block_sizes=[64]),
        },
    },
)
def f(x):
    return x
""",
        _LOCK,
    ),
    Example(
        "other options and comments stay",
        """\
from helion import Config, kernel as k


@k(static_shapes=False)  # dynamic
def f(x):
    return x
""",
        """\
from helion import Config, kernel as k


@k(
    static_shapes=False,
    configs={
        "NVIDIA H200": {
            "f32[16]": Config(block_sizes=[64]),
        },
    },
)  # dynamic
def f(x):
    return x
""",
        _LOCK,
    ),
    Example(
        "a single config, even a variable, becomes the entry of every other device",
        """\
import helion

SMALL = helion.Config(block_sizes=[32])


@helion.kernel(config=SMALL, static_shapes=True)
def f(x):
    return x
""",
        """\
import helion

SMALL = helion.Config(block_sizes=[32])


@helion.kernel(
    configs={
        "NVIDIA H200": {
            "f32[16]": helion.Config(block_sizes=[64]),
        },
        "*": SMALL,
    },
    static_shapes=True,
)
def f(x):
    return x
""",
        _LOCK,
    ),
    Example(
        "an entry is updated in place, key by key; a comment stays with its key",
        """\
import helion


@helion.kernel(
    configs={
        "sm_90": helion.Config(
            block_sizes=[32],  # half a row
            num_stages=3,
        ),
        # measured by hand
        "*": helion.Config(block_sizes=[16]),
    },
)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "sm_90": helion.Config(
            block_sizes=[64],  # half a row
            num_warps=8,
        ),
        # measured by hand
        "*": helion.Config(block_sizes=[16]),
    },
)
def f(x):
    return x
""",
        _FOR_ALL,
    ),
    Example(
        "a mapping in a variable is changed where it is written, when only this kernel reads it",
        """\
import helion

LOCKS = {"sm_80": helion.Config(block_sizes=[32])}


class Layer:
    @staticmethod
    @helion.kernel(configs=LOCKS)
    def f(x):
        return x
""",
        """\
import helion

LOCKS = {
    "sm_80": helion.Config(block_sizes=[32]),
    "sm_90": helion.Config(block_sizes=[64], num_warps=8),
}


class Layer:
    @staticmethod
    @helion.kernel(configs=LOCKS)
    def f(x):
        return x
""",
        _FOR_ALL,
    ),
    Example(
        "a kernel that is made by a call",
        """\
import helion


def rows(x):
    return x


f = helion.kernel(rows, static_shapes=False)
""",
        """\
import helion


def rows(x):
    return x


f = helion.kernel(
    rows,
    static_shapes=False,
    configs={
        "sm_90": helion.Config(block_sizes=[64], num_warps=8),
    },
)
""",
        _FOR_ALL,
    ),
    Example(
        "a list of configs is not keyed by device",
        """\
import helion


@helion.kernel(configs=[helion.Config(block_sizes=[16]), helion.Config(block_sizes=[32])])
def f(x):
    return x
""",
        options=_LOCK,
        refused="configs= is a list, of which the fastest is taken; key it by device first (`helion migrate`)",
    ),
    Example(
        "options that the text does not say",
        """\
import helion
from settings import OPTIONS


@helion.kernel(**OPTIONS)
def f(x):
    return x
""",
        options=_LOCK,
        refused="its options are unpacked from a value that the text does not say, which may hold configs",
    ),
    Example(
        "a mapping that two kernels share",
        """\
import helion

LOCKS = {"sm_80": helion.Config(block_sizes=[32])}


@helion.kernel(configs=LOCKS)
def f(x):
    return x


@helion.kernel(configs=LOCKS)
def g(x):
    return x
""",
        options=_LOCK,
        refused="configs= is a variable: `LOCKS` is used in more places than this decorator",
    ),
    Example(
        "options that are aligned to the bracket get a line each, as formatters give them; comments stay",
        """\
import helion


@helion.kernel(static_shapes=False,  # sizes vary
               # of the caller
               index_dtype=None)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    static_shapes=False,  # sizes vary
    # of the caller
    index_dtype=None,
    configs={
        "NVIDIA H200": {
            "f32[16]": helion.Config(block_sizes=[64]),
        },
    },
)
def f(x):
    return x
""",
        options=_LOCK,
    ),
    Example(
        "options that are changed after they are written",
        """\
import helion

OPTIONS = {"static_shapes": False}
OPTIONS["config"] = helion.Config(block_sizes=[32])


@helion.kernel(**OPTIONS)
def f(x):
    return x
""",
        options=_LOCK,
        refused="its options are unpacked from a value that the text does not say, which may hold configs",
    ),
    Example(
        "several kernels of one name",
        """\
import helion

if helion.__version__ > "1":

    @helion.kernel
    def f(x):
        return x

else:

    @helion.kernel
    def f(x):
        return x + 1
""",
        options=_LOCK,
        refused="there are several kernels `f`; say which by its line: `f@5`, `f@11`",
    ),
    *SPELLINGS,
    *UNPACKED,
)
