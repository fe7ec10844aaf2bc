"""The command "lock this one instead": a trial of a tuning, by its number, written into the decorator as its winner would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.trials.record import TuningRecord
from helion.trials.trial import Trial
from helion_lsp.commands.tuning import Tuned
from helion_lsp.commands.write_lock import write_lock
from helion_lsp.front.heard_tunings import RUNNING
from helion_lsp.front.server import HelionServer
from helion_lsp.front.tunings import Kept, staleness
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document

# What a sidecar keeps of a tuning's result when it is the winner that is locked.
_OF_WINNER = ("us", "noise_us", "current_us", "significant", "correctness", "resources", "partial", "reason")
_OF_TUNING = ("search", "default_us", "failures", "seconds")


async def lock_trial(ls: HelionServer, uri: str, kernel: str, tuning: str, number: int) -> dict[str, Any]:
    """`{locked, message, estimated?, config?, device?}`. Refused where the trial says nothing of the kernel as it is."""
    document = ls.documents.documents.get(uri)
    if document is None or not ls.trusted:
        return _refused("the document is not open" if ls.trusted else "the workspace is not trusted")
    kept = await ls.tuned.find(document, kernel, tuning)
    record = None if kept is None else kept.record()
    if kept is None or record is None:
        return _refused("the tuning is not known any more")
    trial = record.trials[number - 1] if 0 < number <= len(record.trials) else None
    why_not = _why_not(document, kernel, kept, trial)
    if trial is None or why_not is not None:
        return _refused(why_not or f"the tuning has no trial {number}")
    found = await _tuned(ls, document, kernel, kept, record, trial, is_winner=number == record.winner)
    return _refused(found) if isinstance(found, str) else await write_lock(ls, uri, kernel, found)


def _why_not(document: Document, kernel: str, kept: Kept, trial: Trial | None) -> str | None:
    if kept.state == RUNNING:
        return "the tuning is still running: its end would replace the lock; cancel it first"
    if trial is not None and trial.outcome.failure is not None:
        return f"this config does not work: {trial.outcome.failure.kind}"
    stale = staleness(document, kernel, kept.header)
    return None if stale is None else f"the trial is stale: {stale}; tune again"


async def _tuned(
    ls: HelionServer, document: Document, kernel: str, kept: Kept, record: TuningRecord, trial: Trial, *, is_winner: bool
) -> Tuned | str:
    """What is to be locked, or why it cannot be."""
    header = record.header
    asked = {"kernel": kernel, "config": dict(trial.config), "target": header.get("target"), "args": header.get("signature")}
    asked |= {"device": header.get("device")}
    try:
        found = await ls.worker.request("trialToLock", document.path, document.file.text, asked)
    except WorkerUnavailable as problem:
        return f"the config could not be written: {problem}"
    if "refused" in found:
        return str(found["refused"])
    sites: Mapping[str, Any] = header.get("sites") or {}
    moved = [key for key, names in sites.items() if key in trial.config and names != found["evidence"]["sites"].get(key, [])]
    if moved:
        return f"the trial is stale: {', '.join(moved)} stood for other places of the kernel; tune again"
    heard = kept.heard
    signature = heard.lock_signature if heard is not None and heard.has_lock_signature else found["signature"]
    evidence = {**found["evidence"], **_evidence(kept, record, trial, is_winner=is_winner)}
    device, estimated = str(header.get("device")), evidence["estimated"]
    return Tuned(found["config"], device, signature, float(evidence["us"]), estimated, evidence)


def _evidence(kept: Kept, record: TuningRecord, trial: Trial, *, is_winner: bool) -> dict[str, Any]:
    """What a sidecar says of the trial; one that was not the winner was neither timed again nor checked, and was `chosen`."""
    header, result, outcome = record.header, record.result, trial.outcome
    default = None if record.default is None else record.default.outcome.microseconds
    plain: Mapping[str, Any] = {
        "method": header.get("method"),
        "estimated": header.get("method") == "model",
        "target": header.get("target"),
        "measured_on": result.get("device", header.get("device")),
        "us": outcome.microseconds,
        "noise_us": outcome.noise,
        "default_us": default,
        "resources": dict(outcome.resources),
        "trials": len(record.trials),
        "date": kept.day,
    }
    versions = {"versions": dict(header["versions"])} if "versions" in header else {}
    kept_keys = (*_OF_TUNING, *_OF_WINNER) if is_winner else _OF_TUNING
    told = {key: result[key] for key in kept_keys if result.get(key) is not None}
    return {**plain, **versions, **told, **({} if is_winner else {"chosen": True})}


def _refused(message: str) -> dict[str, Any]:
    return {"locked": False, "message": message}
