"""The files of `autotune_log` in, what a tuning tried and how its best came down over time out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from helion.trials.trial import Trial, failure_histogram


def trials_of(details: Path) -> dict[str, Any]:
    """How many configs a tuning tried, and of what kinds those failed that did; none where it ended before the first."""
    lines = details.read_text(encoding="utf-8").splitlines() if details.exists() else []
    trials = [Trial.from_json(json.loads(line)) for line in lines]
    return {"tried": len(trials), "failed": dict(failure_histogram(trials))}


def curve_of(table: Path) -> list[list[float]]:
    """`[seconds, µs]` each time that a faster config was found, seconds since the tuning began; by the first time that it took, which a
    tuning's last comparison may correct."""
    if not table.exists():
        return []
    found: list[list[float]] = []
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            us = round(float(row["perf_ms"]) * 1000, 3) if row["perf_ms"] else None
            if us is not None and (not found or us < found[-1][1]):
                found.append([float(row["timestamp_s"]), us])
    return found
