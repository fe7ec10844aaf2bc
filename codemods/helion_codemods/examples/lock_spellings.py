"""What `lock` does where the decorator, or the name it goes by, is written in an unusual way."""

from __future__ import annotations

from types import MappingProxyType

from helion_codemods.outcome import Example

_LOCK = MappingProxyType({"kernel": "f", "device": "NVIDIA H200", "signature": "f32[16]", "config": {"block_sizes": [64]}})

SPELLINGS = (
    Example(
        "parentheses around it",
        """\
import helion


@(helion.kernel(configs=({"sm_90": helion.Config(block_sizes=[32])})))
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "sm_90": helion.Config(block_sizes=[32]),
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
        "names that the function around the kernel imports",
        """\
def make():
    from helion import Config, kernel

    @kernel
    def f(x):
        return x

    return f
""",
        """\
def make():
    from helion import Config, kernel

    @kernel(
        configs={
            "NVIDIA H200": {
                "f32[16]": Config(block_sizes=[64]),
            },
        },
    )
    def f(x):
        return x

    return f
""",
        _LOCK,
    ),
    Example(
        "a function given by name, and a star import",
        """\
from helion import *


def plain(x):
    return x


f = kernel(fn=plain)
""",
        """\
from helion import *


def plain(x):
    return x


f = kernel(
    fn=plain,
    configs={
        "NVIDIA H200": {
            "f32[16]": Config(block_sizes=[64]),
        },
    },
)
""",
        _LOCK,
    ),
    Example(
        "options that a partial gives stay its own",
        """\
import functools

import helion

fast = functools.partial(helion.kernel, static_shapes=False)


@fast
def f(x):
    return x
""",
        """\
import functools

import helion

fast = functools.partial(helion.kernel, static_shapes=False)


@fast(
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
        "a config that a partial gives to several kernels",
        """\
import functools

import helion

fast = functools.partial(helion.kernel, config=helion.Config(block_sizes=[32]))


@fast
def f(x):
    return x
""",
        options=_LOCK,
        refused="the options of `f` stand in the call at line 5, which may be of several kernels; give it one of its own",
    ),
    Example(
        "a name that only type checkers import is not used",
        """\
from typing import TYPE_CHECKING

import helion

if TYPE_CHECKING:
    from helion import Config


@helion.kernel
def f(x):
    return x
""",
        """\
from typing import TYPE_CHECKING

import helion

if TYPE_CHECKING:
    from helion import Config


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
        "a mapping that is a parameter where the kernel stands",
        """\
import helion

LOCKS = {"sm_90": helion.Config(block_sizes=[32])}


def make(LOCKS):
    @helion.kernel(configs=LOCKS)
    def f(x):
        return x

    return f
""",
        options=_LOCK,
        refused="configs= is a variable: `LOCKS` is a parameter, too, and may be that one here",
    ),
)
