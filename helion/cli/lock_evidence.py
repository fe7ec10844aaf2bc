"""What a lock's sidecar entry says besides the config: hashes, sites, versions, the date, and how it was found."""

from __future__ import annotations

import datetime as dt
from typing import Any

import torch

from helion.cli.subject import Subject
from helion.config.space import ConfigSpace
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import name_in_entry
from helion.locks.staleness import sites_of
from helion.locks.versions import current_versions
from helion.settings import Settings
from helion.signatures.written_settings import written_settings

_OF_CODE = ("static_shapes", "index_dtype", "dot_precision", "persistent_reserved_sms", "fast_math")


def evidence_of(subject: Subject, space: ConfigSpace, *, method: str, **found: Any) -> dict[str, object]:
    """JSON-ready facts, and which of several kernels of its name it is. `method`: "measured", "model" (estimated) or "given" (by hand)."""
    return {
        **{key: value for key, value in name_in_entry(subject.kernel).items() if key == "nth"},
        "method": method,
        "estimated": method == "model",
        "kernel_hash": kernel_hash(subject.kernel),
        "space_fingerprint": space.fingerprint(),
        "sites": sites_of(space),
        "versions": {**current_versions(), "torch": torch.__version__},
        "settings": {name: str(value) for name, value in _code_settings(subject.settings).items()},
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        **found,
    }


def settings_not_written(subject: Subject) -> dict[str, object]:
    """Settings of the environment that change the code that was measured, and that the decorator does not state."""
    written = written_settings(subject.kernel)
    return {name: value for name, value in _code_settings(subject.settings).items() if name not in written}


def _code_settings(settings: Settings) -> dict[str, object]:
    plain = Settings()
    return {name: getattr(settings, name) for name in _OF_CODE if getattr(settings, name) != getattr(plain, name)}
