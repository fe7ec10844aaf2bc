"""Everything that can be tuned about one kernel on one target: normal forms, defaults, validity, samples and neighbours of configs."""

from __future__ import annotations

import difflib
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

from helion.config.config import Config
from helion.config.defaults import default_values
from helion.config.defaults.growth import Growth
from helion.config.joint_limits import has_room, registers_refused
from helion.config.knobs import KNOBS, Knob, Slot
from helion.config.normal_form import settled
from helion.config.tunables import tunable_knobs
from helion.config.unrolled_products import is_unrolled, loops_of_computed_products
from helion.config.unrolled_readers import Reader, readers, unrolled_reader
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.catalog.config import ConfigListLength, ConfigValue, UnknownConfigKey
from helion.diagnostics.diagnostic import Diagnostic
from helion.source import Span
from helion.target import Target
from helion.types.dims import Dim
from helion.types.untyped import is_sequence

_NOWHERE = Span(0, 0)
_DRAWS = 1000


@dataclass(frozen=True)
class KnobSlots:
    """One knob and the places it has in this kernel."""

    knob: Knob
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class ConfigSpace:
    """`knobs` are those with at least one slot here. A *normalized* config has every key, each list at its full length."""

    ir: DeviceIR
    target: Target
    knobs: tuple[KnobSlots, ...]
    _defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @cached_property
    def _by_key(self) -> Mapping[str, KnobSlots]:
        return {k.knob.key: k for k in self.knobs}

    @property
    def slots(self) -> tuple[tuple[str, Slot], ...]:
        """Every slot with its key."""
        return tuple((k.knob.key, slot) for k in self.knobs for slot in k.slots)

    # -- validity ---------------------------------------------------------------------------------------------------

    def check(
        self, config: Mapping[str, Any], span: Span = _NOWHERE, spans: Mapping[str, Span] = MappingProxyType({})
    ) -> tuple[Diagnostic, ...]:
        """What is wrong with a config, each entry by its site; `span` is where the config stands, `spans` where its keys do."""
        whole = span
        found: list[Diagnostic] = []
        for key, value in config.items():
            span = spans.get(key, whole)
            knob = self._knob_of(key)
            if knob is not None and key == knob.knob.alias and knob.knob.key in config:
                found.append(ConfigValue(span, key, repr(value), f"it is another spelling of `{knob.knob.key}`, which is given, too"))
            elif knob is None:
                found.extend(self._unknown(key, value, span))
            elif knob.knob.is_list:
                found.extend(self._check_list(key, self._entries(knob, key, value), knob, span))
            elif not knob.slots[0].accepts(value):
                slot = knob.slots[0]
                found.append(slot.refusal(span, repr(value)) if slot.refusal else ConfigValue(span, key, repr(value), slot.allowed))
        blocks = self._by_key.get("block_sizes")
        if blocks is not None and not any(key in config or key in spans for key in ("block_sizes", "block_size")):
            found.append(ConfigListLength(whole, "block_sizes", len(blocks.slots), 0, tuple(s.site for s in blocks.slots)))
        if not found:
            refused = registers_refused(self.target, self.normalize(config).config)
            found.extend(ConfigValue(spans.get("maxnreg", whole), "maxnreg", repr(value), words) for value, words in refused)
            found.extend(self._check_unrolling(config, spans.get("range_unroll_factors", whole)))
            found.extend(self._check_persistent(config, spans, whole))
        return tuple(found)

    def _check_persistent(self, config: Mapping[str, Any], spans: Mapping[str, Span], whole: Span) -> list[Diagnostic]:
        """`num_sm_multiplier` other than 1, where there is one program a tile."""
        pid_type, most = self.normalize(config)["pid_type"], config.get("num_sm_multiplier", 1)
        if most == 1 or pid_type.startswith("persistent"):
            return []
        words = f"with pid_type={pid_type!r} there is a program for each tile: it must be 1, or pid_type a persistent one"
        return [ConfigValue(spans.get("num_sm_multiplier", whole), "num_sm_multiplier", repr(most), words)]

    def _check_unrolling(self, config: Mapping[str, Any], span: Span) -> list[Diagnostic]:
        normal = self.normalize(config)
        entry = self._unrolled_reader(normal)
        if entry is None:
            return []
        words = "Triton cannot unroll a loop that sums up tiles of fewer elements than there are threads, or reads such sums"
        key = "range_unroll_factors"
        return [ConfigValue(span, key, repr(normal[key][entry]), words, self._by_key[key].slots[entry].site)]

    def _knob_of(self, key: str) -> KnobSlots | None:
        return next((k for k in self.knobs if key in (k.knob.key, k.knob.alias)), None)

    def _unknown(self, key: str, value: Any, span: Span) -> list[Diagnostic]:
        known = next((k for k in KNOBS if key in (k.key, k.alias)), None)
        if known is None:
            names = [k.knob.key for k in self.knobs]
            close = difflib.get_close_matches(key, names, 1)
            return [UnknownConfigKey(span, key, close[0] if close else None)]
        if known.vendor is not None and known.vendor != self.target.vendor:
            return [ConfigValue(span, key, repr(value), f"it is for {known.vendor} devices only")]
        if known.valid is not None and not known.valid[0](value):
            return [ConfigValue(span, key, repr(value), known.valid[1])]
        entries = len(value) if known.is_list and is_sequence(value) else 1
        return [ConfigListLength(span, key, 0, entries)] if known.is_list and entries else []

    def _entries(self, knob: KnobSlots, key: str, value: Any) -> list[Any]:
        """A list knob's value as its entries: an alias wraps, a lone value of a spreading knob stands for all."""
        if knob.knob.key == "block_sizes" and is_sequence(value):
            return [inner for item in value for inner in (item if is_sequence(item) else (item,))]
        if key == knob.knob.alias or not is_sequence(value):
            return [value] * (len(knob.slots) if knob.knob.spreads else 1)
        if knob.knob.key == "loop_orders" and value and not is_sequence(value[0]):
            return [list(value)]
        return list(value)

    def _check_list(self, key: str, entries: list[Any], knob: KnobSlots, span: Span) -> list[Diagnostic]:
        sites = tuple(slot.site for slot in knob.slots)
        too_few = knob.knob.key == "block_sizes" and len(entries) < len(sites)
        if len(entries) > len(sites) or too_few:
            return [ConfigListLength(span, key, len(sites), len(entries), sites)]
        return [
            ConfigValue(span, key, repr(value), slot.allowed, slot.site)
            for value, slot in zip(entries, knob.slots, strict=False)
            if not slot.accepts(value)
        ]

    # -- forms ------------------------------------------------------------------------------------------------------

    def normalize(self, config: Mapping[str, Any]) -> Config:
        """The full form of a config that `check` finds nothing wrong with: entries left out get their defaults."""
        values: dict[str, Any] = {}
        for knob in self.knobs:
            values[knob.knob.key] = self._normal_value(knob, config)
        return settled(self.ir, values)

    def _normal_value(self, knob: KnobSlots, config: Mapping[str, Any]) -> Any:
        key = knob.knob.key if knob.knob.key in config else knob.knob.alias
        plain = [slot.default for slot in knob.slots]
        if key is None or key not in config:
            return plain if knob.knob.is_list else plain[0]
        if not knob.knob.is_list:
            return config[key]
        entries = self._entries(knob, key, config[key])
        return [*entries[: len(plain)], *plain[len(entries) :]]

    def default(self) -> Config:
        """The config chosen without any search: see `defaults.py`."""
        return self.normalize({"block_sizes": self._plain("block_sizes"), **self._defaults})

    def _plain(self, key: str) -> list[Any]:
        knob = self._by_key.get(key)
        return [] if knob is None else [slot.default for slot in knob.slots]

    def minimize(self, config: Mapping[str, Any]) -> Config:
        """The shortest config with the same normal form: block sizes, and what differs from the plain defaults."""
        normal = self.normalize(config)
        kept: dict[str, Any] = {}
        for knob in self.knobs:
            value = normal.config.get(knob.knob.key)
            plain = self._plain(knob.knob.key) if knob.knob.is_list else knob.slots[0].default
            if knob.knob.key == "block_sizes" or value != plain:
                kept[knob.knob.key] = self._shortest(knob, value)
        return Config(**kept)

    def _shortest(self, knob: KnobSlots, value: Any) -> Any:
        if knob.knob.key == "indexing" and is_sequence(value) and len(set(value)) == 1 and len(value) > 1:
            return value[0]
        return value

    def fingerprint(self) -> str:
        """Changes when a config written for this kernel would mean something else: keys, sites and their order."""
        facts = [(k.knob.key, [slot.site for slot in k.slots]) for k in self.knobs]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    # -- search -----------------------------------------------------------------------------------------------------

    def sample(self, rng: random.Random) -> Config:
        """A random normalized config of which a program can be made; when none is found soon, the default."""
        drawn = (self._drawn(rng) for _ in range(_DRAWS))
        return next((config for config in drawn if self._is_worth_trying(config)), self.default())

    def _is_worth_trying(self, normal: Config) -> bool:
        if not has_room(self.ir, self.target, normal.config, self._shapes) or self._unrolled_reader(normal) is not None:
            return False
        return not (self.target.multiplies_from_shared_memory and is_unrolled(self._loops_of_computed_products, normal.config))

    @cached_property
    def _loops_of_computed_products(self) -> frozenset[int]:
        return loops_of_computed_products(self.ir)

    @cached_property
    def _readers(self) -> tuple[Reader, ...]:
        return readers(self.ir)

    def _unrolled_reader(self, normal: Config) -> int | None:
        threads = self.target.warp_size * cast("int", normal.config.get("num_warps", 4))
        return unrolled_reader(self.ir, self._readers, threads, normal.config)

    @cached_property
    def _shapes(self) -> frozenset[tuple[Dim, ...]]:
        return Growth(self.ir).shapes

    def _drawn(self, rng: random.Random) -> Config:
        values: dict[str, Any] = {}
        for knob in self.knobs:
            drawn = [self._draw(slot, rng) for slot in knob.slots]
            values[knob.knob.key] = drawn if knob.knob.is_list else drawn[0]
        return self.normalize(values)

    def _draw(self, slot: Slot, rng: random.Random) -> Any:
        """Half of the time the likeliest value, so that samples are not all over in every knob at once."""
        if slot.default in slot.choices and len(slot.choices) > 1 and slot.site != "kernel" and rng.random() < 0.35:
            return slot.default
        return rng.choice(slot.choices)

    def neighbours(self, config: Mapping[str, Any]) -> list[Config]:
        """Every config that differs in one slot by one step and of which a program can be made."""
        normal = self.normalize(config)
        found: dict[Config, None] = {}
        for knob in self.knobs:
            for position, slot in enumerate(knob.slots):
                for value in _steps(slot, self._value_at(normal, knob, position)):
                    found[self._with(normal, knob, position, value)] = None
        found.pop(normal, None)
        return [config for config in found if self._is_worth_trying(config)]

    def entries(self, knob: KnobSlots, normal: Config) -> list[Any]:
        """The value of each slot of a knob in a config in its normal form."""
        return [self._value_at(normal, knob, position) for position in range(len(knob.slots))]

    def _value_at(self, normal: Config, knob: KnobSlots, position: int) -> Any:
        value = normal.config.get(knob.knob.key, knob.slots[position].default)
        return value[position] if knob.knob.is_list and is_sequence(value) else value

    def _with(self, normal: Config, knob: KnobSlots, position: int, value: Any) -> Config:
        values: dict[str, Any] = dict(normal.config)
        if knob.knob.is_list:
            entries = list(values[knob.knob.key])
            entries[position] = value
            values[knob.knob.key] = entries
        else:
            values[knob.knob.key] = value
        return self.normalize(values)


def _steps(slot: Slot, value: Any) -> list[Any]:
    """The values next to one: half and double of a power of two, one more and less of a count, every other choice otherwise."""
    if type(value) is int and all(type(c) is int and c > 0 for c in slot.choices) and len(slot.choices) > 4:
        ordered = sorted(c for c in slot.choices if isinstance(c, int))
        below = [c for c in ordered if c < value][-1:]
        above = [c for c in ordered if c > value][:1]
        return below + above
    return [c for c in slot.choices if c != value]


def build_space(ir: DeviceIR, target: Target) -> ConfigSpace:
    """The space of a kernel on a target."""
    knobs = tuple(KnobSlots(knob, slots) for knob in (*KNOBS, *tunable_knobs(ir.kernel)) if (slots := knob.slots(ir, target)))
    return ConfigSpace(ir, target, knobs, default_values(ir, target))
