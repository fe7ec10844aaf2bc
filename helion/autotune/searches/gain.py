"""Two trials in, whether the later one is faster by more than their noise out."""

from __future__ import annotations

from helion.trials.trial import Trial


def is_gain(before: Trial, after: Trial, least: float, *, measured: bool) -> bool:
    """The least of many noisy times is always a little less, so that of `measured` ones a difference within the noise tells nothing.
    An estimate has an error and no noise, and its small gains add up. `least` is relative to the time before."""
    if not after.succeeded or not before.succeeded:
        return after.succeeded
    noise = max(before.outcome.noise, after.outcome.noise) if measured else 0.0
    return before.microseconds - after.microseconds > max(noise, least * before.microseconds)
