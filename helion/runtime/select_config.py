"""Which config the first call of a specialization runs, and why: given, locked, the fastest of several, tuned, or the default."""

from __future__ import annotations

import importlib
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.config.config import Config
from helion.diagnostics.catalog.locks import LockDoesNotFit
from helion.diagnostics.catalog.tuning import TuningUnavailable
from helion.locks.explanation import Explanation
from helion.locks.selection import Selected, select
from helion.locks.staleness import remarks_of
from helion.runtime.devices import identity_of, product_name
from helion.runtime.environment import is_triton_interpreter, may_autotune
from helion.runtime.locks_in_force import evidence_of_lock, kernel_in_text, source_path, tuned_default
from helion.signatures.notation import notation_of_arguments
from helion.syntax.namesakes import place_name

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


@dataclass(frozen=True)
class Choice:
    """`config` is None when it must be found by tuning, among `candidates` if there are any, without the cache when `forced`. `note` is
    what to print when it is used, `note_once` what to print the first time a kernel is so served: a choice that nobody wrote down is
    never silent. One that goes `by_size` is another in calls of the same specialization with other sizes. `evidence` is what is known of
    a choice that is no lock, `problem` what a call raises."""

    config: Config | None
    reason: str
    candidates: tuple[Config, ...] = ()
    note: str | None = None
    note_once: str | None = None
    forced: bool = False
    by_size: bool = False
    selected: Selected | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])
    problem: Exception | None = None


def choose(bound: BoundKernel, args: Sequence[Any]) -> Choice:
    """Raises `exc.NoConfigFound` when there is none and `on_missing` is "error", `exc.InvalidConfig` when a lock does not fit."""
    choice = _choice(bound, args)
    if choice.problem is not None:
        raise choice.problem
    return choice


def _choice(bound: BoundKernel, args: Sequence[Any]) -> Choice:
    if bound.settings.force_autotune:
        return Choice(None, "force_autotune is set", forced=True)
    entries = bound.kernel.lock_entries()
    found = select(entries, identity_of(bound.device), notation_of_arguments(args)) if entries else None
    if found is not None:
        return _locked(bound, found, args)
    if len(bound.configs) == 1:
        return Choice(bound.configs[0], "the decorator's only config")
    if len(bound.configs) > 1:
        return _one_of_several(bound)
    return _missing(bound, args)


def _one_of_several(bound: BoundKernel) -> Choice:
    if not _has_speed(bound):
        return Choice(bound.configs[0], "the decorator's first config, since Triton's interpreter has no speed to compare")
    return Choice(None, f"the fastest of the decorator's {len(bound.configs)} configs", tuple(bound.configs))


def _locked(bound: BoundKernel, found: Selected, args: Sequence[Any]) -> Choice:
    """A problem where the entry does not fit the kernel as it is now."""
    entry = found.entry
    words = _misfits(bound, entry.config)
    if words:
        lost = LockDoesNotFit(bound.typed.name_span, bound.kernel.name, entry.device, entry.signature, words, entry.origin)
        return Choice(entry.config, found.reason, selected=found, problem=exc.compile_error([lost], bound.typed.file))
    note = None if found.exact else f"{bound.kernel.name}: {found.reason}; {_remedy(bound, args)}"
    return Choice(entry.config, found.reason, note_once=note, selected=found)


def _remedy(bound: BoundKernel, args: Sequence[Any]) -> str:
    """The command that finds a lock for a call, as it is to be typed."""
    path, kernel = source_path(bound.kernel), kernel_in_text(bound.kernel)
    name = kernel if isinstance(kernel, str) else place_name(kernel)
    file = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    subject = f"{file}::{name}" if path.is_file() else f"FILE::{name}"
    return f"`helion tune {shlex.quote(subject)} --args {shlex.quote(notation_of_arguments(args))} --lock` measures these sizes here"


def _misfits(bound: BoundKernel, config: Config) -> tuple[str, ...]:
    return tuple(problem.message() for problem in bound.config_spec.check(config))


