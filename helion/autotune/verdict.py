"""A tuning's result in, whether a lock may be written from it and why in one sentence out."""

from __future__ import annotations

from dataclasses import dataclass

from helion.autotune.result import TuneResult

LEAST_INPUT_SETS = 2
LEAST_REPEATS = 3


@dataclass(frozen=True)
class Verdict:
    """`write` is false when what calls run now should stay; `words` say why, for people."""

    write: bool
    words: str


def verdict_of(result: TuneResult, *, keep_partial: bool, is_broken: bool = False) -> Verdict:
    """A lock is written when the winner beat the default and what calls ran before by more than the noise, side by side in a fresh process,
    and gave the reference's results. What a stopped search found is neither confirmed nor checked: it is kept only if `keep_partial`. A
    lock that does not fit the kernel any more, which `is_broken` says of the one that calls find, cannot stay."""
    if not result.significant and is_broken and not result.partial and (result.estimated or _is_checked(result)):
        return Verdict(True, "the default config: nothing is faster, and the lock that calls find does not fit the kernel")
    if not result.significant:
        return Verdict(False, f"no significant change: {_standing(result)} stays{_untold(result)}")
    if result.partial:
        if not keep_partial:
            return Verdict(False, "the search was stopped, and --on-interrupt is discard")
        before = result.current_microseconds or result.default_microseconds
        if before is not None and result.microseconds >= before * (1 - _resolution(result)):
            return Verdict(False, f"no significant change before the search was stopped{_untold(result)}")
        return Verdict(True, f"{_gain(result)}; partial: the search was stopped before its winner was confirmed")
    if result.estimated:
        return Verdict(True, f"{_gain(result)}, estimated")
    if not _is_checked(result):
        return Verdict(False, f"the winner's results were not shown to be right: {result.correctness.message}")
    return Verdict(True, _gain(result))


def _is_checked(result: TuneResult) -> bool:
    """Checked enough, or not at all because the user said so with `autotune_accuracy_check=False`."""
    correctness = result.correctness
    if correctness.passed is None:
        return correctness.message.endswith("autotune_accuracy_check is off")
    return correctness.passed and correctness.input_sets >= LEAST_INPUT_SETS and correctness.repeats >= LEAST_REPEATS


def _standing(result: TuneResult) -> str:
    return "the default config" if result.current is None else "the config in use"


def _resolution(result: TuneResult) -> float:
    """The noise as a share of the time that it is of: the slower config's is the greater by as much."""
    return result.noise / result.microseconds


def _untold(result: TuneResult) -> str:
    """What a search by the model leaves open."""
    if not result.estimated:
        return ""
    return f"; the model cannot tell gains under {_resolution(result) * 100:.0f} % from its own error: measure on a GPU"


def _gain(result: TuneResult) -> str:
    before = result.default_microseconds if result.current is None else result.current_microseconds
    if before is None:
        return f"{result.microseconds:.1f} µs, where {_standing(result)} has no time"
    times = f"{before / result.microseconds:.2f} times as fast"
    return f"{result.microseconds:.1f} µs instead of {before:.1f} µs ({times}) for {_standing(result)}"
