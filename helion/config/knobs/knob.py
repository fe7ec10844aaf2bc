"""What one tunable is: its key, its meaning, and a slot for each place in a kernel that it controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helion.device_ir.ir import DeviceIR
from helion.diagnostics.diagnostic import Diagnostic
from helion.source import Span
from helion.target import Target

# Whether a value is legal, and what is, in words.
Validity = tuple[Callable[[object], bool], str]


@dataclass(frozen=True)
class Slot:
    """One place: `site` names it as the source does, `choices` are the values a search may try, the likeliest first.

    `accepts` says whether any value is legal (searches try fewer), `allowed` says the same in words; `refusal` makes the diagnostic of
    an illegal value where it is another than `config-value`.
    """

    site: str
    span: Span | None
    default: object
    choices: tuple[object, ...]
    accepts: Callable[[object], bool]
    allowed: str
    refusal: Callable[[Span, str], Diagnostic] | None = None


@dataclass(frozen=True)
class Knob:
    """One config key. `is_list`: the value is a list with an entry a slot; else there is at most one slot.

    `alias` is the singular spelling, whose value stands for a list of one (or, for `spreads`, for every slot). `vendor` is whose devices
    alone have the key; a config for others that names it is refused. `valid` are the values of a knob of the whole kernel, which a config
    may give, to no effect, where the kernel or the device has no slot for it.
    """

    key: str
    doc: str
    slots: Callable[[DeviceIR, Target], tuple[Slot, ...]]
    is_list: bool = False
    alias: str | None = None
    spreads: bool = False
    vendor: str | None = None
    valid: Validity | None = None


def one_of(*values: object) -> Validity:
    """Validity of a fixed set of values (True is not 1), and its words."""

    def accepts(value: object) -> bool:
        return any(type(value) is type(v) and value == v for v in values)

    return accepts, "allowed: " + ", ".join(map(repr, values))


def is_int(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def is_power_of_two(value: object) -> bool:
    return type(value) is int and value > 0 and value & (value - 1) == 0
