"""Lists of locked configs, which are by position, put in order after an edit: each value follows the place that it was for."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from helion.locks.entries import entries_of_kernel
from helion.types.untyped import is_sequence
from helion_codemods.commands.lock import lock_in_place
from helion_codemods.commands.unlock import words
from helion_codemods.examples.remap import EXAMPLES as EXAMPLES
from helion_codemods.kernel_place import KernelPlace, only_use, with_place
from helion_codemods.lock_table import WrittenEntry, find_table, read_config, with_config_changed
from helion_codemods.outcome import Refused, Rewritten

DESCRIPTION = "Put the lists of locked configs in order after an edit of the kernel, by the names of the places they stand for."

Sites = Mapping[str, Sequence[str]]
Defaults = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class EntrySites:
    """What the lists of one lock stood for when it was found (its evidence says), and stand for now (the kernel's space says).

    `defaults` are by key and position of `now`; a place without one (`None` in place of the list) needs a value in `given`, by name.
    """

    device: str
    signature: str | None
    then: Sites
    now: Sites
    defaults: Defaults = field(default_factory=dict[str, Sequence[Any]])
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])


def remap(text: str, kernel: str, *, entries: Sequence[EntrySites | Mapping[str, Any]], drop_gone: bool = False) -> Rewritten | Refused:
    """`text` with the lists of these locks as the kernel's places are now. All or nothing: refused when a place that a lock speaks of is
    gone (unless `drop_gone`), when one is new and has no default, and when places of one name came or went. An entry may be a mapping
    of the fields of EntrySites, as editors send it."""
    outcome: Rewritten | Refused = Rewritten(text)
    for sites in entries:
        known = sites if isinstance(sites, EntrySites) else EntrySites(**sites)
        outcome = _after(outcome, kernel, known, drop_gone=drop_gone)
    return outcome


def _after(before: Rewritten | Refused, kernel: str, sites: EntrySites, *, drop_gone: bool) -> Rewritten | Refused:
    if isinstance(before, Refused):
        return before
    outcome = with_place(before.text, kernel, lambda place: _remapped(place, sites, drop_gone=drop_gone))
    return outcome if isinstance(outcome, Refused) else Rewritten(outcome.text, (*before.notes, *outcome.notes))


def _remapped(place: KernelPlace, sites: EntrySites, *, drop_gone: bool) -> Rewritten | Refused:
    whole = find_table(place)
    if isinstance(whole, Refused):
        return whole
    table = None if whole is None else whole.holding(sites.device)
    if isinstance(table, Refused):
        return _out_of_reach(place, table, sites, drop_gone=drop_gone)
    found = [] if table is None else [e for e in table.entries if (e.device, e.signature) == (sites.device, sites.signature)]
    if not found:
        return _out_of_reach(place, Refused("it stands in a mapping that is unpacked"), sites, drop_gone=drop_gone)
    entry = found[-1]
    if isinstance(entry.node, ast.Name):
        return _where_defined(place, entry, entry.node.id, sites, drop_gone=drop_gone)
    if entry.values is None:
        return Refused(f"the config of {words(entry)} is not written in literals")
    config = remapped_config(entry.values, sites, drop_gone=drop_gone)
    if isinstance(config, Refused):
        return Refused(f"{words(entry)}: {config.reason}")
    if config == entry.values:
        return Rewritten(place.text)
    outcome = lock_in_place(place, entry.device, entry.signature, config)
    if isinstance(outcome, Refused):
        return outcome
    return Rewritten(outcome.text, tuple(f"{words(entry)}: {note}" for note in _notes(entry, config)))


def _out_of_reach(place: KernelPlace, why: Refused, sites: EntrySites, *, drop_gone: bool) -> Rewritten | Refused:
    """Of a lock that cannot be rewritten, or is not there: refused where its lists would have to change."""
    where = (sites.device, sites.signature)
    lock = next((entry for entry in entries_of_kernel(place.kernel) if (entry.device, entry.signature) == where), None)
    config = {} if lock is None else remapped_config(lock.config, sites, drop_gone=drop_gone)
    is_same = lock is None or (not isinstance(config, Refused) and config == dict(lock.config))
    return Rewritten(place.text) if is_same else why


def _where_defined(place: KernelPlace, entry: WrittenEntry, name: str, sites: EntrySites, *, drop_gone: bool) -> Rewritten | Refused:
    """A config in a variable that nothing else uses is put in order where it is assigned."""
    value = only_use(place, name)
    if isinstance(value, Refused):
        return Refused(f"the config of {words(entry)} is a variable: {value.reason}")
    values = read_config(value)
    if values is None:
        return Refused(f"the config of {words(entry)} is `{name}`, which is not written in literals")
    config = remapped_config(values, sites, drop_gone=drop_gone)
    if isinstance(config, Refused):
        return Refused(f"{words(entry)}: {config.reason}")
    if config == values:
        return Rewritten(place.text)
    notes = _notes(replace(entry, values=values), config)
    return Rewritten(with_config_changed(place, value, config), tuple(f"{words(entry)}, `{name}`: {note}" for note in notes))


def _notes(entry: WrittenEntry, config: Mapping[str, Any]) -> list[str]:
    assert entry.values is not None
    keys = dict.fromkeys((*entry.values, *config))
    changed = [key for key in keys if entry.values.get(key) != config.get(key)]
    return [f"{key} {entry.values.get(key)} is now {config.get(key)}" for key in changed]


def remapped_config(values: Mapping[str, Any], sites: EntrySites, *, drop_gone: bool = False) -> dict[str, Any] | Refused:
    """A config whose lists follow their places; what is no list stands for the whole kernel, or for all places, and stays."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if not is_sequence(value) or key not in (*sites.then, *sites.now):
            found[key] = value
            continue
        then, now = tuple(sites.then.get(key, ())), tuple(sites.now.get(key, ()))
        entries = _flattened(key, value)
        if then == now:
            found[key] = value
            continue
        if len(entries) > len(then):
            return Refused(f"`{key}` has {len(entries)} values, and its evidence names {len(then)} places: it was changed by hand since")
        moved = _moved(key, dict(enumerate(entries)), then, now, sites, drop_gone=drop_gone)
        if isinstance(moved, Refused):
            return moved
        if moved:
            found[key] = moved
    return found


def _flattened(key: str, value: Sequence[Any]) -> list[Any]:
    """Block sizes may be grouped by loop."""
    return [inner for item in value for inner in (item if is_sequence(item) else (item,))] if key == "block_sizes" else list(value)


def _moved(
    key: str, entries: Mapping[int, Any], then: Sequence[str], now: Sequence[str], sites: EntrySites, *, drop_gone: bool
) -> list[Any] | Refused:
    before, after = Counter(then), Counter(now)
    unclear = next((name for name in before if before[name] != after[name] and max(before[name], after[name]) > 1 and after[name]), None)
    if unclear is not None:
        places = f"{before[unclear]} place{'' if before[unclear] == 1 else 's'}"
        return Refused(f"`{key}` has {places} named `{unclear}` in its evidence and {after[unclear]} now; tune again")
    gone = [name for number, name in enumerate(then) if number in entries and name not in after]
    if gone and not drop_gone:
        return Refused(f"`{key}` has a value for `{gone[0]}`, which the kernel no longer has")
    # Places of one name keep their order among themselves.
    values: dict[str, list[Any]] = {}
    for number, name in enumerate(then):
        values.setdefault(name, []).append(entries.get(number, _MISSING))
    found: list[Any] = []
    defaults = sites.defaults.get(key)
    for number, name in enumerate(now):
        queue = values.get(name)
        value = queue.pop(0) if queue else sites.given.get(name, _MISSING)
        if value is _MISSING:
            if defaults is None:
                return Refused(f"`{name}` is new, and `{key}` has no default for it; give a value, or tune again")
            value = defaults[number]
        found.append(value)
    return found


_MISSING = object()
