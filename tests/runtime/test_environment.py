"""Settings from the environment: read when they are made, under what the decorator says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import torch
from torch._inductor.runtime.cache_dir_utils import default_cache_dir

import helion
from helion import exc
from helion.environment_names import environment_names, refused_text, texts_of, variable_of
from helion.runtime.environment import EnvironmentSettings, cache_directory
from helion.settings import FIELD_NAMES, WITHOUT_EFFECT, Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    monkeypatch.delenv("HELION_INTERPRET", raising=False)


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("HELION_STATIC_SHAPES", "no", "static_shapes", False),
        ("HELION_PRINT_OUTPUT_CODE", "ON", "print_output_code", True),
        ("HELION_INDEX_DTYPE", "int64", "index_dtype", torch.int64),
        ("HELION_INDEX_DTYPE", "auto", "index_dtype", None),
        ("TRITON_F32_DEFAULT", "ieee", "dot_precision", "ieee"),
        ("TRITON_F32_DEFAULT", "high", "dot_precision", "tf32x3"),
        ("HELION_AUTOTUNE_EFFORT", "quick", "autotune_effort", "quick"),
        ("HELION_AUTOTUNE_BUDGET_SECONDS", "1.5", "autotune_budget_seconds", 1.5),
        ("HELION_AUTOTUNE_LOG_LEVEL", "debug", "autotune_log_level", 10),
        ("HELION_AUTOTUNE_LOG_LEVEL", "0", "autotune_log_level", 0),
        ("HELION_AUTOTUNE_CONFIG_OVERRIDES", '{"num_warps": 8}', "autotune_config_overrides", {"num_warps": 8}),
        ("HELION_REBENCHMARK_THRESHOLD", "1.2", "autotune_rebenchmark_threshold", 1.2),
        ("HELION_IGNORE_WARNINGS", "WrongDevice", "ignore_warnings", [exc.WrongDevice]),
        ("HELION_ON_MISSING", "error", "on_missing", "error"),
        ("HELION_INTERPRET", "1", "ref_mode", helion.RefMode.EAGER),
        ("HELION_STATIC_SHAPES", "", "static_shapes", True),
        ("HELION_AUTOTUNER_INITIAL_POPULATION", "from_random", "autotune_initial_population_strategy", "from_random"),
        ("HELION_BEST_AVAILABLE_MAX_CONFIGS", "5", "autotune_best_available_max_configs", 5),
        ("HELION_AUTOTUNE_SEARCH_ACF", "a.acf, b.acf", "autotune_search_acf", ("a.acf", "b.acf")),
        ("HELION_AUTOTUNE_BENCHMARK_TIMEOUT", "3", "autotune_benchmark_timeout", 3),
        ("HELION_AUTOTUNE_SUSPICIOUS_REBENCHMARK_RATIO", "0.5", "autotune_suspicious_rebenchmark_ratio", 0.5),
        ("HELION_FAST_MATH", "1", "fast_math", True),
    ],
)
def test_variables(monkeypatch: pytest.MonkeyPatch, variable: str, text: str, field: str, value: object) -> None:
    monkeypatch.setenv(variable, text)
    assert getattr(helion.Settings(), field) == value


TEXTS = ("", "1", "YES", "no", "10", "1.5", "fast", "full", "int32", "torch.int64", "auto", "fork", "tune", "from_random", "triton")


@pytest.mark.parametrize("variable", sorted(filter(None, map(variable_of, FIELD_NAMES))))
def test_an_editor_refuses_what_a_kernel_would(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Of variables whose texts can be listed or counted; of others nothing is said."""
    for text in TEXTS:
        monkeypatch.setenv(variable, text)
        try:
            helion.Settings()
            refused = False
        except (ValueError, exc.InvalidSetting, exc.BackendUnsupported):
            refused = True
        assert refused_text(variable, text) is None or refused, (variable, text)
        if texts_of(variable) is not None:
            assert (refused_text(variable, text) is not None) == refused, (variable, text)


def test_what_the_decorator_says_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_STATIC_SHAPES", "0")
    assert helion.Settings(static_shapes=True).static_shapes is True


@pytest.mark.parametrize(
    ("variable", "text"),
    [("HELION_STATIC_SHAPES", "maybe"), ("HELION_INDEX_DTYPE", "int65"), ("HELION_IGNORE_WARNINGS", "NoTensorArgs")],
)
def test_variables_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ValueError, match=variable):
        helion.Settings()


def test_one_way_of_interpreting_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_INTERPRET", "1")
    with pytest.raises(exc.RefEagerModeCodePrintError):
        helion.Settings(print_output_code=True)
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    with pytest.raises(exc.IncompatibleInterpretModes):
        helion.Settings()


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path))
    assert cache_directory() == tmp_path


def test_the_cache_is_in_torchs_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HELION_CACHE_DIR", raising=False)
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    assert cache_directory() == Path(default_cache_dir()) / "helion"
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    assert cache_directory() == tmp_path / "helion"


def test_a_setting_is_read_somewhere_or_listed() -> None:
    here = {ROOT / "helion" / "settings.py", ROOT / "helion" / "runtime" / "environment.py"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "helion").rglob("*.py") if path not in here)
    read = {name for name in FIELD_NAMES if re.search(rf"\b(settings|chosen)\.{name}\b", text)}
    read |= {name for name in FIELD_NAMES if f"self.{name}" in inspect.getsource(Settings.code_options)}
    read |= {name for name in FIELD_NAMES if f"self.{name} " in inspect.getsource(EnvironmentSettings)}
    assert set(FIELD_NAMES) - read == set(WITHOUT_EFFECT)


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "helion").rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {"helion/runtime/environment.py"}


def test_every_variable_that_is_read_is_a_known_name() -> None:
    text = (ROOT / "helion" / "runtime" / "environment.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"(HELION_[A-Z_]+)"', text))
    assert len(read) > 8
    assert read <= environment_names()


def test_every_plain_setting_has_a_variable() -> None:
    functions = {name for name in FIELD_NAMES if name.endswith(("_fn", "_filter"))}
    others = {"autotune_seed_configs", "autotune_baseline_atol", "autotune_baseline_rtol"}
    assert {name for name in FIELD_NAMES if variable_of(name) is None} == functions | others


def test_there_is_one_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_BACKEND", "pallas")
    with pytest.raises(exc.BackendUnsupported, match="'pallas'; code is generated for 'triton' only"):
        helion.Settings()


def test_tuning_can_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    helion.Settings().check_autotuning_disabled()
    monkeypatch.setenv("HELION_DISALLOW_AUTOTUNING", "1")
    with pytest.raises(exc.AutotuningDisallowedInEnvironment):
        helion.Settings().check_autotuning_disabled()


def test_a_setting_that_does_not_exist_is_named_with_what_was_meant() -> None:
    with pytest.raises(TypeError, match=r"^there is no setting `autotune_efforts`; did you mean `autotune_effort`\?$"):
        helion.Settings(autotune_efforts="none")
    with pytest.raises(TypeError, match=r"^there is no setting `zzz`$"):
        helion.Settings(zzz=1)
