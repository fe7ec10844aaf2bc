"""A whole tuning on fakes: confirming, significance, correctness, cancelling and the failures' histogram."""

from __future__ import annotations

import json
import time

import pytest

from helion.autotune.candidate import Candidate
from helion.autotune.hopeless import Hopeless
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.searches.random import RandomSearch
from helion.autotune.trial_log import TrialLog
from helion.autotune.tune import Tuning
from helion.config.config import Config
from helion.source import Span
from helion.trials.trial import Failure, Outcome, Trial
from tests.autotune.fakes import FakeEvaluator, FakeSpace, module_that, process_evaluator, well_behaved

BEST = Config(block_sizes=[128, 64], num_warps=8)


def tune(
    evaluator, *, generate=well_behaved, search=None, seconds=60.0, cancelled=lambda: False, log=None, confirm_within=None, current=None
):
    tuning = Tuning(
        kernel="k",
        search=search or RandomSearch(count=300),
        space=FakeSpace(),
        generate=generate,
        evaluator=evaluator,
        log=log or TrialLog(None, {}),
        budget_seconds=seconds,
        confirm_within=confirm_within,
        current=current,
        cancelled=cancelled,
    )
    return tuning.run()


def check_result(result: TuneResult | TuneFailure) -> TuneResult:
    assert isinstance(result, TuneResult), result
    return result


def test_the_winner_is_kept_with_its_evidence() -> None:
    evaluator = FakeEvaluator()
    result = check_result(tune(evaluator))
    assert result.config == BEST
    assert result.significant
    assert result.correctness.passed
    assert result.default_microseconds > result.microseconds
    assert evaluator.closed
    json.dumps(result.to_json())


def test_a_gain_within_the_noise_keeps_the_default() -> None:
    result = check_result(tune(FakeEvaluator(noise=50.0)))
    assert result.config == FakeSpace().default()
    assert not result.significant


def test_of_equals_the_one_nearest_to_the_default_wins() -> None:
    near = Config(block_sizes=[64, 32], num_warps=4)
    far = Config(block_sizes=[256, 256], num_warps=8)
    times = {FakeSpace().default(): 20.0, far: 9.9, near: 10.0}
    search = FiniteSearch(tuple(times))
    generate = lambda config: module_that(f"time {times[config]} {config['block_sizes']}")  # noqa: E731
    assert check_result(tune(FakeEvaluator(noise=0.5), search=search, generate=generate)).config == near
    assert check_result(tune(FakeEvaluator(noise=0.01), search=search, generate=generate)).config == far


def test_a_winner_with_wrong_results_is_passed_over() -> None:
    result = check_result(tune(FakeEvaluator(wrong=(BEST,))))
    assert result.config != BEST
    assert result.correctness.passed


def test_when_all_are_wrong_the_kernel_is_suspect() -> None:
    configs = (BEST, FakeSpace().default())
    result = tune(FakeEvaluator(wrong=configs), search=FiniteSearch(configs))
    assert isinstance(result, TuneFailure)
    assert result.why == "wrong-results"
    assert "suspect the kernel" in result.message


def test_when_nothing_works_the_histogram_says_how() -> None:
    def generate(config: Config):
        kind = "out-of-resources" if config["num_warps"] > 2 else "triton"
        return module_that(f"{kind} because {config['block_sizes']} {config['num_warps']}")

    result = tune(FakeEvaluator(), generate=generate)
    assert isinstance(result, TuneFailure)
    assert result.why == "no-config"
    assert dict(result.histogram()).keys() == {"out-of-resources", "triton"}
    assert sum(count for _, count in result.histogram()) == len(result.trials)
    assert all(cause.first.startswith("because") for cause in result.causes())


def test_when_all_that_run_are_wrong_the_kernel_is_suspect_whatever_else_failed() -> None:
    search, generate = behaviours("compile-refuse a", "wrong 1", "wrong 2 b")
    result = tune(process_evaluator(), search=search, generate=generate)
    assert isinstance(result, TuneFailure)
    assert result.why == "wrong-results"
    diagnostic = result.diagnostic("f", Span(0, 1))
    assert "suspect the kernel" in diagnostic.message()
    notes = "\n".join(note.message for note in diagnostic.notes())
    assert "2 wrong-result, the first: result" in notes
    assert "1 out-of-resources, the first:" in notes
    assert "autotune_baseline_rtol" in notes


