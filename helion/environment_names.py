"""A setting in, the environment variable that gives it out, and every variable that the toolkit reads; reads none itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from helion.settings import FIELD_NAMES

# Settings that only code can give.
_NO_VARIABLE = frozenset(
    {
        "autotune_config_filter",
        "autotune_seed_configs",
        "autotuner_fn",
        "autotune_benchmark_fn",
        "autotune_baseline_fn",
        "autotune_baseline_accuracy_check_fn",
        "autotune_baseline_atol",
        "autotune_baseline_rtol",
    }
)
_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "dot_precision": "TRITON_F32_DEFAULT",
        "ref_mode": "HELION_INTERPRET",
        "autotune_rebenchmark_threshold": "HELION_REBENCHMARK_THRESHOLD",
        "autotune_initial_population_strategy": "HELION_AUTOTUNER_INITIAL_POPULATION",
        "autotune_best_available_max_configs": "HELION_BEST_AVAILABLE_MAX_CONFIGS",
        "autotune_best_available_max_cache_scan": "HELION_BEST_AVAILABLE_MAX_CACHE_SCAN",
    }
)
OF_NO_SETTING = (
    "HELION_ASSERT_CACHE_HIT",
    "HELION_AUTOTUNER",
    "HELION_CACHE_DIR",
    "HELION_DISALLOW_AUTOTUNING",
    "HELION_HEURISTIC_DIR",
    "HELION_LOCK_PATH",
    "HELION_LOGS",
    "HELION_REMOTE_CACHE_BACKEND",
    "HELION_SHOW",
    "HELION_SKIP_CACHE",
)


def variable_of(field: str) -> str | None:
    """None for a setting that only code can give."""
    return None if field in _NO_VARIABLE else _OTHER_NAMES.get(field, f"HELION_{field.upper()}")


def environment_names() -> frozenset[str]:
    """Every variable that the toolkit reads."""
    of_settings = (variable_of(field) for field in FIELD_NAMES)
    return frozenset((*OF_NO_SETTING, *(name for name in of_settings if name is not None)))
