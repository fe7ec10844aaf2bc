"""`helion tune`: the log is gone on from after a kill, examples give signatures, locks are starting points, failures are told in full."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import helion.cli.commands.tune as tune_module
from helion.autotune.config_cache import write_config
from helion.autotune.constrained_space import Constraints
from helion.autotune.effort import SearchRequest
from helion.autotune.result import TuneFailure
from helion.autotune.tune_kernel import TuneOptions
from helion.cli.failure import Failure as CommandFailure
from helion.config.config import Config
from helion.runtime.cache_key import loose_key
from helion.trials.trial import Failure, Outcome, Trial

pytest.importorskip("triton")

SCALE = """
import torch
import helion
import helion.language as hl


def example_inputs():
    yield torch.randn(1024, 512, device="cuda"), 2.0
    yield torch.randn(512, 1024, device="cuda:0", dtype=torch.bfloat16).cuda(), 3.0
    yield torch.randn(1024, 512, device="cuda"), 4.0


@helion.kernel({options})
def scale(x: torch.Tensor, s: float = 1.0) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = torch.exp(x[tile]) * s
    return out
"""
TABLE = """configs={
    "sm_80": {"f32[64,64], float": helion.Config(block_sizes=[4, 64], num_warps=2)},
    "sm_90": {"f32[2048,512], float": helion.Config(block_sizes=[2, 256])},
    "*": helion.Config(block_sizes=[1, 1, 1]),
}"""


@pytest.fixture(autouse=True)
def _own_signals():
    """The command takes over the signals of its process, which here is the tests'."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def kernel_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)

    def write(options: str = "") -> str:
        path = tmp_path / "scaled.py"
        path.write_text(SCALE.replace("{options}", options), encoding="utf-8")
        return f"{path}::scale"

    return write


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "helion", "tune", *arguments, "--target", "sm_90"]


def logged_trials(folder: Path) -> int:
    return sum(line.startswith('{"kind": "trial"') for path in folder.rglob("*.jsonl") for line in path.read_text().splitlines())


def test_a_killed_tuning_goes_on_from_its_log(kernel_file, tmp_path: Path) -> None:
    arguments = (kernel_file(), "--args", "f32[1024,512], float", "--budget", "60", "--json")
    process = subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while logged_trials(tmp_path / "cache") < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    (log,) = (tmp_path / "cache" / "trials").glob("scale-*.jsonl")
    kept = [json.loads(line) for line in log.read_text().splitlines()[1:] if line.endswith("}")]
    done = subprocess.run(command(*arguments[:-2], "8", "--json"), capture_output=True, text=True, check=True, timeout=300)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["resumed"] == len(kept) >= 3
    assert events[0]["log"] == str(log)
    again = [json.loads(line) for line in log.read_text().splitlines() if line.startswith('{"kind": "trial"')]
    codes = [trial["code"] for trial in again]
    assert len(codes) == len(set(codes)), "no finished trial is judged again"
    fresh = subprocess.run(command(*arguments[:-3], "--effort", "none", "--fresh"), capture_output=True, text=True, check=True, timeout=300)
    assert "going on" not in fresh.stderr
    assert f"log: {log}" in fresh.stderr
    other = subprocess.run(
        command(arguments[0], "--args", "f32[64,64], float", "--effort", "none"), capture_output=True, text=True, check=True, timeout=300
    )
    assert "going on" not in other.stderr
    assert len(list(log.parent.glob("scale-*.jsonl"))) == 2


@pytest.mark.parametrize("policy", ["keep", "discard"])
def test_a_stopped_tuning_keeps_its_best_marked_partial(kernel_file, tmp_path: Path, policy: str) -> None:
    name = kernel_file("config=helion.Config(block_sizes=[1, 1])")
    before = Path(name.partition("::")[0]).read_text()
    arguments = (name, "--args", "f32[1024,512], float", "--budget", "120", "--lock", "--on-interrupt", policy)
    process = subprocess.Popen(command(*arguments), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True)
    deadline = time.monotonic() + 180
    while logged_trials(tmp_path / "cache") < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=120)
    assert process.returncode == 0
    sidecar = tmp_path / "scaled.py.helion.lock"
    if policy == "discard":
        assert "not locked: the search was stopped" in words
        assert (Path(name.partition("::")[0]).read_text(), sidecar.exists()) == (before, False)
        return
    (entry,) = json.loads(sidecar.read_text())["entries"]
    assert (entry["partial"], entry["reason"], entry["correctness"]["passed"]) == (True, "cancelled", None)
    assert entry["us"] < entry["current_us"]


