"""What is asked about a kernel's tunings in, their list and one of them with its trials out; the client asks again for what is new."""

from __future__ import annotations

import json
from typing import Any

from helion.trials.facts import facts_of, rows_of
from helion.trials.record import TuningRecord
from helion_lsp.front.heard_tunings import RUNNING
from helion_lsp.front.server import HelionServer
from helion_lsp.front.tunings import Kept, staleness
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document


async def on_tunings(ls: HelionServer, params: Any) -> list[dict[str, Any]]:
    """`helion/tunings` {uri, kernel}: [{id, signature, device, estimated, state, date, stale}], the newest first."""
    document = ls.documents.documents.get(params.uri)
    if document is None or not ls.trusted:
        return []
    return [_listed(document, params.kernel, kept) for kept in await ls.tuned.of(document, params.kernel)]


async def on_tuning(ls: HelionServer, params: Any) -> dict[str, Any] | None:
    """`helion/tuning` {uri, kernel, id?, known?}: what `helion report --json` says, with its state and the number of the trial that is
    locked. Where `known` {id, run, trials} is of the same tuning and run, `rows` leaves out its trials, and `after` says how many. Null
    when there is no such tuning."""
    document = ls.documents.documents.get(params.uri)
    if document is None or not ls.trusted:
        return None
    kept = await ls.tuned.find(document, params.kernel, getattr(params, "id", None))
    record = None if kept is None else kept.record()
    if kept is None or record is None:
        return None
    listed, heard = _listed(document, params.kernel, kept), kept.heard
    run = 0 if heard is None else heard.number
    known = getattr(params, "known", None)
    after = int(known.trials) if known is not None and (known.id, known.run) == (kept.name, run) else 0
    live = {
        "run": run,
        "after": after,
        "message": "" if heard is None else heard.message,
        "phase": "" if heard is None else heard.phase,
        "search": record.result.get("search") if heard is None else heard.search,
        "budget_seconds": None if heard is None else heard.budget_seconds,
        "seconds_left": None if heard is None else heard.seconds_left,
        "locked": None if kept.state == RUNNING or listed["stale"] else await _locked(ls, document, params.kernel, record),
    }
    return {**facts_of(record), **listed, **live, "rows": rows_of(record, after)}


def _listed(document: Document, kernel: str, kept: Kept) -> dict[str, Any]:
    header = kept.header
    return {
        "id": kept.name,
        **{key: header.get(key) for key in ("signature", "device", "method")},
        "estimated": header.get("method") == "model",
        "state": kept.state,
        "date": kept.day,
        "stale": staleness(document, kernel, header),
    }


async def _locked(ls: HelionServer, document: Document, kernel: str, record: TuningRecord) -> int | None:
    """The number of the trial whose config the decorator has for the tuning's device and signature."""
    header = record.header
    params = {"kernel": kernel, "winner": record.result.get("config")}
    params |= {key: header.get(key) for key in ("device", "signature", "target")}
    try:
        found = await ls.worker.request("lockedForm", document.path, document.file.text, params)
    except WorkerUnavailable:
        return None
    if found["winner"]:
        return record.winner
    # A log's configs are JSON: compared as that.
    locked = None if found["config"] is None else _canonical(found["config"])
    return next((n for n, trial in enumerate(record.trials, 1) if trial.succeeded and _canonical(dict(trial.config)) == locked), None)


def _canonical(config: dict[str, Any]) -> str:
    return json.dumps(config, sort_keys=True)
