"""What `remap` does to lists when loads are added, moved and removed."""

from __future__ import annotations

from typing import Any

from helion_codemods.outcome import Example

_LOCKED = """\
import helion


@helion.kernel(
    configs={
        "sm_90": helion.Config(
            block_sizes=[64, 32],
            # one of each
            indexing=["pointer", "tensor_descriptor"],
            num_warps=8,
        ),
    },
)
def f(x, y):
    return x
"""


def _sites(now: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    then = {"block_sizes": ["tile_m", "tile_n"], "indexing": ["load x[tile_m]", "load y[tile_n]"]}
    return {"device": "sm_90", "signature": None, "then": then, "now": now, **more}


_VARIABLE = """\
import helion

BEST = helion.Config(block_sizes=[64, 32], indexing=["pointer", "tensor_descriptor"])


@helion.kernel(configs={"sm_90": BEST})
def f(x, y):
    return x
"""
_SWAPPED = {"block_sizes": ["tile_m", "tile_n"], "indexing": ["load y[tile_n]", "load bias[tile_n]", "load x[tile_m]"]}
_FEWER = {"block_sizes": ["tile_m", "tile_n"], "indexing": ["load y[tile_n]"]}
_ANOTHER_TILE = {"block_sizes": ["tile_m", "tile_k", "tile_n"], "indexing": ["load x[tile_m]", "load y[tile_n]"]}

EXAMPLES = (
    Example(
        "a load moved and one is new, whose value is the default",
        _LOCKED,
        _LOCKED.replace('["pointer", "tensor_descriptor"]', '["tensor_descriptor", "pointer", "pointer"]'),
        {"kernel": "f", "entries": [_sites(_SWAPPED, defaults={"indexing": ["pointer"] * 3})]},
    ),
    Example(
        "a load that a value is for is gone",
        _LOCKED,
        options={"kernel": "f", "entries": [_sites(_FEWER)]},
        refused="sm_90: `indexing` has a value for `load x[tile_m]`, which the kernel no longer has",
    ),
    Example(
        "the value of a load that is gone may be dropped",
        _LOCKED,
        _LOCKED.replace('["pointer", "tensor_descriptor"]', '["tensor_descriptor"]'),
        {"kernel": "f", "entries": [_sites(_FEWER)], "drop_gone": True},
    ),
    Example(
        "a config in a variable that nothing else uses, where it is defined",
        _VARIABLE,
        _VARIABLE.replace(
            'BEST = helion.Config(block_sizes=[64, 32], indexing=["pointer", "tensor_descriptor"])',
            """\
BEST = helion.Config(
    block_sizes=[64, 32],
    indexing=["tensor_descriptor", "pointer", "pointer"],
)""",
        ),
        {"kernel": "f", "entries": [_sites(_SWAPPED, defaults={"indexing": ["pointer"] * 3})]},
    ),
    Example(
        "a config in a variable that more than this kernel uses",
        f"{_VARIABLE}\n\nprint(BEST)\n",
        options={"kernel": "f", "entries": [_sites(_SWAPPED, defaults={"indexing": ["pointer"] * 3})]},
        refused="the config of sm_90 is a variable: `BEST` is used in more places than this decorator",
    ),
    Example(
        "a new tile has no default",
        _LOCKED,
        options={"kernel": "f", "entries": [_sites(_ANOTHER_TILE)]},
        refused="sm_90: `tile_k` is new, and `block_sizes` has no default for it; give a value, or tune again",
    ),
    Example(
        "a new tile whose size is given",
        _LOCKED,
        _LOCKED.replace("[64, 32]", "[64, 16, 32]"),
        {"kernel": "f", "entries": [_sites(_ANOTHER_TILE, given={"tile_k": 16})]},
    ),
)
