"""What `prune` takes for superfluous."""

from __future__ import annotations

from helion_codemods.outcome import Example

_LIST = """\
import helion


@helion.kernel(configs=[helion.Config(), helion.Config()])
def f(x):
    return x
"""

EXAMPLES = (
    Example("a list is no locks", _LIST, _LIST, {"kernel": "f"}),
    Example(
        "signatures with one config, a signature of another kernel, and a key that comes twice",
        """\
import helion


@helion.kernel(
    configs={
        "sm_80": helion.Config(block_sizes=[16]),
        "NVIDIA H200": {
            "f32[16]": helion.Config(block_sizes=[64]),
            "f32[32]": helion.Config(block_sizes=[64]),
            "bf16[16]": helion.Config(block_sizes=[128]),
            "f32[16], f32[16]": helion.Config(block_sizes=[32]),
        },
        "sm_80": helion.Config(block_sizes=[32]),
    },
)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "NVIDIA H200": {
            "f32[16]": helion.Config(block_sizes=[64]),
            "bf16[16]": helion.Config(block_sizes=[128]),
        },
        "sm_80": helion.Config(block_sizes=[32]),
    },
)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "signatures between which the nearest decides are all kept",
        """\
import helion


@helion.kernel(
    configs={
        "sm_90": {
            "f32[1024]": helion.Config(block_sizes=[64]),
            "f32[2048]": helion.Config(block_sizes=[64]),
            "f32[4096]": helion.Config(block_sizes=[128]),
        },
    },
)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "sm_90": {
            "f32[1024]": helion.Config(block_sizes=[64]),
            "f32[2048]": helion.Config(block_sizes=[64]),
            "f32[4096]": helion.Config(block_sizes=[128]),
        },
    },
)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "a key that no driver gives, which calls do not look for",
        """\
import helion


@helion.kernel(
    configs={
        "sm90": helion.Config(block_sizes=[64]),
        "sm_80": helion.Config(block_sizes=[32]),
    },
)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "sm_80": helion.Config(block_sizes=[32]),
    },
)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "a device that runs with what every device runs with",
        """\
import helion


@helion.kernel(
    configs={
        "sm_80": helion.Config(block_sizes=[64]),
        "*": helion.Config(block_sizes=[64]),
    },
)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(
    configs={
        "*": helion.Config(block_sizes=[64]),
    },
)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
)