def _missing(bound: BoundKernel, args: Sequence[Any]) -> Choice:
    settings = bound.settings
    lacking = f"no entry of the decorator serves {notation_of_arguments(args)} here, and " if bound.kernel.lock_entries() else ""
    if settings.on_missing == "error":
        reason = f"{lacking or 'there is no config, and '}on_missing is 'error'"
        return Choice(None, reason, problem=exc.NoConfigFound(f"{bound.kernel.name}: {reason}; {_remedy(bound, args)}"))
    if settings.on_missing == "default":
        return _default(bound, args, lacking, "on_missing is 'default'")
    if settings.autotune_effort == "none":
        return _default(bound, args, lacking, "autotune_effort is 'none'")
    if not _has_speed(bound):
        return _default(bound, args, lacking, "Triton's interpreter has no speed to tune")
    kept = tuned_default(bound.kernel, bound.syntax, product_name(bound.device), notation_of_arguments(args))
    if kept:
        default = bound.config_spec.minimize(bound.config_spec.default())
        return Choice(default, f"the default config: {kept.get('verdict', 'it was tuned and stays')}", evidence=kept)
    return Choice(None, f"{lacking}on_missing is 'tune'; tuned at the first call with effort {settings.autotune_effort!r}")


def _default(bound: BoundKernel, args: Sequence[Any], lacking: str, why: str) -> Choice:
    """`lacking` says which lock is missing, where there are others."""
    config = bound.config_spec.minimize(bound.defaults.config_of(args))
    reason = f"the default config, since {lacking}{why}"
    note = f"Using default config: {bound.format_kernel_decorator(config)}"
    is_missing = lacking or bound.settings.on_missing == "default"
    once = f"{bound.kernel.name}: {reason}; {_remedy(bound, args)}" if is_missing else None
    return Choice(config, reason, note=note, note_once=once, by_size=bound.defaults.has_several)


def config_of_choice(bound: BoundKernel, choice: Choice, args: Sequence[Any], **options: Any) -> Config:
    """The config, tuned now if need be. Raises `exc.AutotuneError`, of which `exc.AutotuningDisallowedInEnvironment` is one and
    `exc.NoConfigFound` another, with the reasons."""
    if choice.config is not None:
        if choice.note is not None:
            print(choice.note, file=sys.stderr)
        if choice.note_once is not None:
            bound.kernel.say_once(choice.note_once)
        return choice.config
    if not may_autotune() and not choice.candidates:
        words = f"{bound.kernel.name} has no config to run ({choice.reason}), and HELION_DISALLOW_AUTOTUNING is set"
        raise exc.AutotuningDisallowedInEnvironment(words)
    if not _has_speed(bound):
        why = f"{choice.reason}, and times in Triton's interpreter say nothing"
        raise exc.compile_error([TuningUnavailable(bound.typed.name_span, bound.kernel.name, why)], bound.typed.file)
    tuner: Any = importlib.import_module("helion.runtime.choose_tuner")  # imports every search, of which most calls need none
    return tuner.tuned(bound, args, choice.candidates, fresh=choice.forced, **options)


def explain_choice(bound: BoundKernel, args: Sequence[Any]) -> Explanation:
    """The choice of a call with these arguments as data, also where the call would raise; nothing is compiled, tuned or installed."""
    choice = _choice(bound, args)
    kernel, device = bound.kernel, identity_of(bound.device)
    here = (device.product,)
    passed_over = tuple(dict.fromkeys(e.device for e in kernel.lock_entries() if e.device not in device.keys))
    explained = Explanation(kernel.name, choice.reason, choice.config, notation_of_arguments(args), device)
    if choice.selected is None and not choice.evidence:
        fails = () if choice.problem is None else (("error", f"such a call raises helion.exc.{type(choice.problem).__name__}"),)
        return replace(explained, remarks=fails, passed_over=passed_over)
    evidence = choice.evidence if choice.selected is None else evidence_of_lock(kernel, choice.selected.entry)
    stale = remarks_of(evidence, bound.syntax, bound.config_spec, here)
    misfits = () if choice.problem is None or choice.config is None else _misfits(bound, choice.config)
    remarks = (*(("error", words) for words in misfits), *((remark.severity.value, remark.words) for remark in stale))
    return replace(explained, selected=choice.selected, evidence=evidence, remarks=remarks)


def _has_speed(bound: BoundKernel) -> bool:
    """Whether times mean something: on a GPU, or by the user's own clock."""
    return not is_triton_interpreter() or bound.settings.autotune_benchmark_fn is not None
