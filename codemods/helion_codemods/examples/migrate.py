"""How `migrate` moves configs between their forms."""

from __future__ import annotations

from helion_codemods.outcome import Example

_LIST = """\
import helion


@helion.kernel(
    configs=[
        helion.Config(block_sizes=[16]),
        helion.Config(
            block_sizes=[64],  # a warp a row
            num_warps=1,
        ),
        helion.Config(block_sizes=[128]),
    ],
)
def f(x):
    return x
"""

_KEYED = """\
import helion


@helion.kernel(
    configs={
        "NVIDIA H200": {
            "f32[16]": helion.Config(
                block_sizes=[64],  # a warp a row
                num_warps=1,
            ),
            "f32[32]": helion.Config(block_sizes=[16]),
        },
        "*": helion.Config(block_sizes=[16]),
    },
)
def f(x):
    return x
"""

EXAMPLES = (
    Example(
        "a single config is for every device",
        """\
import helion


@helion.kernel(config=helion.Config(block_sizes=[64]))
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
    Example(
        "of a list you say which config each device gets",
        _LIST,
        """\
import helion


@helion.kernel(
    configs={
        "NVIDIA H200": helion.Config(
            block_sizes=[64],  # a warp a row
            num_warps=1,
        ),
        "*": helion.Config(block_sizes=[16]),
    },
)
def f(x):
    return x
""",
        {"kernel": "f", "pick": {"NVIDIA H200": 1, "*": 0}},
    ),
    Example(
        "of a list nobody else can say it",
        _LIST,
        options={"kernel": "f"},
        refused="configs= has 3 configs, of which the fastest is taken; say which each device gets, from 0 on (`--pick sm_90=0`)",
    ),
    Example(
        "one lock as the single config",
        _KEYED,
        """\
import helion


@helion.kernel(
    config=helion.Config(
        block_sizes=[64],  # a warp a row
        num_warps=1,
    ),
)
def f(x):
    return x
""",
        {"kernel": "f", "to": "single", "device": "NVIDIA H200", "signature": "f32[16]"},
    ),
    Example(
        "the locks as a list, each config once",
        _KEYED,
        """\
import helion


@helion.kernel(
    configs=[
        helion.Config(
            block_sizes=[64],  # a warp a row
            num_warps=1,
        ),
        helion.Config(block_sizes=[16]),
    ],
)
def f(x):
    return x
""",
        {"kernel": "f", "to": "list"},
    ),
    Example(
        "several locks, none of which is named",
        _KEYED,
        options={"kernel": "f", "to": "single", "device": "NVIDIA H200"},
        refused="several locks of that device and signature; say one of: NVIDIA H200 × f32[16]; NVIDIA H200 × f32[32]",
    ),
)
