"""What tuning at a call promises about settings, environment and caches; each function runs in a process where Triton interprets.

Times come from a clock of the user's own (`autotune_benchmark_fn`), without which the interpreter has nothing to tune.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

import helion
from helion import exc
from helion.autotuner import (
    CachedFiniteSearch,
    DESurrogateHybrid,
    DifferentialEvolutionSearch,
    FiniteSearch,
    LFBOPatternSearch,
    LFBOTreeSearch,
    LocalAutotuneCache,
    PatternSearch,
    RandomSearch,
    RemoteCacheBackend,
    search_algorithms,
)
from helion.runtime import tune_over_sets
from helion.runtime.bound_kernel import BoundKernel
from tests.runtime import kernels

X = torch.randn(64)
SMALL = {"initial_population": 4, "copies": 1, "max_generations": 1}


def always_one(fns: Sequence[Callable[[], Any]], *, repeat: int, desc: str | None = None) -> list[float]:
    """A clock that finds every call equally fast, so that the default stays."""
    for function in fns:
        function()
    return [1.0] * len(fns)


def faster_every_time() -> Callable[..., list[float]]:
    """A clock by which every call beats all before it."""
    times = iter(range(10_000, 0, -1))

    def benchmark(fns: Sequence[Callable[[], Any]], *, repeat: int, desc: str | None = None) -> list[float]:
        return [float(next(times)) for _ in fns]

    return benchmark


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[Path]:
    """With these variables and an empty cache; both as before afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        changed = {"HELION_CACHE_DIR": folder, **variables}
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def kernel_of(**settings: Any) -> helion.Kernel:
    return helion.kernel(kernels.scaled, **{"autotune_benchmark_fn": always_one, "autotune_log_level": 0, **settings})


def bound_of(**settings: Any) -> BoundKernel:
    bound = kernel_of(**settings).bind((X,))
    assert isinstance(bound, BoundKernel)
    return bound


def tried(options: dict[str, Any] | None = None, **settings: Any) -> list[dict[str, Any]]:
    """The configs of every trial of one tuning, in order."""
    with environment() as folder:
        bound_of(**settings).autotune((X,), **(SMALL if options is None else options))
        return [record["config"] for record in logged(folder)]


