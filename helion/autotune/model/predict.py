"""A kernel, a config and, if there is one, its artifact in; the estimated time of a call's launches out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helion.autotune.candidate import Candidate
from helion.autotune.model.count_work import count_work
from helion.autotune.model.estimate import Estimate, estimate
from helion.autotune.model.parameters import DEFAULT_PARAMETERS, Parameters
from helion.autotune.model.resources import guess_resources, resources_of
from helion.config.config import Config
from helion.device_ir.ir import DeviceIR
from helion.offline.artifact import Artifact
from helion.target import Target


@dataclass(frozen=True)
class Prediction:
    """Always an estimate. One `Estimate` a grid loop; they share one launch, whose cost is counted once."""

    microseconds: float
    loops: tuple[Estimate, ...]


def predict(
    ir: DeviceIR, config: Config, target: Target, artifact: Artifact | None, parameters: Parameters = DEFAULT_PARAMETERS
) -> Prediction:
    """Without an artifact its resources are guessed: good enough to rank what to compile first, not to report."""
    loops = tuple(
        estimate(work, guess_resources(work, target) if artifact is None else resources_of(artifact), target, parameters)
        for work in count_work(ir, config, target)
    )
    launch = parameters.launch * 1e6
    return Prediction(sum(loop.microseconds - launch for loop in loops) + launch, loops)


def prior_of(ir: DeviceIR, target: Target) -> Callable[[Config], float]:
    """What a search may ask about a config before anything is generated or compiled."""
    return lambda config: predict(ir, config, target, None).microseconds


def estimator_of(ir: DeviceIR, target: Target) -> Callable[[Candidate, Artifact], float]:
    """The judge of the model method."""
    return lambda candidate, artifact: predict(ir, candidate.config, target, artifact).microseconds
