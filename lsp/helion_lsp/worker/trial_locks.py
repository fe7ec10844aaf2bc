"""A kernel's text and what a tuning says of its trials in, which of them is locked, and how another would be, out; runs in the worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helion import compiler
from helion.config.space import ConfigSpace
from helion.locks.entries import LockEntry, entries_of_kernel
from helion.source import SourceFile
from helion.syntax.namesakes import kernel_of_editor
from helion.syntax.tree import KernelSyntax
from helion.target import DEFAULT_TARGET, find_target
from helion_lsp.worker.lock_evidence import text_evidence
from helion_lsp.worker.prepared import Prepared, prepare


def locked_form(path: str, text: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """`{config, winner}`: the full form of the config that is locked for `device` and `signature`, null where there is none that fits;
    whether it is that of the config `winner`."""
    kernel = _kernel(path, text, params)
    lock = None if kernel is None else _lock_of(kernel, params["device"], params["signature"])
    found = None if kernel is None or lock is None else _prepared(kernel, params["target"], params["signature"])
    locked = None if lock is None or found is None else _full(found.space, lock.config)
    winner = params["winner"]
    same = found is not None and locked is not None and winner is not None and _full(found.space, winner) == locked
    return {"config": locked, "winner": same}


def trial_to_lock(path: str, text: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """`{config, signature, evidence}`, or `{refused}`: the trial's config without what it need not say, the signature to lock it for, and
    what evidence says of the kernel. It takes the place of the lock that serves the signature on the device, if one does."""
    kernel = _kernel(path, text, params)
    found = None if kernel is None else _prepared(kernel, params["target"], params["args"])
    if kernel is None or found is None:
        return {"refused": "the kernel cannot be compiled as it is"}
    problems = found.space.check(params["config"])
    if problems:
        return {"refused": f"the config does not fit the kernel any more: {problems[0].message()}"}
    lock = _lock_of(kernel, params["device"], params["args"])
    signature = params["args"] if lock is None else lock.signature
    return {"config": dict(found.space.minimize(params["config"])), "signature": signature, "evidence": text_evidence(kernel, found.space)}


def _kernel(path: str, text: str, params: Mapping[str, Any]) -> KernelSyntax | None:
    return kernel_of_editor(compiler.parse(SourceFile(path, text)), params["kernel"])


def _lock_of(kernel: KernelSyntax, device: str, signature: str | None) -> LockEntry | None:
    """The one for the signature, else the one for every signature."""
    own = [entry for entry in entries_of_kernel(kernel) if entry.device == device]
    return next((entry for wanted in (signature, None) for entry in own if entry.signature == wanted), None)


def _prepared(kernel: KernelSyntax, target: str, signature: str | None) -> Prepared | None:
    found = prepare(kernel, find_target(target) or DEFAULT_TARGET, signature)
    return found if isinstance(found, Prepared) else None


def _full(space: ConfigSpace, config: Mapping[str, Any]) -> dict[str, Any] | None:
    """As JSON, which knows no tuples."""
    return None if space.check(config) else json.loads(json.dumps(dict(space.normalize(config))))
