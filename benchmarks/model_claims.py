"""How often a gain that the model estimates is a real one, of configs that were measured; and what the model says of them now.

Rows are those of `model_correlation.py`: a config with its measured time, the estimated one, and the work and resources it came from.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helion.autotune.model.estimate import estimate
from helion.autotune.model.parameters import DEFAULT_PARAMETERS
from helion.autotune.model.resources import Resources
from helion.autotune.model.work import BlockWork, DotWork, GridWork, MemoryWork, Work
from helion.target import Target

# So many of the estimated gains as large as the model's resolution have to be real ones.
WANTED = 0.8
# Upper ends of the ranges of estimated gains that are listed.
RANGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)
# Bytes of a register that is spilled.
_SPILLED = 4


@dataclass(frozen=True)
class Claim:
    """The model says that one config takes `gain` less of another's time; `real` when it was measured faster by more than the noise. The
    other is `good` when it is of the faster half of its kernel's, as the configs are that a tuning would replace."""

    gain: float
    real: bool
    good: bool


def claims_of(kernels: Sequence[Mapping[str, Any]]) -> list[Claim]:
    """One for every two configs of a kernel that the model tells apart, the smallest gain first."""
    found: list[Claim] = []
    for kernel in kernels:
        configs = [config for config in kernel["configs"] if config["model_us"] is not None and config["measured_us"] is not None]
        middle = float(np.median([config["measured_us"] for config in configs])) if configs else 0.0
        for before, after in itertools.permutations(configs, 2):
            gain = 1 - after["model_us"] / before["model_us"]
            noise = max(before["noise_us"], after["noise_us"])
            if gain > 0:
                is_real = after["measured_us"] + noise < before["measured_us"]
                found.append(Claim(gain, is_real, before["measured_us"] <= middle))
    return sorted(found, key=lambda claim: claim.gain)


def shares_of_real(claims: Sequence[Claim]) -> list[tuple[float, float]]:
    """The isotonic fit, from the smallest gain: from which gain on which share is real. A larger gain is never less often real."""
    steps: list[tuple[float, int, int]] = []
    for claim in claims:
        gain, real, count = claim.gain, int(claim.real), 1
        while steps and steps[-1][1] * count >= real * steps[-1][2]:
            gain, more_real, more = steps.pop()
            real, count = real + more_real, count + more
        steps.append((gain, real, count))
    return [(gain, real / count) for gain, real, count in steps]


def judge_claims(kernels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `Parameters.resolution` is taken from: the least gain over a good config of which `WANTED` are real, in whole per cent."""
    claims = claims_of(kernels)
    good = [claim for claim in claims if claim.good]
    least = next((gain for gain, share in shares_of_real(good) if share >= WANTED), 1.0)
    starts = (0.0, *RANGES[:-1])
    return {
        "wanted": WANTED,
        "resolution": math.ceil(least * 100) / 100,
        "ranges": [{"from": start, "to": end, **_counted(claims, start, end)} for start, end in zip(starts, RANGES, strict=True)],
    }


def _counted(claims: Sequence[Claim], start: float, end: float) -> dict[str, int]:
    within = [claim for claim in claims if start <= claim.gain < end]
    good = [claim for claim in within if claim.good]
    return {"all": len(within), "all_real": sum(c.real for c in within), "good": len(good), "good_real": sum(c.real for c in good)}


def estimated_again(row: Mapping[str, Any], target: Target) -> float | None:
    """µs for the stored work and resources; None where there was no artifact to estimate from."""
    if row["model_us"] is None:
        return None
    found = row["resources"]
    resources = Resources(found["blocks_per_multiprocessor"], _SPILLED * found["spills"], found["tensor_core"], guessed=False)
    loops = [estimate(_work_of(work), resources, target).microseconds for work in row["work"]]
    launch = DEFAULT_PARAMETERS.launch * 1e6
    return sum(loop - launch for loop in loops) + launch


def _work_of(stored: Mapping[str, Any]) -> Work:
    parts = {
        "grid": GridWork(**_tuples(stored["grid"])),
        "memory": tuple(MemoryWork(**_tuples(access)) for access in stored["memory"]),
        "dots": tuple(DotWork(**dot) for dot in stored["dots"]),
        "blocks": tuple(BlockWork(**block) for block in stored["blocks"]),
    }
    return Work(**{**stored, **parts})


def _tuples(stored: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has lists only."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
