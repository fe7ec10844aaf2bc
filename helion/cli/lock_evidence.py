"""What a lock's sidecar entry says besides the config: hashes, sites, versions, the date, and how it was found."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from typing import Any

import torch

from helion.cli.subject import Subject
from helion.config.space import ConfigSpace
from helion.locks.kernel_hash import kernel_hash


def evidence_of(subject: Subject, space: ConfigSpace, *, method: str, **found: Any) -> dict[str, object]:
    """JSON-ready facts; `method` is "measured", "model" (estimated) or "given" (by hand)."""
    sites: dict[str, list[str]] = {}
    for key, slot in space.slots:
        sites.setdefault(key, []).append(slot.site)
    return {
        "method": method,
        "estimated": method == "model",
        "kernel_hash": kernel_hash(subject.kernel),
        "space_fingerprint": space.fingerprint(),
        "sites": sites,
        "versions": {"torch": torch.__version__, "triton": _version("triton"), "helion-toolkit": _version("helion-toolkit")},
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        **found,
    }


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "?"
