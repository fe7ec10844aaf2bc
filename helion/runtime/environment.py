"""The only reader of the environment: `HELION_*` variables in, settings and paths out."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from helion.settings import RefMode, Settings

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_BOOLS = (
    "static_shapes",
    "allow_warp_specialize",
    "debug_dtype_asserts",
    "print_output_code",
    "print_repro",
    "output_origin_lines",
    "force_autotune",
    "autotune_accuracy_check",
    "autotune_ignore_errors",
)
_TEXTS = ("autotune_effort", "autotune_log", "on_missing")
_INTS = ("persistent_reserved_sms", "autotune_compile_timeout", "autotune_random_seed")


def _flag(name: str) -> bool | None:
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"{name} must be one of 1/true/yes/on or 0/false/no/off, not {text!r}")  # noqa: TRY003 - public behaviour


def settings_from_environment(explicit: dict[str, Any]) -> Settings:
    """Settings with what the environment says, under what the decorator says. Raises TypeError for unknown names, ValueError for
    values the environment spells wrongly."""
    known = {field.name for field in fields(Settings)}
    unknown = set(explicit) - known
    if unknown:
        raise TypeError(f"unknown settings: {', '.join(sorted(unknown))}")  # noqa: TRY003 - public behaviour
    values: dict[str, Any] = {}
    for name in _BOOLS:
        flag = _flag(f"HELION_{name.upper()}")
        if flag is not None:
            values[name] = flag
    for name in _TEXTS:
        if text := os.environ.get(f"HELION_{name.upper()}"):
            values[name] = text
    for name in _INTS:
        if text := os.environ.get(f"HELION_{name.upper()}"):
            values[name] = int(text)
    if text := os.environ.get("HELION_INDEX_DTYPE"):
        values["index_dtype"] = None if text == "auto" else getattr(torch, text.removeprefix("torch."))
    if text := os.environ.get("TRITON_F32_DEFAULT"):
        values["dot_precision"] = text
    if text := os.environ.get("HELION_AUTOTUNE_BUDGET_SECONDS"):
        values["autotune_budget_seconds"] = float(text)
    if _flag("HELION_INTERPRET"):
        values["ref_mode"] = RefMode.EAGER
    return Settings(**(values | explicit))


def is_triton_interpreter() -> bool:
    """Whether Triton runs kernels in its interpreter, on CPU tensors."""
    return bool(_flag("TRITON_INTERPRET"))


def may_autotune() -> bool:
    """Whether the environment allows tuning when a kernel is called."""
    return not _flag("HELION_DISALLOW_AUTOTUNING")


def cache_directory() -> Path:
    """Where generated code and tuning results are kept."""
    if explicit := os.environ.get("HELION_CACHE_DIR"):
        return Path(explicit)
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "helion-toolkit"