def logged(folder: Path) -> list[dict[str, Any]]:
    """All trials, tuning after tuning: the names of their logs are hashes, in no order."""
    logs = sorted(folder.glob("trials/*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    lines = [line for path in logs for line in path.read_text(encoding="utf-8").splitlines()]
    return [record for line in lines if line and (record := json.loads(line))["kind"] == "trial"]


def stderr_of(function: Callable[[], object]) -> str:
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        function()
    return text.getvalue()


def check_overrides_are_in_every_candidate() -> None:
    configs = tried(autotune_config_overrides={"num_warps": 8})
    assert len(configs) > 2
    assert {config["num_warps"] for config in configs} == {8}
    with pytest.raises(exc.InvalidConfig, match="num_warps"):
        tried(autotune_config_overrides={"num_warps": 3})


def check_persistent_programs_can_be_forced() -> None:
    configs = tried(autotune_force_persistent=True)
    assert len(configs) > 2
    assert {config["pid_type"] for config in configs} <= {"persistent_blocked", "persistent_interleaved"}


def check_a_filter_drops_and_replaces_configs() -> None:
    def at_most_16(config: helion.Config) -> helion.Config | None:
        return None if config["block_sizes"][0] > 16 else helion.Config(**{**config, "num_stages": 2})

    configs = tried(autotune_config_filter=at_most_16)
    assert len(configs) > 2
    assert all(config["block_sizes"][0] <= 16 and config["num_stages"] == 2 for config in configs)
    with pytest.raises(exc.AutotuneError, match="autotune_config_filter dropped"):
        tried(autotune_config_filter=lambda config: None)


def check_seeds_come_right_after_the_default() -> None:
    seed = helion.Config(block_sizes=[4], num_warps=2)
    configs = tried(autotune_seed_configs=[seed])
    assert (configs[1]["block_sizes"], configs[1]["num_warps"]) == ([4], 2)
    with pytest.raises(exc.InvalidConfig, match="block_sizes"):
        tried(autotune_seed_configs=[{"block_sizes": [4, 4]}])


def check_locks_of_other_shapes_and_devices_are_seeds() -> None:
    locks = {"NVIDIA H200": {"f32[9]": helion.Config(block_sizes=[2])}, "sm_80": helion.Config(block_sizes=[8], num_warps=1), "gfx950": {}}
    configs = tried(configs=locks)
    assert [config["block_sizes"] for config in configs[1:3]] == [[2], [8]]


def check_generations_are_capped() -> None:
    with environment() as folder:
        bound_of(autotune_max_generations=0, autotune_effort="quick", autotune_benchmark_fn=faster_every_time()).autotune((X,))
        assert {record["generation"] for record in logged(folder)} == {0, 1}


def check_a_seed_makes_a_search_repeatable() -> None:
    options = {**SMALL, "initial_population": 8}
    assert tried(options, autotune_random_seed=7) == tried(options, autotune_random_seed=7)
    text = stderr_of(lambda: tried(options, autotune_random_seed=7, autotune_log_level=20))
    assert "] Autotune random seed: 7\n" in text


def check_the_default_is_tried_whatever_the_budget() -> None:
    default = bound_of().config_spec.default()
    assert tried({}, autotune_budget_seconds=1e-9) == [dict(default)]


def check_effort_none_tries_the_default_and_the_seeds() -> None:
    configs = tried({}, autotune_effort="none", autotune_seed_configs=[helion.Config(block_sizes=[2])])
    assert [config["block_sizes"] for config in configs] == [[64], [2]]
    with pytest.raises(ValueError, match="must be one of none, quick, full, not 'medium'"):
        tried({}, autotune_effort="medium")


def wrong(x: torch.Tensor) -> torch.Tensor:
    return x * kernels.SCALE + 1


def check_results_are_compared_with_the_baseline() -> None:
    with pytest.raises(exc.NoConfigFound, match="differs from the reference") as raised:
        tried(autotune_baseline_fn=wrong)
    assert "wrong-result" in str(raised.value)
    assert tried({"effort": "none"}, autotune_baseline_fn=wrong, autotune_accuracy_check=False)
    assert tried({"effort": "none"}, autotune_baseline_fn=wrong, autotune_baseline_atol=2.0)
    assert tried({"effort": "none"}, autotune_baseline_fn=wrong, autotune_baseline_rtol=5.0)


def check_a_baseline_that_fails_is_said() -> None:
    def failing(x: torch.Tensor) -> torch.Tensor:
        raise ValueError("no such luck")

    with pytest.raises(exc.AutotuneError, match="autotune_baseline_fn failed: ValueError: no such luck"):
        tried(autotune_baseline_fn=failing)


def check_a_reference_is_not_run_to_see_whether_it_works() -> None:
    """It may take seconds: it runs for the search, for the finalists, which begin anew, and for fresh numbers."""
    runs: list[float] = []

    def counted(x: torch.Tensor) -> torch.Tensor:
        runs.append(x[0].item())
        return x * kernels.SCALE

    tried({"effort": "none"}, autotune_baseline_fn=counted)
    assert runs == [X[0].item(), X[0].item(), runs[-1]]
    assert runs[-1] != X[0].item()


def check_results_are_judged_by_the_users_own_check() -> None:
    def one_more(actual: torch.Tensor, expected: torch.Tensor) -> None:
        torch.testing.assert_close(actual + 1, expected)

    assert tried({"effort": "none"}, autotune_baseline_fn=wrong, autotune_baseline_accuracy_check_fn=one_more)
    with pytest.raises(exc.NoConfigFound, match="autotune_baseline_accuracy_check_fn says"):
        tried({"effort": "none"}, autotune_baseline_accuracy_check_fn=one_more)


def failing_after_the_first() -> Callable[..., list[float]]:
    calls = iter(range(10_000))

    def benchmark(fns: Sequence[Callable[[], Any]], *, repeat: int, desc: str | None = None) -> list[float]:
        if next(calls) in (1, 2):
            raise RuntimeError("this candidate fails")
        return [1.0] * len(fns)

    return benchmark


def check_failed_candidates_are_named_unless_errors_are_ignored() -> None:
    def run(**settings: Any) -> str:
        return stderr_of(lambda: tried(autotune_benchmark_fn=failing_after_the_first(), autotune_log_level=30, **settings))

    text = run()
    assert text.count("Skipped Config(block_sizes=") == 2
    assert "run: RuntimeError: this candidate fails" in text
    assert run(autotune_ignore_errors=True) == ""


def check_the_log_is_as_loud_as_asked() -> None:
    assert stderr_of(lambda: tried(autotune_log_level=0)) == ""
    usual = stderr_of(lambda: tried(autotune_log_level=20))
    assert "Starting pattern search" in usual
    assert "    @helion.kernel(config=helion.Config(block_sizes=[64])" in usual
    only_the_end = stderr_of(lambda: tried(autotune_log_level=25))
    assert "Autotuning complete in" in only_the_end
    assert "Starting" not in only_the_end


def check_a_table_and_a_log_are_written() -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "sub" / "tuning"
        configs = tried(autotune_log=str(base))
        with Path(f"{base}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        log = Path(f"{base}.log").read_text(encoding="utf-8")
    assert list(rows[0]) == ["timestamp_s", "config_index", "generation", "status", "perf_ms", "compile_time_s", "config"]
    assert [row["config"] for row in rows] == [str(helion.Config(**config)) for config in configs]
    assert (rows[0]["status"], rows[0]["perf_ms"], rows[0]["generation"]) == ("ok", "1.000000", "0")
    assert "Autotune random seed" in log
    assert "finished: exhausted" in log


def check_the_environment_picks_the_search() -> None:
    with environment(HELION_AUTOTUNER="RandomSearch"):
        text = stderr_of(lambda: bound_of(autotune_log_level=20).autotune((X,), count=3))
        assert "Starting random search" in text
    with environment(HELION_AUTOTUNER="NoSearch"), pytest.raises(ValueError, match="HELION_AUTOTUNER: 'NoSearch' is not a search"):
        bound_of().autotune((X,))


def check_what_was_tuned_is_taken_from_the_cache() -> None:
    with environment() as folder:
        kernel = kernel_of(autotune_benchmark_fn=faster_every_time(), autotune_effort="quick", autotune_max_generations=1)
        assert torch.equal(kernel(X), X * kernels.SCALE)
        (entry,) = folder.glob("*.best_config")
        record = json.loads(entry.read_text(encoding="utf-8"))
        assert record["key"]["type"] == "LocalAutotuneCache"
        assert entry.name == f"{entry.stem}.best_config"
        again = kernel_of()
        text = stderr_of(lambda: again(X))
        config = helion.Config.from_json(record["config"])
        assert text == f"Using cached config:\n\t{again.bind((X,)).format_kernel_decorator(config)}\n"  # type: ignore[union-attr]
        assert "Using cached config" not in stderr_of(lambda: kernel_of()(X[:32].clone()))
        assert len(list(folder.glob("*.best_config"))) == 2


def check_the_cache_can_be_skipped() -> None:
    with environment(HELION_SKIP_CACHE="1") as folder:
        bound_of().autotune((X,), force=False, **SMALL)
        assert list(folder.rglob("*.best_config")) == []
        assert list(folder.rglob("*.jsonl")) == []


def check_forced_tuning_reads_no_cache_but_writes_it() -> None:
    with environment() as folder:
        kernel_of(autotune_effort="none", force_autotune=True)(X)
        assert "Using cached config" not in stderr_of(lambda: kernel_of().autotune((X,), **SMALL))
        assert "Using cached config" in stderr_of(lambda: kernel_of().autotune((X,), force=False))
        assert len(list(folder.glob("*.best_config"))) == 1


def check_a_cache_hit_can_be_demanded() -> None:
    with environment(HELION_ASSERT_CACHE_HIT="1"):
        with pytest.raises(exc.CacheAssertionError, match="scaled is not in the cache"):
            kernel_of()(X)
        del os.environ["HELION_ASSERT_CACHE_HIT"]
        bound_of().autotune((X,), **SMALL)
        os.environ["HELION_ASSERT_CACHE_HIT"] = "1"
        assert torch.equal(kernel_of()(X), X * kernels.SCALE)
        with pytest.raises(exc.CacheAssertionError, match=r"specialization: .*\(32,\).* instead of .*\(64,\)"):
            kernel_of()(X[:32].clone())


def check_caches_have_names() -> None:
    with environment() as folder:
        bound_of(autotune_cache="StrictLocalAutotuneCache").autotune((X,), **SMALL)
        (entry,) = folder.glob("*.best_config")
        assert {"torch", "triton", "helion-toolkit"} <= json.loads(entry.read_text(encoding="utf-8"))["key"]["fields"].keys()
    with pytest.raises(ValueError, match="autotune_cache: 'NoCache' is not a cache"):
        bound_of(autotune_cache="NoCache").autotune((X,))


def check_the_autotuner_can_be_the_users_own() -> None:
    class Fixed:
        def __init__(self, bound: BoundKernel, args: Sequence[Any], **options: Any) -> None:
            assert options == {"hint": 3}

        def autotune(self, *, skip_cache: bool = False) -> helion.Config:
            return helion.Config(block_sizes=[2 if skip_cache else 4])

    kernel = kernel_of(autotuner_fn=Fixed)
    assert kernel.autotune((X,), hint=3) == helion.Config(block_sizes=[2])
    assert kernel.autotune((X,), force=False, hint=3) == helion.Config(block_sizes=[4])
    with environment() as folder:
        kernel_of(autotuner_fn=LocalAutotuneCache[RandomSearch]).autotune((X,), count=2)
        assert len(list(folder.glob("*.best_config"))) == 1


def check_searches_are_repeated_and_the_best_kept() -> None:
    text = stderr_of(lambda: tried(autotune_best_of_k=2, autotune_log_level=20))
    assert "Starting pattern, 2 times search" in text
    with pytest.raises(ValueError, match="autotune_best_of_k must be at least 1, not 0"):
        tried(autotune_best_of_k=0)


def check_candidates_are_compiled_in_one_of_the_ways_there_are() -> None:
    assert tried({"effort": "none"}, autotune_precompile=None)
    with pytest.raises(ValueError, match="autotune_precompile must be one of fork, spawn"):
        tried(autotune_precompile="thread")


def check_every_search_class_finds_a_config() -> None:
    options: dict[type, dict[str, Any]] = {
        PatternSearch: SMALL,
        LFBOPatternSearch: {**SMALL, "initial_population": 10, "num_neighbors": 20, "frac_selected": 0.2},
        LFBOTreeSearch: {**SMALL, "initial_population": 10, "num_neighbors": 20, "frac_selected": 0.2, "similarity_penalty": 0.5},
        DifferentialEvolutionSearch: {"population_size": 4, "max_generations": 2, "crossover_rate": 0.5},
        DESurrogateHybrid: {"population_size": 4, "max_generations": 2, "surrogate_threshold": 6},
        RandomSearch: {"count": 4},
        CachedFiniteSearch: {"configs": [helion.Config(block_sizes=[2]), {"block_sizes": [8]}]},
        FiniteSearch: {"configs": [helion.Config(block_sizes=[2]), {"block_sizes": [4]}]},
    }
    assert {cls.__name__ for cls in options} == set(search_algorithms)
    bound = bound_of(autotune_benchmark_fn=faster_every_time())
    for search, chosen in options.items():
        with environment() as folder:
            config = search(bound, (X,), **chosen).autotune()
            configs = [helion.Config(**record["config"]) for record in logged(folder)]
        assert len(configs) == len(set(configs)) > 1, search
        assert bound.normalized(config) is not None
        assert torch.equal(bound.compile_config(config)(X), X * kernels.SCALE)


def check_what_was_found_for_other_arguments_is_a_starting_point() -> None:
    with environment(HELION_AUTOTUNER="FiniteSearch") as folder:
        bound_of().autotune((X,), configs=[helion.Config(block_sizes=[4], num_warps=2), helion.Config(block_sizes=[8], num_warps=2)])
        (found,) = [json.loads(path.read_text(encoding="utf-8"))["config"] for path in folder.glob("*.best_config")]
        os.environ["HELION_AUTOTUNER"] = "PatternSearch"
        before = len(logged(folder))
        half = X[:32].clone()
        kernel_of().autotune((half,), force=False, **SMALL)
        second = logged(folder)[before:][1]["config"]
        assert second["block_sizes"] == json.loads(found)["block_sizes"]
        assert second["num_warps"] == 2


def check_a_choice_among_what_the_cache_holds() -> None:
    with environment() as folder:
        with pytest.raises(exc.NotEnoughConfigs, match="the cache holds no config"):
            kernel_of(autotuner_fn=helion.from_cache())(X)
        bound_of().autotune((X,), **SMALL)
        kept = logged(folder)
        kernel = kernel_of(autotuner_fn=helion.from_cache(max_configs=1, configs=[helion.Config(block_sizes=[2])]))
        assert torch.equal(kernel(X[:32].clone()), X[:32] * kernels.SCALE)
        assert len(logged(folder)) == len(kept) + 2


def check_options_are_checked_and_may_be_positional() -> None:
    bound = bound_of()
    with pytest.raises(TypeError, match="PatternSearch has no option 'population'"):
        PatternSearch(bound, (X,), population=3)
    with pytest.raises(TypeError, match="FiniteSearch has no option 'count'"):
        FiniteSearch(bound, (X,), count=3)
    with environment() as folder:
        RandomSearch(bound, (X,), 2).autotune()
        assert len(logged(folder)) <= 3
    with pytest.raises(exc.NotEnoughConfigs, match="two configs or more, not 1"):
        FiniteSearch(bound, (X,), [helion.Config(block_sizes=[2])])
    with pytest.raises(exc.NotEnoughConfigs, match="not 0"):
        FiniteSearch(bound, (X,))


def check_of_several_configs_the_fastest_by_the_users_clock_runs() -> None:
    configs = [helion.Config(block_sizes=[8]), helion.Config(block_sizes=[16])]
    kernel = kernel_of(configs=configs, autotune_benchmark_fn=faster_every_time())
    with environment(HELION_DISALLOW_AUTOTUNING="1") as folder:
        assert torch.equal(kernel(X), X * kernels.SCALE)
        assert [record["config"]["block_sizes"] for record in logged(folder)] == [[8], [16]]
        assert list(folder.glob("*.best_config")) == []
    # The clock favours whichever is timed last, and the better of the two is confirmed first.
    assert "_BLOCK_SIZE_0 = 8" in kernel.bind((X,)).to_triton_code()


def check_one_config_for_several_sets() -> None:
    """Each set likes its own default; which one serves both depends on how times are put together."""
    sets = [(torch.randn(256),), (torch.randn(16),)]
    with environment():
        kernel = kernel_of(autotune_effort="none")
        large, small = (bound.config_spec.default()["block_sizes"][0] for bound in map(kernel.bind, sets))
        assert large != small
        times = {256: {large: 1.0, small: 3.0}, 16: {large: 4.0, small: 2.0}}
        with _times(lambda bound, args, config: times[args[0].numel()][config["block_sizes"][0]]):
            assert kernel.autotune_multi(sets)["block_sizes"] == [large]
            assert kernel.autotune_multi(sets, relative_to="default")["block_sizes"] == [large]
            assert kernel.autotune_multi(sets, aggregation="max")["block_sizes"] == [small]
        assert all(bound.selected_config["block_sizes"] == [small] for bound in map(kernel.bind, sets))
        assert torch.equal(kernel(*sets[0]), sets[0][0] * kernels.SCALE)
        with _times(_not_called):
            assert kernel_of(autotune_effort="none").autotune_multi(sets, aggregation="max", force=False)["block_sizes"] == [small]
        with _times(lambda bound, args, config: math.inf), pytest.raises(exc.NoConfigFound, match="works for all 2 sets"):
            kernel.autotune_multi(sets)


@contextlib.contextmanager
def _times(time: Callable[..., float]) -> Iterator[None]:
    """With these times in place of measured ones."""
    measured, module = tune_over_sets._time, tune_over_sets  # pyright: ignore[reportPrivateUsage]
    module._time = time  # pyright: ignore[reportPrivateUsage]
    try:
        yield
    finally:
        module._time = measured  # pyright: ignore[reportPrivateUsage]


def _not_called(*args: Any, **kwargs: Any) -> float:
    raise AssertionError("what is cached is not timed")


def check_what_several_sets_need() -> None:
    kernel = kernel_of(autotune_effort="none")
    for words, arguments, options in (
        ("a list of tuples", [], {}),
        ("a list of tuples", [X], {}),
        ("`aggregation` is 'mean'; one of 'geomean', 'max'", [(X,)], {"aggregation": "mean"}),
        ("`relative_to` is 'torch'", [(X,)], {"relative_to": "torch"}),
        ("has no autotune_baseline_fn", [(X,)], {"relative_to": "baseline"}),
    ):
        with pytest.raises(exc.InvalidAPIUsage, match=words):
            kernel.autotune_multi(arguments, **options)
    with pytest.raises(exc.InvalidAPIUsage, match="`cache_tag` must name the sets"):
        kernel_of(autotune_effort="none", static_shapes=False).autotune_multi([(X,)])


class Shelf(RemoteCacheBackend):
    """A service in a folder."""

    def get(self, key: str) -> str | None:
        path = Path(os.environ["HELION_CACHE_DIR"]) / "shelf" / key
        return path.read_text("utf-8") if path.exists() else None

    def put(self, key: str, data: str) -> None:
        folder = Path(os.environ["HELION_CACHE_DIR"]) / "shelf"
        folder.mkdir(exist_ok=True)
        (folder / key).write_text(data, "utf-8")


def check_a_service_keeps_what_was_tuned() -> None:
    backend = f"{Shelf.__module__}:{Shelf.__name__}"
    for cache in ("RemoteAutotuneCache", "StrictRemoteAutotuneCache"):
        with environment(HELION_REMOTE_CACHE_BACKEND=backend) as folder:
            kernel_of(autotune_effort="none", force_autotune=True, autotune_cache=cache).autotune((X,))
            assert len(list((folder / "shelf").iterdir())) == 1
            assert list(folder.glob("*.best_config")) == []
            with environment_flag("HELION_ASSERT_CACHE_HIT"):
                kernel_of(autotune_effort="quick", autotune_cache=cache).autotune((X,), force=False)
    for name in ("", "nowhere:Cache", "pathlib:Path"):
        with environment(HELION_REMOTE_CACHE_BACKEND=name), pytest.raises(exc.InvalidSetting, match="HELION_REMOTE_CACHE_BACKEND"):
            kernel_of(autotune_effort="quick", autotune_cache="RemoteAutotuneCache").autotune((X,))


@contextlib.contextmanager
def environment_flag(name: str) -> Iterator[None]:
    os.environ[name] = "1"
    try:
        yield
    finally:
        del os.environ[name]


def check_decisions_made_ahead_of_time() -> None:
    with tempfile.TemporaryDirectory() as folder, environment(HELION_HEURISTIC_DIR=folder):
        ahead = helion.aot_kernel(kernels.scaled, autotune_benchmark_fn=always_one)
        assert "NoAOTHeuristicWarning]: scaled runs its default config: there is no decision file for cpu" in _said(lambda: ahead(X))
        file = Path(folder) / "_helion_aot_kernels_cpu.py"
        file.write_text("def autotune_scaled(x):\n    return {'block_sizes': [x.size(0) // 4], 'num_warps': 8}\n", "utf-8")
        ahead = helion.aot_kernel(kernels.scaled, autotune_benchmark_fn=always_one)
        assert "NoAOT" not in _said(lambda: ahead(X))
        assert (ahead.bind((X,)).selected_config["block_sizes"], ahead.bind((X,)).selected_config["num_warps"]) == ([16], 8)
        file.write_text("def autotune_scaled(x):\n    return {}\n", "utf-8")
        ahead = helion.aot_kernel(kernels.scaled, autotune_benchmark_fn=always_one, configs=[{"block_sizes": [4]}, {"block_sizes": [8]}])
        assert "NoAOT" not in _said(lambda: ahead(X)), "an empty dict is the decision for the default"
        assert ahead.bind((X,)).selected_config == ahead.bind((X,)).config_spec.default()
        file.unlink()
        ahead.reset()
        ahead(X)
        assert ahead.bind((X,)).selected_config["block_sizes"] == [4], "of several configs the first one stands in for a decision"


def check_decisions_go_by_sizes_where_shapes_are_dynamic() -> None:
    with tempfile.TemporaryDirectory() as folder, environment(HELION_HEURISTIC_DIR=folder):
        decided: list[int] = []
        text = "def autotune_scaled(x):\n    return {'block_sizes': [16 if x.size(0) < 100 else 64]}\n"
        (Path(folder) / "_helion_aot_kernels_cpu.py").write_text(text, "utf-8")
        ahead = helion.aot_kernel(kernels.scaled, autotune_benchmark_fn=always_one, static_shapes=False)
        bound: BoundKernel = ahead.bind((torch.ones(200),))
        compile_config = bound.compile_config

        def noted(config: Any = None, **options: Any) -> Any:
            decided.extend(config["block_sizes"])
            return compile_config(config, **options)

        bound.compile_config = noted
        for size in (200, 64, 304, 64, 200):
            assert torch.equal(ahead(torch.ones(size)), torch.full((size,), 2.0))
        assert ahead.bind((torch.ones(64),)) is bound
        assert decided[1:] == [64, 16, 64], "asked once for every size, after the first choice"


def _said(function: Callable[[], object]) -> str:
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        function()
    return text.getvalue()


CHECKS = [check for name, check in globals().items() if name.startswith("check_")]
