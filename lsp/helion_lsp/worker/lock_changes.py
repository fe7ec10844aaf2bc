"""A document's locks and their evidence in, edits and renewed evidence for commands about locks out: put in order, or kept as they are."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from helion import compiler
from helion.config.space import ConfigSpace
from helion.locks.entries import LockEntry, entries_of_kernel
from helion.locks.evidence import Entry, evidence_among
from helion.locks.ownership import name_in_entry
from helion.locks.staleness import sites_of
from helion.source import SourceFile
from helion.syntax.namesakes import editor_name, kernel_of_editor, place_name
from helion.syntax.tree import KernelSyntax
from helion.target import DEFAULT_TARGET, find_target
from helion.types.untyped import is_mapping
from helion_codemods.commands.remap import EntrySites, remap
from helion_codemods.outcome import Refused, minimal_edit
from helion_lsp.worker.lock_doubts import SpaceOf, config_now, known_evidence, moved_locks
from helion_lsp.worker.lock_evidence import text_evidence
from helion_lsp.worker.prepared import Prepared, prepare


def space_for_lock(kernel: KernelSyntax, device: str, signature: str | None) -> ConfigSpace | None:
    """The kernel's space as a call on the device with these arguments has it; None where it cannot be lowered so."""
    found = prepare(kernel, find_target(device) or DEFAULT_TARGET, signature)
    return found.space if isinstance(found, Prepared) else None


def asks_evidence(params: dict[str, Any]) -> bool:
    """Whether a codemod is a remap that is not told what the lists stood for."""
    return params["name"] == "remap" and {"kernel"} <= params["options"].keys() <= {"kernel", "drop_gone"}


def remap_all(path: str, text: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{refused}`, or `{edit, notes, evidence}`: every lock of a kernel whose lists stood for other places, put in order by what its
    evidence names; the evidence of the new configs says what it was measured as, and when it was remapped."""
    options = params["options"]
    kernel = _kernel(path, text, options["kernel"])
    if kernel is None:
        return {"refused": f"there is no kernel `{options['kernel']}`"}
    known = known_evidence(kernel, params.get("session_locks", ()))
    moved = [(lock, space, evidence_among(known, kernel, lock)) for lock, space in moved_locks(kernel, known, _of(kernel))]
    sites = [_sites(lock, space, entry) for lock, space, entry in moved if is_mapping(entry.get("sites"))]
    outcome = remap(text, place_name(kernel), entries=sites, drop_gone=bool(options.get("drop_gone", False)))
    if isinstance(outcome, Refused):
        return {"refused": outcome.reason}
    edit = minimal_edit(text, outcome.text)
    after = _kernel(path, outcome.text, editor_name(kernel))
    evidence = [] if after is None else [_remapped(after, lock, space, entry) for lock, space, entry in moved]
    made = None if edit is None else [edit.start, edit.end, edit.new_text]
    return {"edit": made, "notes": list(outcome.notes), "released": [], "evidence": evidence}


def accepted(path: str, text: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{refused}`, or `{entry, replaced}`: evidence that says of a lock's config that it is good for the kernel as it is now."""
    kernel = _kernel(path, text, params["kernel"])
    wanted = (params["device"], params.get("signature"))
    lock = None if kernel is None else next((e for e in entries_of_kernel(kernel) if (e.device, e.signature) == wanted), None)
    if kernel is None or lock is None:
        return {"refused": f"`{params['kernel']}` has no such lock any more"}
    space = space_for_lock(kernel, lock.device, lock.signature)
    problems = () if space is None else space.check(lock.config)
    if space is None or problems:
        return {"refused": problems[0].message() if problems else f"`{kernel.name}` does not compile as it is now"}
    before = evidence_among(known_evidence(kernel, params.get("session_locks", ())), kernel, lock)
    measured = {"date": before["date"]} if "date" in before else {}
    entry = {
        "method": "given",
        **before,
        **_key(kernel, lock),
        "config": dict(lock.config),
        **text_evidence(kernel, space),
        **measured,
        "accepted": _today(),
    }
    return {"entry": entry, "replaced": dict(before) or None}


def _kernel(path: str, text: str, name: str) -> KernelSyntax | None:
    return kernel_of_editor(compiler.parse(SourceFile(path, text)), name)


def _of(kernel: KernelSyntax) -> SpaceOf:
    return partial(space_for_lock, kernel)


def _sites(lock: LockEntry, space: ConfigSpace, entry: Entry) -> EntrySites:
    defaults = {k.knob.key: [slot.default for slot in k.slots] for k in space.knobs if k.knob.is_list and k.knob.key != "block_sizes"}
    return EntrySites(lock.device, lock.signature, entry["sites"], sites_of(space), defaults)


def _remapped(kernel: KernelSyntax, lock: LockEntry, space: ConfigSpace, entry: Entry) -> dict[str, Any]:
    config = config_now(kernel, lock.device, lock.signature)
    places = {"sites": sites_of(space), "space_fingerprint": space.fingerprint()}
    new = {**entry, **({} if config is None else {"config": dict(config)}), **places, "remapped": _today()}
    return {"entry": new, "replaced": dict(entry)}


def _key(kernel: KernelSyntax, lock: LockEntry) -> dict[str, Any]:
    return {**name_in_entry(kernel), "device": lock.device, "signature": lock.signature}


def _today() -> str:
    return dt.datetime.now(tz=dt.UTC).date().isoformat()
