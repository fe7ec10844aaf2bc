"""What `unlock` removes, and what it leaves."""

from __future__ import annotations

from helion_codemods.outcome import Example

_LOCKED = """\
import helion


@helion.kernel(
    configs={
        # from the cluster
        "NVIDIA H200": {
            "f32[16]": helion.Config(block_sizes=[64]),  # 3 µs
            "f32[32]": helion.Config(block_sizes=[32]),
        },
        "*": helion.Config(block_sizes=[16]),
    },
    static_shapes=False,
)
def f(x):
    return x
"""

EXAMPLES = (
    Example(
        "one signature of one device; the comment behind an entry goes with it",
        _LOCKED,
        _LOCKED.replace('            "f32[16]": helion.Config(block_sizes=[64]),  # 3 µs\n', ""),
        {"kernel": "f", "device": "NVIDIA H200", "signature": "f32[16]"},
    ),
    Example(
        "a device; a comment on a line of its own stays",
        _LOCKED,
        """\
import helion


@helion.kernel(
    configs={
        # from the cluster
        "*": helion.Config(block_sizes=[16]),
    },
    static_shapes=False,
)
def f(x):
    return x
""",
        {"kernel": "f", "device": "NVIDIA H200"},
    ),
    Example(
        "comments on lines of their own stay where nothing else does",
        """\
import helion


@helion.kernel(
    configs={
        "NVIDIA H200": {
            # small
            "f32[16]": helion.Config(block_sizes=[64]),
            # large
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
        "NVIDIA H200": {
            # small
            # large
        },
    },
)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "what a device has for every other signature",
        _LOCKED.replace('"f32[32]"', '"*"'),
        _LOCKED.replace('            "f32[32]": helion.Config(block_sizes=[32]),\n', ""),
        {"kernel": "f", "device": "NVIDIA H200", "signature": "*"},
    ),
    Example(
        "everything",
        """\
import helion


@helion.kernel(configs={"sm_90": helion.Config(block_sizes=[64])})
def f(x):
    return x
""",
        """\
import helion


@helion.kernel
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "a single config",
        """\
import helion


@helion.kernel(config=helion.Config(block_sizes=[64]), static_shapes=False)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel(static_shapes=False)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "a comment behind the bracket goes behind the name",
        """\
import helion


@helion.kernel(  # as in the paper
    config=helion.Config(block_sizes=[64]),
)
def f(x):
    return x
""",
        """\
import helion


@helion.kernel  # as in the paper
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "a mapping of another module",
        """\
import helion
from configs import LOCKS


@helion.kernel(configs=LOCKS)
def f(x):
    return x
""",
        options={"kernel": "f"},
        refused="configs= is a variable: `LOCKS` is imported from configs; it must be changed there",
    ),
    Example(
        "beside what is unpacked",
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


@helion.kernel(configs={**COMMON})
def f(x):
    return x
""",
        {"kernel": "f", "device": "sm_90"},
    ),
    Example(
        "what is unpacked has the device, too",
        """\
import helion

COMMON = {"sm_90": helion.Config(block_sizes=[16])}


@helion.kernel(configs={**COMMON, "sm_90": helion.Config(block_sizes=[32])})
def f(x):
    return x
""",
        options={"kernel": "f", "device": "sm_90"},
        refused="`sm_90` stands in `COMMON` as well, which configs= unpacks",
    ),
    Example(
        "all, with what is unpacked",
        """\
import helion
from tables import COMMON


@helion.kernel(static_shapes=False, configs={**COMMON, "*": helion.Config()})
def f(x):
    return x
""",
        """\
import helion
from tables import COMMON


@helion.kernel(static_shapes=False)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
    Example(
        "the last of a mapping elsewhere",
        """\
import helion

LOCKS = {
    "sm_90": helion.Config(block_sizes=[32]),
}


@helion.kernel(configs=LOCKS)
def f(x):
    return x
""",
        """\
import helion

LOCKS = {}


@helion.kernel(configs=LOCKS)
def f(x):
    return x
""",
        {"kernel": "f"},
    ),
)
