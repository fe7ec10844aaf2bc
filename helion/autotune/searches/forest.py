"""Configs as numbers and their times in, a guess for configs not tried out: random forests, from the optional scikit-learn."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from helion import exc
from helion.autotune.search import SearchSpace
from helion.autotune.slot_values import numbers_of
from helion.config.config import Config
from helion.trials.trial import Trial

_SEED = 0


def require_forests(who: str) -> None:
    """Raises `exc.AutotuneError` where scikit-learn is not installed."""
    _ensemble(who)


def _ensemble(who: str) -> Any:
    try:
        return importlib.import_module("sklearn.ensemble")
    except ModuleNotFoundError as missing:
        raise exc.AutotuneError(f"{who} needs scikit-learn, which the extra `helion-toolkit[tune]` installs") from missing


def time_guess(space: SearchSpace, trials: Sequence[Trial], trees: int) -> Callable[[Sequence[Config]], list[float]]:
    """Guesses the logarithm of a config's time, from trials of which at least one has a time; failures count as ten times the slowest."""
    slowest = max(trial.microseconds for trial in trials if trial.succeeded)
    times = [math.log(trial.microseconds if trial.succeeded else 10 * slowest) for trial in trials]
    forest = _ensemble("a surrogate search").RandomForestRegressor(n_estimators=trees, random_state=_SEED)
    forest.fit([numbers_of(space, trial.config) for trial in trials], times)
    return lambda configs: [float(guess) for guess in forest.predict([numbers_of(space, config) for config in configs])]


@dataclass(frozen=True)
class Promise:
    """How likely configs are to be among the fastest, and how alike two are: the share of trees that do not tell them apart."""

    probabilities: list[float]
    leaves: Any

    def likeness(self, one: int, other: int) -> float:
        return float((self.leaves[one] == self.leaves[other]).mean())


def promise_of(space: SearchSpace, trials: Sequence[Trial], configs: Sequence[Config], quantile: float) -> Promise | None:
    """Judges configs by a forest that learned which trials are in the fastest `quantile`; each of these counts the more the faster it
    is. None when the trials cannot tell: all good or all bad."""
    ranked = sorted(trial.microseconds for trial in trials if trial.succeeded)
    if not ranked:
        return None
    limit = ranked[min(len(ranked) - 1, int(quantile * len(ranked)))]
    good = [trial.microseconds <= limit for trial in trials]
    if all(good):
        return None
    gains = [max(limit - trial.microseconds, 0.0) / limit + 0.1 if is_good else 1.0 for trial, is_good in zip(trials, good, strict=True)]
    total = sum(gain for gain, is_good in zip(gains, good, strict=True) if is_good)
    weights = [gain * sum(good) / total if is_good else 1.0 for gain, is_good in zip(gains, good, strict=True)]
    forest = _ensemble("an LFBO search").RandomForestClassifier(n_estimators=100, min_samples_leaf=2, random_state=_SEED)
    forest.fit([numbers_of(space, trial.config) for trial in trials], good, sample_weight=weights)
    rows = [numbers_of(space, config) for config in configs]
    return Promise([float(p[1]) for p in forest.predict_proba(rows)], forest.apply(rows))
