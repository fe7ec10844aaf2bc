"""The only reader of the environment: `HELION_*` variables in, settings, policies and paths out."""

from __future__ import annotations

import dataclasses
import difflib
import getpass
import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from helion import exc
from helion.environment_names import NO, YES, variable_of
from helion.runtime.check_settings import check_settings
from helion.settings import DOT_PRECISIONS, RefMode, Settings

PROJECT_LOCKS = "helion-locks"


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in YES:
        return True
    if lowered in NO:
        return False
    raise ValueError(f"must be one of 1/true/yes/on or 0/false/no/off, not {text!r}")


def _dtype(text: str) -> torch.dtype | None:
    found = getattr(torch, text.removeprefix("torch."), None)
    if text != "auto" and not isinstance(found, torch.dtype):
        raise ValueError(f"{text!r} is not a torch dtype")
    return None if text == "auto" else found


def _warning_classes(text: str) -> list[type[Exception]]:
    return [_warning_class(name.strip()) for name in text.split(",") if name.strip()]


def _warning_class(name: str) -> type[Exception]:
    found = getattr(exc, name, None)
    if not (isinstance(found, type) and issubclass(found, exc.BaseWarning)):
        raise ValueError(f"{name!r} is not a warning of helion.exc")
    return found


def _log_level(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else logging.getLevelNamesMapping()[text.upper()]


def _json(text: str) -> Mapping[str, object]:
    """A JSON object, or the path of a file with one."""
    return json.loads(text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8"))


def _paths(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _precompile(text: str) -> str | None:
    return None if text == "0" else text


# Every field of Settings that the environment can set, as the name after `HELION_` in upper case and how its text is read.
_READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "static_shapes": _flag,
        "index_dtype": _dtype,
        "persistent_reserved_sms": int,
        "allow_warp_specialize": _flag,
        "debug_dtype_asserts": _flag,
        "ignore_warnings": _warning_classes,
        "print_output_code": _flag,
        "print_repro": _flag,
        "output_origin_lines": _flag,
        "fast_math": _flag,
        "triton_do_not_specialize": _flag,
        "torch_compile_fusion": _flag,
        "autotune_with_torch_compile_fusion": _flag,
        "backend": str,
        "distributed": _flag,
        "disable_autotuner_heuristics": _flag,
        "force_autotune": _flag,
        "autotune_effort": str,
        "autotune_log_level": _log_level,
        "autotune_log": str,
        "autotune_log_details": _flag,
        "autotune_log_search_space": _flag,
        "autotune_log_search_space_verbose": _flag,
        "autotune_log_search_space_path": str,
        "autotune_compile_timeout": int,
        "autotune_adaptive_timeout": _flag,
        "autotune_benchmark_subprocess": _flag,
        "autotune_benchmark_timeout": int,
        "autotune_precompile": _precompile,
        "autotune_precompile_jobs": int,
        "autotune_random_seed": int,
        "autotune_accuracy_check": _flag,
        "autotune_progress_bar": _flag,
        "autotune_max_generations": int,
        "autotune_force_persistent": _flag,
        "autotune_budget_seconds": float,
        "autotune_best_of_k": int,
        "autotune_suspicious_rebenchmark_ratio": float,
        "autotune_rebenchmark_threshold": float,
        "autotune_initial_population_strategy": str,
        "autotune_best_available_max_configs": int,
        "autotune_best_available_max_cache_scan": int,
        "autotune_search_acf": _paths,
        "autotune_ignore_errors": _flag,
        "autotune_config_overrides": _json,
        "autotune_cache": str,
        "on_missing": str,
    }
)


def _values() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        variable = variable_of(name)
        if variable is not None and (text := os.environ.get(variable)):
            try:
                found[name] = read(text)
            except (ValueError, KeyError, OSError) as problem:
                raise ValueError(f"{variable}: {problem}") from problem
    if precision := os.environ.get("TRITON_F32_DEFAULT"):
        found["dot_precision"] = precision
    if is_flag_set("HELION_INTERPRET"):
        if is_triton_interpreter():
            raise exc.IncompatibleInterpretModes("HELION_INTERPRET and TRITON_INTERPRET cannot both be set: choose one")
        found["ref_mode"] = RefMode.EAGER
    return found


def _refuse_unknown(explicit: Mapping[str, Any]) -> None:
    known = [field.name for field in dataclasses.fields(Settings)]
    for name in explicit:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            guess = f"; did you mean `{close[0]}`?" if close else ""
            raise TypeError(f"there is no setting `{name}`{guess}")


class EnvironmentSettings(Settings):
    """Settings as users make them: what is not given is taken from the environment, at the time they are made.

    Raises TypeError for unknown names, ValueError for a variable that cannot be read, `exc.InvalidSetting` for a value that a setting
    cannot have.
    """

    def __init__(self, **explicit: Any) -> None:
        _refuse_unknown(explicit)
        super().__init__(**(_values() | explicit))
        check_settings(self)
        self.dot_precision = DOT_PRECISIONS.get(self.dot_precision, self.dot_precision)

    def check_autotuning_disabled(self) -> None:
        """Raises `exc.AutotuningDisallowedInEnvironment` when `HELION_DISALLOW_AUTOTUNING` is set."""
        if not may_autotune():
            raise exc.AutotuningDisallowedInEnvironment("HELION_DISALLOW_AUTOTUNING is set: give the kernel a config")


def is_flag_set(variable: str) -> bool:
    """Whether a yes/no variable says yes. Raises ValueError when it says neither."""
    text = os.environ.get(variable)
    return bool(text) and _flag(text)


def is_triton_interpreter() -> bool:
    """Whether Triton runs kernels in its interpreter, on CPU tensors."""
    return is_flag_set("TRITON_INTERPRET")


def may_autotune() -> bool:
    """Whether the environment allows tuning when a kernel is called."""
    return not is_flag_set("HELION_DISALLOW_AUTOTUNING")


def autotuner_name() -> str | None:
    """The search that `HELION_AUTOTUNER` picks."""
    return os.environ.get("HELION_AUTOTUNER") or None


def remote_cache_backend() -> str | None:
    """The class that keeps configs for the remote caches, as `HELION_REMOTE_CACHE_BACKEND` names it."""
    return os.environ.get("HELION_REMOTE_CACHE_BACKEND") or None


def heuristic_directory() -> Path | None:
    """Where decision files of `helion.aot_kernel` are looked for first: `HELION_HEURISTIC_DIR`."""
    explicit = os.environ.get("HELION_HEURISTIC_DIR")
    return Path(explicit) if explicit else None


def aot_plan_path() -> Path | None:
    """What the runner of ahead-of-time kernels asks of this process: `HELION_AOT_PLAN`, a file that it wrote."""
    explicit = os.environ.get("HELION_AOT_PLAN")
    return Path(explicit) if explicit else None


def environment_with(**variables: str) -> dict[str, str]:
    """The environment of a child process: this one's, and more."""
    return {**os.environ, **variables}


def may_use_cache() -> bool:
    """Whether tuning results and what Inductor answered are kept and taken from the cache: not with `HELION_SKIP_CACHE` at anything but 0
    and false."""
    return os.environ.get("HELION_SKIP_CACHE", "").strip().lower() in ("", "0", "false")


def must_hit_cache() -> bool:
    """Whether `HELION_ASSERT_CACHE_HIT` forbids to tune what is not in the cache."""
    return is_flag_set("HELION_ASSERT_CACHE_HIT")


def cache_directory() -> Path:
    """Where generated code, trial logs, tuning results and Inductor's answers are kept: `HELION_CACHE_DIR`, else a folder of
    TorchInductor's cache."""
    if explicit := os.environ.get("HELION_CACHE_DIR"):
        return Path(explicit)
    # As torch._inductor.runtime.cache_dir_utils does, which takes seconds to import; a test compares.
    root = os.environ.get("TORCHINDUCTOR_CACHE_DIR") or str(Path(tempfile.gettempdir()) / f"torchinductor_{_user()}")
    return Path(root) / "helion"


def inductor_variables() -> tuple[tuple[str, str], ...]:
    """The environment variables that TorchInductor reads, in order, besides where its cache is."""
    named = (item for item in os.environ.items() if item[0].startswith("TORCHINDUCTOR_"))
    return tuple(sorted(item for item in named if item[0] != "TORCHINDUCTOR_CACHE_DIR"))


def visible_gpus() -> str | None:
    """The GPUs that this process was pinned to, as CUDA and HIP count them; None when it was not."""
    return os.environ.get("CUDA_VISIBLE_DEVICES") or os.environ.get("HIP_VISIBLE_DEVICES")


def lock_folders() -> tuple[Path, ...]:
    """Where locks are looked for before those of the kernel's own decorator, the strongest first: the folders of `HELION_LOCK_PATH`,
    then `helion-locks` beside the `pyproject.toml` or `.git` above the working directory."""
    given = tuple(Path(part) for part in os.environ.get("HELION_LOCK_PATH", "").split(os.pathsep) if part)
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "pyproject.toml").exists() or (folder / ".git").exists()), None)
    return given if root is None else (*given, root / PROJECT_LOCKS)


def _user() -> str:
    try:
        return re.sub(r'[\\/:*?"<>|]', "_", getpass.getuser())
    except (KeyError, ModuleNotFoundError, OSError):  # a container whose user has no name
        return f"uid_{os.getuid()}" if hasattr(os, "getuid") else "unknown_user"


def log_levels() -> Mapping[str, int]:
    """The loggers that `HELION_LOGS` names (`all` is every one), with the least level to show: INFO, or DEBUG after a `+`."""
    names = (part.strip() for part in os.environ.get("HELION_LOGS", "").split(","))
    return {name.removeprefix("+"): logging.DEBUG if name.startswith("+") else logging.INFO for name in names if name}


def shown_stages() -> frozenset[str]:
    """The stages to print while a kernel compiles: `HELION_SHOW=types,ir,space,triton`."""
    return frozenset(part.strip() for part in os.environ.get("HELION_SHOW", "").split(",") if part.strip())
