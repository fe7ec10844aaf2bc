"""A tuning record in, how much of the difference between its times each knob accounts for out."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass

from helion.trials.record import TuningRecord


@dataclass(frozen=True)
class Influence:
    """`share` of the variance of log times that knowing the knob's value explains, from 0 to 1. `values` are its values with the best and
    the median time and the number of trials of each, the best first."""

    knob: str
    share: float
    values: tuple[tuple[str, float, float, int], ...]


def influences_of(record: TuningRecord) -> list[Influence]:
    """Of every knob that had two values or more with times, the strongest first. Knobs that were varied together share what they explain:
    this is a description of the trials, not an experiment."""
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for trial in record.best_first:
        for knob, value in record.entries(trial.config):
            times[knob][str(value)].append(trial.microseconds)
    found = [_influence(knob, by_value) for knob, by_value in times.items() if len(by_value) > 1]
    return sorted(found, key=lambda influence: -influence.share)


def _influence(knob: str, by_value: dict[str, list[float]]) -> Influence:
    values = [(value, min(found), statistics.median(found), len(found)) for value, found in by_value.items()]
    return Influence(knob, _share(list(by_value.values())), tuple(sorted(values, key=lambda row: row[1])))


def _share(groups: list[list[float]]) -> float:
    """Omega squared of a one-way layout: unlike the plain ratio it is not lifted by knobs with many values of one trial each."""
    logs = [[math.log(time) for time in group] for group in groups]
    everything = [value for group in logs for value in group]
    mean, count = statistics.fmean(everything), len(everything)
    total = sum((value - mean) ** 2 for value in everything)
    between = sum(len(group) * (statistics.fmean(group) - mean) ** 2 for group in logs)
    if total == 0 or count <= len(groups):
        return 0.0
    within = (total - between) / (count - len(groups))
    return max(0.0, (between - (len(groups) - 1) * within) / (total + within))