def test_a_long_failure_keeps_its_last_lines() -> None:
    trial = Trial(0, BEST, "", Outcome(failure=Failure("triton", "\n".join(f"line {i}" for i in range(40)))))
    (note,) = TuneFailure("no-config", "", (trial,)).diagnostic("f", Span(0, 1)).notes()
    assert "line 39" in note.message
    assert "line 3\n" not in note.message


def test_the_shortest_budget_still_judges_the_first_config() -> None:
    result = check_result(tune(FakeEvaluator(), seconds=0.0))
    assert result.config == FakeSpace().default()
    assert result.reason == "budget"


@pytest.mark.parametrize(
    ("why", "code", "words"),
    [
        ("no-config", "no-config-found", "no config of `f` works: none was tried"),
        ("wrong-results", "tuned-results-differ", "no config of `f` gives the reference's results: because"),
        ("unavailable", "tuning-unavailable", "`f` cannot be tuned here: because"),
    ],
)
def test_a_failure_is_a_diagnostic(why: str, code: str, words: str) -> None:
    diagnostic = TuneFailure(why, "because").diagnostic("f", Span(0, 1))
    assert diagnostic.code == code
    assert diagnostic.message().startswith(words)


@pytest.mark.parametrize(("within", "confirmed"), [(None, 4), (0.9, 2), (1.2, 4), (10.0, 9)])
def test_how_many_are_confirmed(within: float | None, confirmed: int) -> None:
    """The default, which is slow here, is confirmed in any case."""
    times = {FakeSpace().default(): 50.0, **{Config(block_sizes=[16, 16], num_warps=w): 10.0 + w for w in range(1, 20)}}
    evaluator = FakeEvaluator()
    counts: list[int] = []
    confirm = evaluator.confirm
    evaluator.confirm = lambda finalists: (counts.append(len(finalists)), confirm(finalists))[1]  # type: ignore[method-assign]
    search = FiniteSearch(tuple(times))
    tune(evaluator, search=search, generate=lambda config: module_that(f"time {times[config]} {config}"), confirm_within=within)
    assert counts == [confirmed]


def test_cancelling_keeps_the_best_so_far_and_says_so() -> None:
    stop = []
    evaluator = FakeEvaluator(after=lambda count: stop.append(1) if count == 20 else None)
    result = check_result(tune(evaluator, cancelled=lambda: bool(stop)))
    assert result.partial
    assert result.correctness.passed is None
    assert evaluator.closed


def behaviours(*texts: str):
    """Configs in order, each with one behaviour; and the code generator that gives them."""
    configs = tuple(Config(block_sizes=[16, 16], num_warps=4, num_stages=index + 1) for index in range(len(texts)))
    modules = {config: module_that(text) for config, text in zip(configs, texts, strict=True)}
    return FiniteSearch(configs), modules.__getitem__


def test_real_processes_measure_confirm_and_check() -> None:
    search, generate = behaviours("time 9", "time 4 a", "time 6 b", "time 5 c")
    result = check_result(tune(process_evaluator(), search=search, generate=generate))
    assert result.microseconds == 4
    assert result.device == "Fake GPU"
    assert result.correctness.passed
    assert (result.correctness.input_sets, result.correctness.repeats) == (2, 3)
    assert result.resources["registers"] == 32


