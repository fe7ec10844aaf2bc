"""The options of one kernel that are not tuned, as a plain value; reads no environment (see `runtime/environment.py`)."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, TypedDict

import torch


class RefMode(enum.Enum):
    """Who runs a kernel: `OFF`, its generated code; `EAGER`, Python itself, statement by statement, on any device."""

    OFF = "off"
    EAGER = "eager"


@dataclass(frozen=True)
class CodeOptions:
    """The settings that change the code of every config."""

    dot_precision: str = "tf32"
    reserved_sms: int = 0
    allow_warp_specialize: bool = True
    debug_dtype_asserts: bool = False
    fast_math: bool = False
    do_not_specialize: bool = False
    control_files: tuple[str, ...] = ()
    plain_defaults: bool = False


@dataclass
class Settings:
    """Field names, defaults and meanings are public API."""

    static_shapes: bool = True
    """Whether sizes and strides are part of the specialization and literals in the code; else they are arguments."""
    index_dtype: torch.dtype | None = None
    """The dtype of index arithmetic; None takes 64 bits where an access needs them and 32 elsewhere."""
    dot_precision: str = "tf32"
    """How float32 operands are multiplied: `tf32`, `tf32x3`, `ieee`, `bf16x3`, `bf16x6`, or torch's `default`, `high`, `highest`."""
    persistent_reserved_sms: int = 0
    """Multiprocessors that persistent programs leave free."""
    allow_warp_specialize: bool = True
    """Whether configs have `range_warp_specializes`."""
    debug_dtype_asserts: bool = False
    """Whether generated code asserts, when Triton compiles it, that each value has the dtype that the check found."""
    ignore_warnings: list[type[Exception]] = field(default_factory=list[type[Exception]])
    """Warning classes of `helion.exc` that are not printed, with their subclasses."""
    print_output_code: bool = False
    """Whether generated code is printed on stderr, once a compiled config."""
    print_repro: bool = False
    """Whether each call, and each failure to compile, prints a script that does the same."""
    output_origin_lines: bool = True
    """Whether printed code has comments that say which line of the kernel it comes from."""
    ref_mode: RefMode = RefMode.OFF
    """`RefMode.EAGER` runs the kernel's own statements eagerly and compiles nothing."""
    fast_math: bool = False
    """Whether sigmoid, division in it, sqrt, sin, cos, tan, log and pow of float32 use the hardware's approximations."""
    triton_do_not_specialize: bool = False
    """Whether Triton compiles one binary whatever the values of integer arguments are: none for 1 or multiples of 16."""
    torch_compile_fusion: bool = False
    """Whether `torch.compile` may fuse neighbours into the kernel. Here a kernel is one opaque operation of the graph."""
    autotune_with_torch_compile_fusion: bool = False
    """Whether tuning measures with what `torch.compile` fused."""
    backend: str = "triton"
    """What code is generated for; Triton is the one there is."""
    distributed: bool = False
    """Whether ranks agree on a config. Here each process selects its own."""
    disable_autotuner_heuristics: bool = False
    """Whether the default config is the plain one, not what the kernel's kind and the device suggest."""
    force_autotune: bool = False
    """Whether the first call tunes although configs are given or cached; what it finds is cached."""
    autotune_effort: str = "full"
    """`none` runs the default config, `quick` and `full` say how long to search."""
    autotune_log_level: int = logging.INFO
    """What tuning says on stderr, as levels of `logging`; 0 for nothing."""
    autotune_log: str | None = None
    """The base path of a tuning's table of trials, which gets `.csv`, and of its log, `.log`; written anew each time."""
    autotune_log_details: bool = False
    """Whether a table of trials has a `.meta.jsonl` beside it: one line a trial with all that is known of it."""
    autotune_log_search_space: bool = False
    """Whether tuning says first what may be tuned."""
    autotune_log_search_space_verbose: bool = False
    """The same with every value of every place."""
    autotune_log_search_space_path: str | None = None
    """The file that gets what may be tuned, instead of stderr."""
    autotune_compile_timeout: int = 60
    """Seconds that compiling one candidate may take."""
    autotune_adaptive_timeout: bool = True
    """Whether that is shortened to what candidates have needed so far, 30 seconds at least."""
    autotune_precompile: str | None = "fork"
    """Whether candidates are compiled ahead in processes of their own (`fork` and `spawn` alike), or not (None)."""
    autotune_precompile_jobs: int | None = None
    """How many at once; None for one a CPU core."""
    autotune_benchmark_subprocess: bool = False
    """Whether candidates of a call's tuning are timed in another process. They are not: it has only this process's tensors."""
    autotune_benchmark_timeout: int = 30
    """Seconds that timing one candidate may take where a process of its own does it (`helion tune`), which can be ended."""
    autotune_random_seed: int | None = None
    """The seed of the search; None for the time."""
    autotune_accuracy_check: bool = True
    """Whether a candidate whose results differ from the baseline's is dropped."""
    autotune_rebenchmark_threshold: float | None = None
    """Candidates within this factor of the best are timed again; None for the few best."""
    autotune_suspicious_rebenchmark_ratio: float | None = None
    """A candidate faster than this factor of the best so far is timed again before it is believed; None for 0.9."""
    autotune_progress_bar: bool = True
    """Whether a terminal shows how far tuning is."""
    autotune_max_generations: int | None = None
    """A cap on the rounds of searches that have rounds."""
    autotune_force_persistent: bool = False
    """Whether only persistent programs are tried."""
    autotune_budget_seconds: float | None = None
    """Seconds that a tuning may take; None for the usual minute."""
    autotune_best_of_k: int = 1
    """How often the search is run; the best of all is taken."""
    autotune_ignore_errors: bool = False
    """Whether candidates that fail in an unexpected way are passed over without a word."""
    autotune_config_overrides: Mapping[str, object] = field(default_factory=dict[str, object])
    """Keys and values that every candidate gets."""
    autotune_config_filter: Callable[[Any], Any] | None = None
    """Changes a candidate, or drops it by returning None."""
    autotune_seed_configs: Sequence[Any] | None = None
    """Configs to try first."""
    autotune_initial_population_strategy: str | None = None
    """`from_random`, or `from_best_available`: begin with configs cached for other arguments. None for the effort's: `quick` does."""
    autotune_best_available_max_configs: int = 20
    """How many cached configs a search begins with at most."""
    autotune_best_available_max_cache_scan: int = 500
    """How many cache files are read for them at most, the newest first."""
    autotune_search_acf: Sequence[str] = ()
    """ptxas control files to try, as values of the config's `advanced_controls_file`."""
    autotune_cache: str = "LocalAutotuneCache"
    """The class of `helion.autotuner.cache_classes` that keeps results."""
    autotuner_fn: Callable[..., Any] | None = None
    """Makes the search: `(bound_kernel, args, **options)` to something with `autotune(skip_cache=...)`."""
    autotune_benchmark_fn: Callable[..., list[float]] | None = None
    """Times candidates instead of the device's clock: `(fns, *, repeat, desc=None)` to milliseconds."""
    autotune_baseline_fn: Callable[..., Any] | None = None
    """What candidates must agree with; None for the default config."""
    autotune_baseline_accuracy_check_fn: Callable[[Any, Any], None] | None = None
    """Raises AssertionError where `(actual, expected)` are not close enough."""
    autotune_baseline_atol: float | None = None
    """The absolute tolerance; None for 1e-2, and 0 where all results have 8 bits."""
    autotune_baseline_rtol: float | None = None
    """The relative tolerance, likewise."""
    on_missing: str = "tune"
    """What a call does that no config and no lock serves: `tune`, `default` or `error`."""

    def to_dict(self) -> dict[str, Any]:
        """Every field by name; the values are the settings' own, not copies."""
        return {name: getattr(self, name) for name in FIELD_NAMES}

    def without_effect(self) -> tuple[tuple[str, str], ...]:
        """The fields that ask for what does not exist here, each with the reason; accepted, so that kernels written with them run."""
        plain = Settings()
        return tuple((name, reason) for name, reason in WITHOUT_EFFECT.items() if getattr(self, name) != getattr(plain, name))

    def code_options(self) -> CodeOptions:
        """What code generation needs to know of the settings."""
        return CodeOptions(
            dot_precision=self.dot_precision,
            reserved_sms=self.persistent_reserved_sms,
            allow_warp_specialize=self.allow_warp_specialize,
            debug_dtype_asserts=self.debug_dtype_asserts,
            fast_math=self.fast_math,
            do_not_specialize=self.triton_do_not_specialize,
            control_files=tuple(self.autotune_search_acf),
            plain_defaults=self.disable_autotuner_heuristics,
        )

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
    torch_compile_fusion: bool
    autotune_with_torch_compile_fusion: bool
    backend: str
    distributed: bool
    disable_autotuner_heuristics: bool
    force_autotune: bool
    autotune_effort: str
    autotune_log_level: int
    autotune_log: str | None
    autotune_log_details: bool
    autotune_log_search_space: bool
    autotune_log_search_space_verbose: bool
    autotune_log_search_space_path: str | None
    autotune_compile_timeout: int
    autotune_adaptive_timeout: bool
    autotune_precompile: str | None
    autotune_precompile_jobs: int | None
    autotune_benchmark_subprocess: bool
    autotune_benchmark_timeout: int
    autotune_random_seed: int | None
    autotune_accuracy_check: bool
    autotune_rebenchmark_threshold: float | None
    autotune_suspicious_rebenchmark_ratio: float | None
    autotune_progress_bar: bool
    autotune_max_generations: int | None
    autotune_force_persistent: bool
    autotune_budget_seconds: float | None
    autotune_best_of_k: int
    autotune_ignore_errors: bool
    autotune_config_overrides: Mapping[str, object]
    autotune_config_filter: Callable[[Any], Any] | None
    autotune_seed_configs: Sequence[Any] | None
    autotune_initial_population_strategy: str | None
    autotune_best_available_max_configs: int
    autotune_best_available_max_cache_scan: int
    autotune_search_acf: Sequence[str]
    autotune_cache: str
    autotuner_fn: Callable[..., Any] | None
    autotune_benchmark_fn: Callable[..., list[float]] | None
    autotune_baseline_fn: Callable[..., Any] | None
    autotune_baseline_accuracy_check_fn: Callable[[Any, Any], None] | None
    autotune_baseline_atol: float | None
    autotune_baseline_rtol: float | None
    on_missing: str


