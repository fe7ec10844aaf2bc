"""The events of a tuning in, the best config that it has found so far out, for when it is stopped: nothing of it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.types.untyped import is_mapping


def trials_of(event: Mapping[str, Any]) -> int:
    """As the panel counts them: configs that a search proposes again, or whose code is that of another, are tried once."""
    return int(event.get("distinct", 0))


def trial_words(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"


@dataclass
class BestSoFar:
    """What the events of the signature at hand said, and how many configs were tried."""

    device: str = ""
    method: str = ""
    search: str = ""
    microseconds: float | None = None
    default_microseconds: float | None = None
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    trials: int = 0

    def hear(self, event: dict[str, Any]) -> None:
        if event.get("event") == "started":
            self.__init__(str(event.get("device", "")), str(event.get("method", "")), str(event.get("search", "")))
        config = event.get("best_config")
        if event.get("event") == "progress" and is_mapping(config) and event.get("best_us") is not None:
            self.microseconds, self.default_microseconds = float(event["best_us"]), event.get("default_us")
            self.config = dict(config)
            self.trials = trials_of(event)

    @property
    def evidence(self) -> dict[str, Any]:
        """What a sidecar says of it."""
        return {
            "method": self.method,
            "estimated": self.method == "model",
            "search": self.search,
            "us": self.microseconds,
            "default_us": self.default_microseconds,
            "trials": self.trials,
            "partial": True,
            "reason": "cancelled",
        }

    @property
    def words(self) -> str:
        """`12.3 µs, of 40 trials`."""
        if self.microseconds is None:
            return "nothing runs yet"
        estimated = "estimated " if self.method == "model" else ""
        return f"{estimated}{self.microseconds:.1f} µs, of {trial_words(self.trials)}"
