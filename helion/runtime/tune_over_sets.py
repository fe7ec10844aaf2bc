"""A kernel and several sets of arguments in, the one config that serves all of them best out."""

from __future__ import annotations

import hashlib
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.autotune.config_cache import CacheKey, read_config, write_config
from helion.config.config import Config
from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.runtime.cache_key import kernel_identity, loose_key
from helion.runtime.environment import cache_directory, may_use_cache
from helion.runtime.live_subject import LiveSubject
from helion.runtime.shapes_only import tensors_of
from helion.source import Span
from helion.types.untyped import is_sequence

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel
    from helion.runtime.kernel import Kernel

_AGGREGATIONS: Mapping[str, Callable[[Sequence[float]], float]] = MappingProxyType({"geomean": statistics.geometric_mean, "max": max})
_RELATIVES = (None, "default", "baseline")


@dataclass(frozen=True)
class Goal:
    """`aggregation` of the times of one config is what is made small; each time is divided by that of what it is `relative_to`."""

    aggregation: str = "geomean"
    relative_to: str | None = None
    cache_tag: str | None = None


def tune_over_sets(kernel: Kernel, arg_sets: Sequence[Any], goal: Goal, *, force: bool, options: Mapping[str, Any]) -> Config:
    """Each set is tuned by itself; then every winner and every default is timed for every set. Installs the result for all sets.

    Raises `exc.InvalidAPIUsage` for wrong arguments, `exc.NoConfigFound` when no config works for all.
    """
    _check(kernel, arg_sets, goal)
    sets = [kernel.normalize_args(*args) for args in arg_sets]
    bounds: list[BoundKernel] = [kernel.bind(args) for args in sets]  # pyright: ignore[reportAssignmentType]  # no set is run eagerly
    key = _key(bounds, sets, goal)
    known = read_config(cache_directory(), key) if may_use_cache() and not force else None
    if known is None or any(bound.config_spec.check(known) for bound in bounds):
        known = _searched(bounds, sets, goal, force, options)
        if may_use_cache():
            write_config(cache_directory(), key, known)
    for bound in bounds:
        bound.set_config(known)
    return known


def _searched(bounds: Sequence[BoundKernel], sets: Sequence[Any], goal: Goal, force: bool, options: Mapping[str, Any]) -> Config:
    winners = [bound.autotune(args, force=force, **options) for bound, args in zip(bounds, sets, strict=True)]
    defaults = [bound.config_spec.minimize(bound.config_spec.default()) for bound in bounds]
    candidates = [c for c in dict.fromkeys((*defaults, *winners)) if not any(bound.config_spec.check(c) for bound in bounds)]
    score = _AGGREGATIONS[goal.aggregation]
    units = [_unit(bound, args, default, goal) for bound, args, default in zip(bounds, sets, defaults, strict=True)]
    scores: dict[Config, float] = {}
    for candidate in candidates:
        times = [_time(bound, args, candidate) for bound, args in zip(bounds, sets, strict=True)]
        scores[candidate] = score([time / unit for time, unit in zip(times, units, strict=True)]) if math.inf not in times else math.inf
    best = min(scores, key=scores.__getitem__, default=None)
    if best is None or scores[best] == math.inf:
        raise exc.NoConfigFound(f"{bounds[0].kernel.name}: no config works for all {len(bounds)} sets of arguments")
    return best


def _time(bound: BoundKernel, args: Sequence[Any], config: Config) -> float:
    """Microseconds; infinite for a config that cannot run these arguments."""
    try:
        return _clocked(bound, args, bound.compile_config(config, allow_print=False))
    except Exception as problem:
        if isinstance(problem, exc.Base) or not type(problem).__module__.startswith("triton."):
            raise
        return math.inf


def _clocked(bound: BoundKernel, args: Sequence[Any], function: Callable[..., Any]) -> float:
    subject = LiveSubject(bound, args)
    inputs = subject.inputs(0)
    return subject.make_timer().time(lambda: function(*inputs), None).microseconds


def _unit(bound: BoundKernel, args: Sequence[Any], default: Config, goal: Goal) -> float:
    if goal.relative_to == "default":
        return _time(bound, args, default)
    baseline = bound.settings.autotune_baseline_fn
    return 1.0 if goal.relative_to is None or baseline is None else _clocked(bound, args, baseline)


def _check(kernel: Kernel, arg_sets: object, goal: Goal) -> None:
    """Raises `exc.InvalidAPIUsage`."""
    if not is_sequence(arg_sets) or not arg_sets or not all(is_sequence(args) for args in arg_sets):
        raise _misuse("`arg_sets` must be a list of tuples of arguments, one at least")
    if goal.aggregation not in _AGGREGATIONS:
        raise _misuse(f"`aggregation` is {goal.aggregation!r}; one of {', '.join(map(repr, _AGGREGATIONS))}")
    if goal.relative_to not in _RELATIVES:
        raise _misuse(f"`relative_to` is {goal.relative_to!r}; one of {', '.join(map(repr, _RELATIVES))}")
    if goal.relative_to == "baseline" and kernel.settings.autotune_baseline_fn is None:
        raise _misuse("`relative_to` is 'baseline', and the kernel has no autotune_baseline_fn")
    if goal.cache_tag is None and not _tells_sets_apart(kernel, arg_sets):
        raise _misuse("with dynamic shapes, numbers or functions among the arguments, `cache_tag` must name the sets")


def _tells_sets_apart(kernel: Kernel, arg_sets: Sequence[Any]) -> bool:
    """Whether specialization keys say all of the arguments that matters for speed."""
    others = [value for args in arg_sets for value in args if not tensors_of([value])]
    return kernel.settings.static_shapes and not any(isinstance(v, int | float) or callable(v) for v in others)


def _misuse(why: str) -> exc.CompileError:
    return exc.compile_error([InvalidArgument(Span(0, 0), "autotune_multi", why)])


def _key(bounds: Sequence[BoundKernel], sets: Sequence[Any], goal: Goal) -> CacheKey:
    digests = "".join(loose_key(bound, args).digest() for bound, args in zip(bounds, sets, strict=True))
    fields = {
        "kernel": bounds[0].kernel.name,
        "kernel_hash": kernel_identity(bounds[0]),
        "sets": hashlib.sha256(digests.encode()).hexdigest(),
        "goal": repr(goal),
    }
    return CacheKey("autotune_multi", fields)