def test_every_example_of_inputs_is_tuned_and_locked(kernel_file, tmp_path: Path) -> None:
    """From a lock that is no good for them: the default is then a significant change, and needs no search."""
    bad = 'configs={"sm_90": helion.Config(block_sizes=[1, 1])}'
    name = kernel_file(f"inputs=example_inputs, {bad}")
    into = tmp_path / "mine"
    done = subprocess.run(
        command(name, "--effort", "none", "--lock", "--into", str(into)), capture_output=True, text=True, check=True, timeout=300
    )
    assert bad in Path(name.partition("::")[0]).read_text(), "an override leaves the source alone"
    entries = json.loads((into / "scaled.helion.lock").read_text())["entries"]
    assert [(e["device"], e["signature"]) for e in entries] == [("sm_90", "bf16[512,1024], float"), ("sm_90", "f32[1024,512], float")]
    assert all(e["current_us"] > e["us"] for e in entries)
    name = kernel_file("inputs=example_inputs, config=helion.Config(block_sizes=[1, 1])")
    done = subprocess.run(command(name, "--effort", "none", "--lock"), capture_output=True, text=True, check=True, timeout=300)
    text = Path(name.partition("::")[0]).read_text()
    assert text.count('"f32[1024,512], float": helion.Config(') == 1
    assert text.count('"bf16[512,1024], float": helion.Config(') == 1
    assert done.stdout.count("best: estimated") == 2


def test_what_is_no_gain_is_not_locked(kernel_file) -> None:
    name = kernel_file("inputs=example_inputs")
    before = Path(name.partition("::")[0]).read_text()
    done = subprocess.run(command(name, "--effort", "none", "--lock"), capture_output=True, text=True, check=True, timeout=300)
    assert "not locked: no significant change: the default config stays" in done.stderr
    assert Path(name.partition("::")[0]).read_text() == before


def test_inputs_that_cannot_be_made_are_said_and_the_text_is_used(kernel_file) -> None:
    name = kernel_file("inputs=lambda: [missing]")
    done = subprocess.run(command(name, "--effort", "none"), capture_output=True, text=True, check=True, timeout=300)
    assert "`inputs=` gives no arguments, so they are taken from the text: NameError" in done.stderr
    assert "best: estimated" in done.stdout


class Asked(Exception):
    """Ends the command where tuning would start."""

    def __init__(self, options: TuneOptions) -> None:
        super().__init__()
        self.options = options


def options_of(name: str, *arguments: str) -> TuneOptions:
    """What tuning would be started with."""
    full = [name, "--args", "f32[8,8], float", "--target", "sm_90", *arguments]
    with pytest.raises(Asked) as asked:
        CliRunner().invoke(tune_module.command, full, standalone_mode=False, catch_exceptions=False)
    return asked.value.options


@pytest.fixture
def _only_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def tune_kernel(ir, space, target, method, options, **_):
        raise Asked(options)

    monkeypatch.setattr(tune_module, "tune_kernel", tune_kernel)


@pytest.mark.usefixtures("_only_asked")
def test_the_command_line_wins_over_the_decorator_and_that_over_the_environment(kernel_file, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = options_of(kernel_file())
    assert (usual.budget_seconds, usual.seed, usual.search) == (60.0, 0, SearchRequest("PatternSearch", "full"))
    assert usual.log_folder is not None
    monkeypatch.setenv("HELION_SKIP_CACHE", "1")
    assert options_of(kernel_file()).log_folder is None
    monkeypatch.setenv("HELION_AUTOTUNER", "RandomSearch")
    monkeypatch.setenv("HELION_AUTOTUNE_EFFORT", "quick")
    monkeypatch.setenv("HELION_AUTOTUNE_BUDGET_SECONDS", "5")
    by_environment = options_of(kernel_file())
    assert (by_environment.budget_seconds, by_environment.search) == (5.0, SearchRequest("RandomSearch", "quick"))
    written = (
        "autotune_effort='none', autotune_budget_seconds=7, autotune_random_seed=3, autotune_max_generations=2,"
        "autotune_config_overrides={'num_warps': 8}, autotune_force_persistent=True, autotune_best_of_k=2, autotune_precompile_jobs=1"
    )
    by_decorator = options_of(kernel_file(written))
    assert (by_decorator.budget_seconds, by_decorator.seed, by_decorator.repeats, by_decorator.compile_workers) == (7, 3, 2, 1)
    assert by_decorator.search == SearchRequest("RandomSearch", "full", max_generations=2)
    assert by_decorator.constraints == Constraints(overrides={"num_warps": 8}, force_persistent=True)
    by_command = options_of(kernel_file(written), "--budget", "9", "--seed", "4", "--effort", "none", "--search", "PatternSearch")
    assert (by_command.budget_seconds, by_command.seed) == (9.0, 4)
    assert by_command.search == SearchRequest("PatternSearch", "none", max_generations=2)


@pytest.mark.usefixtures("_only_asked")
@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("autotune_config_overrides={'num_warps': 3}", "config-value"),
        ("autotune_best_of_k=0", "autotune_best_of_k must be at least 1, not 0"),
    ],
)
def test_settings_that_do_not_fit_are_failures(kernel_file, written: str, words: str) -> None:
    with pytest.raises(CommandFailure, match=words):
        tune_module.command.main([kernel_file(written), "--args", "f32[8,8], float", "--target", "sm_90"], standalone_mode=False)