def test_candidates_that_hang_abort_leak_poison_or_lie_cost_only_themselves(tmp_path) -> None:
    leaked = tmp_path / "pid"
    bad = {
        "compile-hang x": "timeout",
        f"compile-leak {leaked}": "timeout",
        "compile-abort x": "crash",
        "compile-refuse x": "out-of-resources",
        "run-hang x": "run-timeout",
        "run-abort x": "run-crash",
        "run-poison x": "device-error",
        "run-refuse x": "out-of-resources",
        "run-out-of-memory x": "out-of-memory",
        "wrong 1": "wrong-result",
        "unheard-of x": "run",
    }
    search, generate = behaviours("time 9", *bad, "time 5")
    evaluator = process_evaluator(compile_seconds=4.0, run_seconds=6.0)
    result = check_result(tune(evaluator, search=search, generate=generate, seconds=600.0))
    assert result.microseconds == 5
    kinds = {generate(t.config).text: t.outcome.failure.kind for t in result.trials if t.outcome.failure is not None}
    assert kinds == bad
    leaked_pid = leaked.read_text(encoding="utf-8")
    assert not is_running(leaked_pid)


def test_a_compiler_ahead_is_believed_once_it_has_been_right() -> None:
    """Before, what it refuses is tried on the device: it may be another compiler."""
    search, generate = behaviours("time 7 refused-ahead", "time 9", "time 5 refused-ahead")
    evaluator = process_evaluator()
    outcomes = [tune_one(evaluator, config, generate) for config in search.configs]
    evaluator.close()
    assert [outcome.microseconds for outcome in outcomes] == [7.0, 9.0, None]
    assert outcomes[2].failure is not None and outcomes[2].failure.kind == "triton"


def tune_one(evaluator, config: Config, generate) -> Outcome:
    """The evaluator's judgement of one config alone."""
    (judged,) = [j for j in evaluator.evaluate(iter([Candidate(config, generate(config), str(config))])) if j is not None]
    return judged[1]


def test_what_is_compiled_is_not_run_where_it_is_hopeless_beside_the_fastest_that_ran() -> None:
    """By its estimate; those that were asked for run in any case, and so does the first, which has nothing beside it."""
    search, generate = behaviours("time 9", "run-abort x", "run-abort asked", "time 7")
    estimates = dict(zip(search.configs, (10.0, 81.0, 81.0, 80.0), strict=True))
    hopeless = Hopeless(lambda candidate, artifact: estimates[candidate.config], frozenset({search.configs[2]}))
    evaluator = process_evaluator(hopeless=hopeless)
    outcomes = [tune_one(evaluator, config, generate) for config in search.configs]
    evaluator.close()
    assert [outcome.microseconds for outcome in outcomes] == [9.0, None, None, 7.0]
    kinds = [None if outcome.failure is None else outcome.failure.kind for outcome in outcomes]
    assert kinds == [None, "hopeless", "run-crash", None]
    assert outcomes[1].resources["registers"] == 32


def test_budget_and_cancel_do_not_wait_for_a_candidate() -> None:
    search, generate = behaviours("time 9", "compile-hang a", "compile-hang b")
    started = time.monotonic()
    result = check_result(tune(process_evaluator(compile_seconds=60.0), search=search, generate=generate, seconds=8.0))
    assert time.monotonic() - started < 50
    assert result.reason == "budget"
    assert result.microseconds == 9


def is_running(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_winner_that_is_wrong_only_on_other_inputs_is_caught_by_the_check() -> None:
    search, generate = behaviours("time 9", "wrong-on-the-second-input 1", "time 5")
    result = check_result(tune(process_evaluator(), search=search, generate=generate))
    assert result.microseconds == 5


@pytest.mark.parametrize(("subject", "words"), [("broken", "users_module"), ("no-reference", "the reference failed")])
def test_what_cannot_be_set_up_is_a_failure_with_the_reason(subject: str, words: str) -> None:
    search, generate = behaviours("time 9")
    result = tune(process_evaluator(subject=subject), search=search, generate=generate)
    assert isinstance(result, TuneFailure)
    assert result.why == "unavailable"
    assert words in result.message


@pytest.mark.parametrize(
    ("subject", "best", "passed"),
    [("good", 9.0, True), ("unchecked", 5.0, None), ("loose", 5.0, True), ("custom", 9.0, True)],
)
def test_who_judges_results_decides_which_win(subject: str, best: float, passed: bool | None) -> None:
    search, generate = behaviours("time 9", "wrong 5")
    result = check_result(tune(process_evaluator(subject=subject), search=search, generate=generate))
    assert result.microseconds == best
    assert result.correctness.passed is passed