FIELD_NAMES = tuple(f.name for f in fields(Settings))

# torch's words for how float32 operands are multiplied, and Triton's for the same.
DOT_PRECISIONS: Mapping[str, str] = MappingProxyType({"default": "tf32", "high": "tf32x3", "highest": "ieee"})
CHOICES: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "index_dtype": (None, torch.int32, torch.int64),
        "dot_precision": ("tf32", "tf32x3", "ieee", "bf16x3", "bf16x6", *DOT_PRECISIONS),
        "autotune_effort": ("none", "quick", "full"),
        "autotune_precompile": ("fork", "spawn", "", None),
        "autotune_initial_population_strategy": (None, "from_random", "from_best_available"),
        "backend": ("triton",),
        "on_missing": ("tune", "default", "error"),
    }
)
FLAGS = frozenset(f.name for f in fields(Settings) if isinstance(f.default, bool))
_NUMBERS = frozenset(f.name for f in fields(Settings) if str(f.type).removesuffix(" | None") in ("int", "float"))
_TEXTS = frozenset(f.name for f in fields(Settings) if str(f.type).removesuffix(" | None") == "str")


def refusal(name: str, value: object) -> str | None:
    """What a field takes, in words, where `value` is none of it; None where it is, and for fields that take anything."""
    if name in CHOICES:
        return None if value in CHOICES[name] else f"one of {', '.join(map(str, CHOICES[name]))}"
    if name in FLAGS:
        return None if isinstance(value, int) else "True or False"
    if name in _NUMBERS and isinstance(value, str | Sequence | Mapping):
        return "a number"
    if name == "autotune_best_of_k" and isinstance(value, int) and value < 1:
        return "at least 1"
    if name in _TEXTS and isinstance(value, bool | int | float | Sequence | Mapping) and not isinstance(value, str):
        return "text"
    return None


# A test keeps this list exact: a field is read somewhere in the toolkit, or it is here with the reason why it has nothing to change.
WITHOUT_EFFECT: Mapping[str, str] = MappingProxyType(
    {
        "torch_compile_fusion": "a kernel is one opaque operation to torch.compile; what stands beside it is fused without it",
        "autotune_with_torch_compile_fusion": "a kernel is one opaque operation to torch.compile: there is no fused form to measure",
        "autotune_benchmark_subprocess": (
            "a call's tuning has the call's own tensors and so measures in this process; `helion tune` measures in a process of its own"
        ),
        "distributed": "each process selects its configs by itself; give every rank the same `config=`, or locks",
    }
)
