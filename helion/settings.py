"""The options of one kernel that are not tuned, as a plain value; reads no environment (see `runtime/environment.py`)."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypedDict

import torch


class RefMode(enum.Enum):
    OFF = "off"
    EAGER = "eager"


@dataclass
class Settings:
    """Field names, defaults and meanings are public API."""

    static_shapes: bool = True
    index_dtype: torch.dtype | None = None
    dot_precision: str = "tf32"
    persistent_reserved_sms: int = 0
    allow_warp_specialize: bool = True
    debug_dtype_asserts: bool = False
    ignore_warnings: list[type[Exception]] = field(default_factory=list[type[Exception]])
    print_output_code: bool = False
    print_repro: bool = False
    output_origin_lines: bool = True
    ref_mode: RefMode = RefMode.OFF
    fast_math: bool = False
    triton_do_not_specialize: bool = False
    force_autotune: bool = False
    autotune_effort: str = "full"
    autotune_log_level: int = logging.INFO
    autotune_log: str | None = None
    autotune_compile_timeout: int = 60
    autotune_precompile: str | None = "fork"
    autotune_precompile_jobs: int | None = None
    autotune_random_seed: int | None = None
    autotune_accuracy_check: bool = True
    autotune_rebenchmark_threshold: float | None = None
    autotune_progress_bar: bool = True
    autotune_max_generations: int | None = None
    autotune_force_persistent: bool = False
    autotune_budget_seconds: float | None = None
    autotune_best_of_k: int = 1
    autotune_ignore_errors: bool = False
    autotune_config_overrides: Mapping[str, object] = field(default_factory=dict[str, object])
    autotune_config_filter: Callable[[Any], Any] | None = None
    autotune_seed_configs: Sequence[Any] | None = None
    autotune_cache: str = "LocalAutotuneCache"
    autotuner_fn: Callable[..., Any] | None = None
    autotune_benchmark_fn: Callable[..., list[float]] | None = None
    autotune_baseline_fn: Callable[..., Any] | None = None
    autotune_baseline_accuracy_check_fn: Callable[[Any, Any], None] | None = None
    autotune_baseline_atol: float | None = None
    autotune_baseline_rtol: float | None = None
    on_missing: str = "tune"

    def to_dict(self) -> dict[str, Any]:
        """Every field by name; the values are the settings' own, not copies."""
        return {name: getattr(self, name) for name in FIELD_NAMES}

    def without_effect(self) -> tuple[str, ...]:
        """The fields set to something that nothing reads yet: accepted so that kernels written for it keep running."""
        plain = Settings()
        return tuple(name for name in NOT_READ_YET if getattr(self, name) != getattr(plain, name))

    def get_rebenchmark_threshold(self) -> float:
        """How close to the best a config must be to be timed again; 1.5 unless set."""
        return 1.5 if self.autotune_rebenchmark_threshold is None else self.autotune_rebenchmark_threshold


class SettingOptions(TypedDict, total=False):
    """The fields of Settings as options of the decorator."""

    static_shapes: bool
    index_dtype: torch.dtype | None
    dot_precision: str
    persistent_reserved_sms: int
    allow_warp_specialize: bool
    debug_dtype_asserts: bool
    ignore_warnings: list[type[Exception]]
    print_output_code: bool
    print_repro: bool
    output_origin_lines: bool
    ref_mode: RefMode
    fast_math: bool
    triton_do_not_specialize: bool
    force_autotune: bool
    autotune_effort: str
    autotune_log_level: int
    autotune_log: str | None
    autotune_compile_timeout: int
    autotune_precompile: str | None
    autotune_precompile_jobs: int | None
    autotune_random_seed: int | None
    autotune_accuracy_check: bool
    autotune_rebenchmark_threshold: float | None
    autotune_progress_bar: bool
    autotune_max_generations: int | None
    autotune_force_persistent: bool
    autotune_budget_seconds: float | None
    autotune_best_of_k: int
    autotune_ignore_errors: bool
    autotune_config_overrides: Mapping[str, object]
    autotune_config_filter: Callable[[Any], Any] | None
    autotune_seed_configs: Sequence[Any] | None
    autotune_cache: str
    autotuner_fn: Callable[..., Any] | None
    autotune_benchmark_fn: Callable[..., list[float]] | None
    autotune_baseline_fn: Callable[..., Any] | None
    autotune_baseline_accuracy_check_fn: Callable[[Any, Any], None] | None
    autotune_baseline_atol: float | None
    autotune_baseline_rtol: float | None
    on_missing: str


FIELD_NAMES = tuple(f.name for f in fields(Settings))

# A test keeps this list exact: a field is read somewhere in the toolkit, or it is here.
NOT_READ_YET = (
    "allow_warp_specialize",
    "debug_dtype_asserts",
    "fast_math",
    "output_origin_lines",
    "triton_do_not_specialize",
)