@pytest.mark.usefixtures("_only_asked")
def test_what_is_locked_elsewhere_is_where_the_search_starts(kernel_file) -> None:
    name = kernel_file(TABLE)
    Path(f"{name.partition('::')[0]}.helion.lock").write_text(
        json.dumps(
            {
                "version": 1,
                "entries": [
                    {"kernel": "scale", "device": "sm_100", "signature": None, "config": {"block_sizes": [8, 32]}},
                    {"kernel": "other", "device": "sm_90", "signature": None, "config": {"block_sizes": [7, 7]}},
                ],
            }
        )
    )
    assert options_of(name).seeds == (
        Config(block_sizes=[2, 256]),
        Config(block_sizes=[4, 64], num_warps=2),
        Config(block_sizes=[1, 1, 1]),
        Config(block_sizes=[8, 32]),
    )


def cached_by_calls(name: str, folder: Path, *configs: Config) -> None:
    """As calls of the kernel keep what they found, each of a later time."""
    path = Path(name.partition("::")[0])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for index, config in enumerate(configs):
        args = (torch.empty(16, 8 << index), 1.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TRITON_INTERPRET", "1")  # binds tensors of the CPU
            key = loose_key(module.scale.bind(args), args)
        os.utime(write_config(folder, key, config), (index, index))


@pytest.mark.usefixtures("_only_asked")
def test_what_calls_found_is_where_the_search_starts(kernel_file, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = kernel_file(TABLE)
    locked = len(options_of(name).seeds)
    older, newer, unfit = Config(block_sizes=[2, 2]), Config(block_sizes=[4, 8], num_warps=8), Config(block_sizes=[1, 2, 3, 4])
    cached_by_calls(name, tmp_path / "cache", older, newer, unfit)
    assert options_of(name).seeds[locked:] == (newer, older)
    assert "initial_population" not in options_of(name).search.options
    assert len(options_of(name, "--fresh").seeds) == locked
    monkeypatch.setenv("HELION_AUTOTUNER_INITIAL_POPULATION", "from_random")
    assert len(options_of(name).seeds) == locked


@pytest.mark.usefixtures("_only_asked")
def test_a_search_may_start_at_what_calls_found_alone(kernel_file, tmp_path: Path) -> None:
    name = kernel_file("autotune_initial_population_strategy='from_best_available'")
    assert "initial_population" not in options_of(name, "--search", "PatternSearch").search.options
    cached_by_calls(name, tmp_path / "cache", Config(block_sizes=[2, 2]))
    assert options_of(name, "--search", "PatternSearch").search.options == {"initial_population": 0}


@pytest.mark.usefixtures("_only_asked")
def test_another_kernels_finds_are_no_start(kernel_file, tmp_path: Path) -> None:
    name = kernel_file()
    cached_by_calls(name, tmp_path / "cache", Config(block_sizes=[2, 2]))
    path = Path(name.partition("::")[0])
    path.write_text(path.read_text(encoding="utf-8").replace("* s", "+ s"), encoding="utf-8")
    assert options_of(name).seeds == ()


def test_a_failure_is_the_diagnostic_with_every_cause(kernel_file, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    trials = (
        Trial(0, Config(block_sizes=[1]), "a", Outcome(failure=Failure("out-of-resources", "needs 300 KiB of shared memory"))),
        Trial(1, Config(block_sizes=[2]), "b", Outcome(failure=Failure("triton", "CompilationError at 3:4"))),
    )
    monkeypatch.setattr(tune_module, "tune_kernel", lambda *_, **__: TuneFailure("no-config", "", trials))
    with pytest.raises(CommandFailure) as failed:
        tune_module.command.main([kernel_file(), "--args", "f32[8,8], float", "--target", "sm_90", "--json"], standalone_mode=False)
    assert failed.value.exit_code == 4
    assert "error[no-config-found]: no config of `scale` works: 1 out-of-resources, 1 triton" in failed.value.text
    assert "def scale(" in failed.value.text
    assert "needs 300 KiB of shared memory" in failed.value.text
    assert "CompilationError at 3:4" in failed.value.text
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["failed"], len(event["causes"])) == ("failed", "no-config", 2)
