"""A bound kernel in, what a tuned config depends on out, as texts that are the same in every process, and what is kept for it."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import torch

from helion.autotune.config_cache import CacheKey
from helion.locks.kernel_hash import kernel_hash
from helion.locks.versions import current_versions
from helion.runtime.devices import product_name

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def kernel_identity(bound: BoundKernel) -> str:
    """Changes when what the kernel computes may: not with comments, formatting or locks."""
    return kernel_hash(bound.syntax)


def loose_key(bound: BoundKernel, args: tuple[Any, ...]) -> CacheKey:
    """Versions of the toolkit, torch and triton are no part of it: a new one seldom makes another config best."""
    return CacheKey("LocalAutotuneCache", _facts(bound, args))


def strict_key(bound: BoundKernel, args: tuple[Any, ...]) -> CacheKey:
    """As `loose_key`, and the same versions."""
    return CacheKey("StrictLocalAutotuneCache", {**_facts(bound, args), **current_versions()})


def _facts(bound: BoundKernel, args: tuple[Any, ...]) -> dict[str, str]:
    return {
        "kernel": bound.kernel.name,
        "kernel_hash": kernel_identity(bound),
        "specialization": stable_text(bound.kernel.specialization_key(args)),
        "specialized": stable_text(tuple(get(args) for get in bound.specialized)),
        "hardware": product_name(bound.device),
        "runtime": f"hip {torch.version.hip}" if torch.version.hip else f"cuda {torch.version.cuda}",
        "space": bound.config_spec.fingerprint(),
        "best_of_k": str(bound.settings.autotune_best_of_k),
        "dot_precision": bound.settings.dot_precision,
        "fast_math": str(bound.settings.fast_math),
    }


def stable_text(value: Any) -> str:
    """A specialization key as text without addresses and device numbers: functions by their code, devices by their kind."""
    match value:
        case torch.device():
            return value.type
        case types.CodeType():
            constants = tuple(stable_text(constant) for constant in value.co_consts)
            facts = repr((value.co_code, constants, value.co_names, value.co_varnames)).encode()
            return f"{value.co_name}:{hashlib.sha256(facts).hexdigest()[:16]}"
        case torch.Size():
            return repr(tuple(value))
        case tuple() | list():
            items = cast("tuple[Any, ...]", value)
            return f"({', '.join(stable_text(item) for item in items)})"
        case frozenset():
            return f"{{{', '.join(sorted(stable_text(item) for item in cast('frozenset[Any]', value)))}}}"
        case type() | types.FunctionType() | types.BuiltinFunctionType():
            named: Callable[..., Any] = value
            return f"{named.__module__}.{named.__qualname__}"
        case _:
            return repr(value)
