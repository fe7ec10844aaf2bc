"""The options of one kernel that are not tuned: a frozen value; reads no environment (see `runtime/environment.py`)."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch


class RefMode(enum.Enum):
    OFF = "off"
    EAGER = "eager"


@dataclass
class Settings:
    """Field names, defaults and meanings are public API: docs/reference/settings.md is generated from here."""

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
    force_autotune: bool = False
    autotune_effort: str = "full"
    autotune_log_level: int = logging.INFO
    autotune_log: str | None = None
    autotune_compile_timeout: int = 60
    autotune_random_seed: int | None = None
    autotune_accuracy_check: bool = True
    autotune_budget_seconds: float | None = None
    autotune_ignore_errors: bool = False
    autotune_config_overrides: Mapping[str, object] = field(default_factory=dict[str, object])
    autotune_baseline_fn: Callable[..., Any] | None = None
    autotune_baseline_atol: float | None = None
    autotune_baseline_rtol: float | None = None
    on_missing: str = "tune"
