"""A setting in, the environment variable that gives it out, and every variable that the toolkit reads, with what each may say; reads none
itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from helion.settings import CHOICES, FIELD_NAMES, FLAGS, Settings

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")

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
    "HELION_AOT_PLAN",
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


def texts_of(variable: str) -> tuple[str, ...] | None:
    """What a variable may say, in lower case where case does not count; None where that cannot be listed."""
    name = _field_of(variable)
    if variable in _FLAGS_OF_NO_SETTING or name == "ref_mode" or name in FLAGS:
        return (*YES, *NO)
    if name == "index_dtype":
        return ("auto", "int32", "int64", "torch.int32", "torch.int64")
    if name == "autotune_precompile":
        return ("fork", "spawn", "0")
    return None if name is None or name not in CHOICES else tuple(choice for choice in CHOICES[name] if isinstance(choice, str))


def refused_text(variable: str, text: str) -> str | None:
    """What a variable takes, in words, where a text is none of it; None where it is, and for variables that take anything."""
    if not text:
        return None  # as if it were not set
    known = texts_of(variable)
    if known is not None:
        is_flag = known == (*YES, *NO)
        allowed = f"{'/'.join(YES)} or {'/'.join(NO)}" if is_flag else f"one of {', '.join(known)}"
        return None if (text.strip().lower() if is_flag else text) in known else allowed
    read = _NUMBERS.get(_field_of(variable) or "")
    if read is None:
        return None
    try:
        read(text)
    except ValueError:
        return "a whole number" if read is int else "a number"
    return None


def _field_of(variable: str) -> str | None:
    """The setting that a variable gives; None for those of no setting."""
    return next((name for name in FIELD_NAMES if variable_of(name) == variable), None)


_FLAGS_OF_NO_SETTING = frozenset({"HELION_ASSERT_CACHE_HIT", "HELION_DISALLOW_AUTOTUNING"})
# A level may also be a name.
_NUMBERS = {
    field.name: int if str(field.type).startswith("int") else float
    for field in fields(Settings)
    if str(field.type).removesuffix(" | None") in ("int", "float") and field.name != "autotune_log_level"
}
