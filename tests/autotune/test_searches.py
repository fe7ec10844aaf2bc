"""Search strategies over a fake space: they find the best config, repeat themselves for free, stop in time and go on from a log."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from helion import exc
from helion.autotune.events import GenerationStarted, TuningProgress, event_to_json
from helion.autotune.run_search import Limits, SearchRun
from helion.autotune.search import Search
from helion.autotune.searches.differential_evolution import DifferentialEvolutionSearch
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.searches.lfbo import LFBOPatternSearch, LFBOTreeSearch
from helion.autotune.searches.pattern import PatternSearch
from helion.autotune.searches.random import RandomSearch
from helion.autotune.searches.repeated import RepeatedSearch
from helion.autotune.searches.surrogate_evolution import DESurrogateHybrid
from helion.autotune.trial_log import TrialLog, log_path
from helion.config.config import Config
from helion.trials.record import read_header
from helion.trials.trial import failure_histogram
from tests.autotune.fakes import SIZES, WARPS, FakeEvaluator, FakeSpace, fake_time, module_that, well_behaved

BEST = Config(block_sizes=[128, 64], num_warps=8)


def run_search(
    search: Search, *, evaluator=None, generate=well_behaved, log=None, seconds=30.0, cancelled=lambda: False, space=None, least_trials=1
):
    events = []
    run = SearchRun(
        search,
        space or FakeSpace(),
        generate,
        evaluator or FakeEvaluator(),
        log or TrialLog(None, {}),
        Limits(seconds, cancelled, least_trials),
        events.append,
    )
    run.run(random.Random(1))
    return run, events


def test_pattern_search_finds_the_best_config() -> None:
    run, _ = run_search(PatternSearch(initial_population=5, copies=2))
    assert run.best_first()[0].config == BEST
    assert run.reason == "exhausted"


@pytest.mark.parametrize(
    ("measured", "noise", "generations"),
    [
        (True, 20.0, 3),  # the default, the start, and neighbours that gain less than the noise
        (False, 20.0, 6),  # an estimate's error is no noise
        (True, 0.5, 6),
    ],
)
def test_pattern_search_ends_where_what_it_gains_is_within_the_noise(measured: bool, noise: float, generations: int) -> None:
    """Without a start at random it climbs from the default, and tries the neighbours of the best in vain."""
    search = PatternSearch(initial_population=0, copies=1, measured=measured)
    run, events = run_search(search, evaluator=FakeEvaluator(noise_of_trials=noise))
    assert sum(isinstance(event, GenerationStarted) for event in events) == generations
    assert (run.best_first()[0].config == BEST) is (generations > 3)
    assert run.reason == "exhausted"


def test_random_search_tries_the_default_first_and_no_code_twice() -> None:
    evaluator = FakeEvaluator()
    run, _ = run_search(RandomSearch(count=200), evaluator=evaluator)
    assert evaluator.judged[0] == FakeSpace().default()
    assert len(evaluator.judged) == len(set(evaluator.judged)) == len(run.trials)
    assert run.best_first()[0].config == BEST


@pytest.mark.parametrize(
    "search",
    [
        DifferentialEvolutionSearch(population_size=10, max_generations=20),
        DifferentialEvolutionSearch(population_size=6, max_generations=20, immediate_update=True),
        DESurrogateHybrid(population_size=8, max_generations=20, surrogate_threshold=16, refit_frequency=2),
        LFBOPatternSearch(initial_population=10, copies=2, num_neighbors=40, quantile=0.2, patience=2),
        LFBOTreeSearch(initial_population=10, copies=2, num_neighbors=40, quantile=0.2, patience=2),
        RepeatedSearch(PatternSearch(initial_population=5, copies=1), 2),
    ],
    ids=lambda search: search.name,
)
def test_searches_that_recombine_and_learn(search: Search) -> None:
    """They start at the default, never leave the space, end by themselves, find more than luck does, and do the same every time."""
    first, _ = run_search(search)
    again, _ = run_search(search)
    assert first.trials[0].config == FakeSpace().default()
    assert all(set(t.config["block_sizes"]) <= set(SIZES) and t.config["num_warps"] in WARPS for t in first.trials)
    assert first.reason == "exhausted"
    assert first.best_first()[0].microseconds <= 13.0
    assert [t.config for t in first.trials] == [t.config for t in again.trials]


def generations_of(events: list) -> int:
    return sum(isinstance(event, GenerationStarted) for event in events)


def default_is_best(config: Config):
    return module_that(f"time {5 if config == FakeSpace().default() else 90} # {config}")


@pytest.mark.parametrize(("patience", "generations"), [(1, 3), (2, 4), (None, 12)])
def test_evolution_ends_when_it_gains_nothing(patience: int | None, generations: int) -> None:
    """After the default and the first population."""
    search = DifferentialEvolutionSearch(population_size=6, max_generations=10, patience=patience)
    _, events = run_search(search, generate=default_is_best)
    assert generations_of(events) == generations


@pytest.mark.parametrize(("measured", "noise", "generations"), [(True, 0.0, 7), (True, 2.0, 4), (False, 2.0, 7)])
def test_a_gain_within_the_noise_is_none_to_evolution(measured: bool, noise: float, generations: int) -> None:
    """It comes to the best by steps of 1 µs."""
    search = DifferentialEvolutionSearch(population_size=12, max_generations=40, patience=2, measured=measured)
    _, events = run_search(search, evaluator=FakeEvaluator(noise_of_trials=noise))
    assert generations_of(events) == generations


@pytest.mark.parametrize(("measured", "noise", "ends"), [(True, 100.0, True), (True, 0.0, False), (False, 100.0, False)])
def test_evolution_ends_when_all_its_members_are_level(measured: bool, noise: float, ends: bool) -> None:
    """Without any patience asked for; then what it would move by is noise."""
    search = DifferentialEvolutionSearch(population_size=6, max_generations=3, measured=measured)
    _, events = run_search(search, evaluator=FakeEvaluator(noise_of_trials=noise))
    assert (generations_of(events) == 3) is ends


@pytest.mark.parametrize(("step", "generations"), [(1, 3), (249, 7)])
def test_a_path_far_behind_ends_unless_what_it_gains_may_take_it_to_the_best(step: int, generations: int) -> None:
    """Two paths: one at 10 µs whose neighbours are worse, one at 1000 µs that gains so much with each step of a block size."""

    def generate(config: Config):
        m, n = (SIZES.index(size) for size in config["block_sizes"])
        times = {8: 10 + m + n, 1: 1000 - step * m + 2000 * n}
        return module_that(f"time {times.get(config['num_warps'], 5000)} # {config}")

    seeds = (Config(block_sizes=[16, 16], num_warps=8), Config(block_sizes=[16, 16], num_warps=1))
    search = PatternSearch(initial_population=0, copies=2, seeds=seeds)
    run, events = run_search(search, generate=generate)
    assert generations_of(events) == generations
    assert run.reason == "exhausted"
    assert run.best_first()[0].microseconds == (10 if step == 1 else 4)


def test_a_learned_search_beats_chance_to_the_best() -> None:
    """With the same number of trials; the space has 100 configs."""
    learned, _ = run_search(LFBOPatternSearch(initial_population=8, copies=1, num_neighbors=60, quantile=0.3, patience=3))
    assert learned.best_first()[0].config == BEST
    assert len(learned.trials) < 60


def test_a_finished_search_tries_what_is_plainer_than_its_best() -> None:
    def only_m_matters(config: Config):
        return module_that(f"time {10 + abs(config['block_sizes'][0] - 128)} {config}")

    search = LFBOTreeSearch(initial_population=20, copies=1, max_generations=3, num_neighbors=30, finishing_rounds=3)
    run, _ = run_search(search, generate=only_m_matters)
    best = run.best_first()[0].microseconds
    plainest = Config(block_sizes=[128, 32], num_warps=4)
    assert best == 10
    assert next(trial for trial in run.trials if trial.config == plainest).microseconds == best


def test_a_search_may_start_at_what_is_known_alone() -> None:
    seeds = (Config(block_sizes=[128, 32], num_warps=8),)
    options = {"initial_population_strategy": "from_best_available", "max_generations": 0}
    run, _ = run_search(LFBOTreeSearch(seeds=seeds, best_available_pad_random=False, **options))
    assert [trial.config for trial in run.trials] == [FakeSpace().default(), *seeds]
    padded, _ = run_search(LFBOTreeSearch(seeds=seeds, initial_population=10, **options))
    assert len(padded.trials) > 5
    with pytest.raises(exc.InvalidSetting, match="'from_nowhere'; one of None, 'from_random'"):
        LFBOTreeSearch(initial_population_strategy="from_nowhere")


def test_finite_search_tries_exactly_what_it_is_given() -> None:
    configs = (BEST, FakeSpace().default())
    run, _ = run_search(FiniteSearch(configs))
    assert [trial.config for trial in run.trials] == list(configs)


def test_configs_with_the_same_code_are_judged_once_and_all_answered() -> None:
    evaluator = FakeEvaluator()
    configs = tuple(Config(block_sizes=[32, 32], num_warps=warps) for warps in (1, 2, 4, 8))
    run, _ = run_search(FiniteSearch(configs), evaluator=evaluator, generate=lambda config: module_that("time 5"))
    assert len(evaluator.judged) == len(run.trials) == 1


def test_a_prior_leads_the_start_but_not_all_of_it() -> None:
    evaluator = FakeEvaluator()
    run_search(PatternSearch(initial_population=6, copies=1, max_generations=0, prior=fake_time), evaluator=evaluator)
    start = evaluator.judged[1:]
    assert fake_time(start[0]) <= 14
    assert max(map(fake_time, start)) > 20


def test_a_wrong_prior_does_not_keep_the_best_from_being_found() -> None:
    search = PatternSearch(initial_population=6, copies=3, prior=lambda config: -fake_time(config))
    run, _ = run_search(search)
    assert run.best_first()[0].config == BEST


def far_guess(config: Config) -> float:
    """Right about what is slow, and by far: 64 of the 100 configs are hopeless."""
    return fake_time(config) if min(config["block_sizes"]) > 32 else 1000 * fake_time(config)


SCREENED = [
    RandomSearch(count=60),
    DifferentialEvolutionSearch(population_size=12, max_generations=5),
    DESurrogateHybrid(population_size=12, max_generations=5, surrogate_threshold=20),
]


@pytest.mark.parametrize("search", SCREENED, ids=lambda search: search.name)
def test_what_the_guess_puts_far_behind_is_seldom_compiled(search: Search) -> None:
    """But what was given and the default are, first of all; the default is the first that guesses are held against."""
    given = (Config(block_sizes=[16, 16], num_warps=1), Config(block_sizes=[16, 32], num_warps=1))
    space = FakeSpace(usual=Config(block_sizes=[64, 64], num_warps=1))
    shares = []
    for prior in (None, far_guess):
        evaluator = FakeEvaluator()
        run_search(replace(search, prior=prior, seeds=given), evaluator=evaluator, space=space)
        assert evaluator.judged[:3] == [space.default(), *given]
        drawn = evaluator.judged[3:]
        shares.append(sum(far_guess(config) > 1000 for config in drawn) / len(drawn))
    assert shares[0] > 0.4
    assert shares[1] < 0.25


@pytest.mark.parametrize("search", SCREENED, ids=lambda search: search.name)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda config: 1.0 if config == FakeSpace().default() else 1e6,
        lambda config: 1e9 / fake_time(config) ** 6,
        lambda config: 1e6 if config == BEST else 1.0,
    ],
    ids=["nothing but the default", "the other way round", "all but the best"],
)
def test_a_wrong_guess_does_not_leave_a_search_with_nothing(search: Search, wrong) -> None:
    plain, _ = run_search(search)
    run, _ = run_search(replace(search, prior=wrong))
    assert len(run.trials) > len(plain.trials) / 3
    assert run.best_first()[0].microseconds <= 13.0


def test_a_config_without_code_is_a_failed_trial() -> None:
    def generate(config: Config):
        if config["num_warps"] == 8:
            raise AssertionError("no code for 8 warps")
        return well_behaved(config)

    run, _ = run_search(RandomSearch(count=100), generate=generate)
    failures = failure_histogram(run.trials)
    assert [kind for kind, _ in failures] == ["codegen"]
    assert run.best_first()[0].config["num_warps"] < 8


def test_cancelling_keeps_what_was_found() -> None:
    stop = []
    evaluator = FakeEvaluator(after=lambda count: stop.append(1) if count == 7 else None)
    run, _ = run_search(RandomSearch(count=200), evaluator=evaluator, cancelled=lambda: bool(stop))
    assert run.reason == "cancelled"
    assert len(run.trials) == 7


def test_the_budget_ends_the_search() -> None:
    run, _ = run_search(RandomSearch(count=10_000), seconds=0.0)
    assert run.reason == "budget"
    assert [trial.config for trial in run.trials] == [FakeSpace().default()]


def test_so_many_are_judged_whatever_the_budget() -> None:
    run, _ = run_search(RandomSearch(count=10_000), seconds=0.0, least_trials=8)
    assert (run.reason, len(run.trials)) == ("budget", 8)


def test_progress_tells_the_best_so_far() -> None:
    run, events = run_search(RandomSearch(count=100))
    assert {type(event).__name__ for event in events} == {"GenerationStarted", "TrialEnded", "TuningProgress"}
    assert [event_to_json(event)["event"] for event in events[:3]] == ["generation", "trial", "progress"]
    events = [event for event in events if isinstance(event, TuningProgress)]
    bests = [event.best_us for event in events]
    assert bests == sorted(bests, reverse=True)
    assert events[-1].best_us == run.best_first()[0].microseconds
    assert events[-1].default_us == fake_time(FakeSpace().default())


def test_a_log_is_gone_on_from_without_judging_again(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    with TrialLog(path, {"kernel": "k"}) as log:
        first, _ = run_search(PatternSearch(initial_population=5, copies=2), log=log)
    evaluator = FakeEvaluator()
    with TrialLog(path, {"kernel": "k"}) as log:
        again, _ = run_search(PatternSearch(initial_population=5, copies=2), log=log, evaluator=evaluator)
    assert evaluator.judged == []
    assert again.best_first()[0] == first.best_first()[0]


def test_a_log_cut_short_by_a_crash_is_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    with TrialLog(path, {"kernel": "k"}) as log:
        run_search(RandomSearch(count=20), log=log)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    kept = text[: len(text) // 2].count("\n") - 1
    evaluator = FakeEvaluator()
    with TrialLog(path, {"kernel": "k"}) as log:
        assert len(log.resumed) == kept
        run, _ = run_search(RandomSearch(count=20), log=log, evaluator=evaluator)
    assert len(evaluator.judged) == len(run.trials) - kept > 0


def test_a_log_says_where_its_kernel_is_written_and_is_gone_on_from_elsewhere(tmp_path: Path) -> None:
    here, there = {"kernel": "k", "file": "/here/k.py"}, {"kernel": "k", "file": "/there/k.py"}
    assert log_path(tmp_path, "k", here) == log_path(tmp_path, "k", there) != log_path(tmp_path, "k", {"kernel": "k", "device": "d"})
    path = log_path(tmp_path, "k", here)
    with TrialLog(path, here) as log:
        run_search(RandomSearch(count=3), log=log)
    header = read_header(path)
    assert header is not None
    assert header["file"] == "/here/k.py"
    with TrialLog(path, there) as log:
        assert len(log.resumed) == 4


def test_two_at_once_keep_a_log_each(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    with TrialLog(path, {"kernel": "k"}) as log:
        with TrialLog(path, {"kernel": "k"}) as other:
            assert other.path != path
            run_search(RandomSearch(count=3), log=other)
        run_search(RandomSearch(count=20), log=log)
    with TrialLog(path, {"kernel": "k"}) as log:
        assert log.path == path
        assert len(log.resumed) == len(path.read_text(encoding="utf-8").splitlines()) - 1 > 3


def test_what_a_changed_setting_may_change_is_tried_again(tmp_path: Path) -> None:
    def generate(config: Config):
        kinds = {1: "wrong-result", 2: "timeout", 4: "out-of-resources", 8: "time 5"}
        return module_that(f"{kinds[config['num_warps']]} {config}")

    path = tmp_path / "trials.jsonl"
    configs = tuple(Config(block_sizes=[16, 16], num_warps=warps) for warps in WARPS)
    for judged in (WARPS, (1, 2)):
        evaluator = FakeEvaluator()
        with TrialLog(path, {"kernel": "k"}) as log:
            run, _ = run_search(FiniteSearch(configs), log=log, evaluator=evaluator, generate=generate)
        assert [config["num_warps"] for config in evaluator.judged] == list(judged)
        assert len(run.trials) == 4


@pytest.mark.parametrize("other", [{"kernel": "k2"}, {"kernel": "k", "space": "2"}])
def test_a_log_of_something_else_is_started_anew(tmp_path: Path, other: dict) -> None:
    path = tmp_path / "trials.jsonl"
    with TrialLog(path, {"kernel": "k"}) as log:
        run_search(RandomSearch(count=5), log=log)
    with TrialLog(path, other) as log:
        assert log.resumed == ()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
