"""Removes the locks that change nothing: those no call can reach, and those that a call without them would find elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby

from helion.config.config import Config
from helion.diagnostics.catalog.runtime import BadSignature
from helion.locks.entries import LockEntry
from helion.locks.identity import ANY_DEVICE, identity_of_key, is_architecture, problem_of_key
from helion.locks.selection import select
from helion.signatures.notation import parse_notation
from helion_codemods.commands.unlock import empty_devices, words
from helion_codemods.examples.prune import EXAMPLES as EXAMPLES
from helion_codemods.kernel_place import KernelPlace, literal_keys, with_place
from helion_codemods.lock_table import LockTable, WrittenEntry, find_table
from helion_codemods.outcome import Refused, Rewritten
from helion_codemods.written_options import WrittenOptions

DESCRIPTION = "Remove locks that no call can reach, or without which every call runs with the same config."

Gone = dict[WrittenEntry, str]


def prune(text: str, kernel: str) -> Rewritten | Refused:
    """`text` without superfluous entries. Which config a call runs with is the same before and after, on every device; how near the lock
    was made to the call may not be, so that fewer calls are told that they run with a lock of exactly their sizes."""
    return with_place(text, kernel, _pruned)


def _pruned(place: KernelPlace) -> Rewritten | Refused:
    written = WrittenOptions(place).named.get("configs")
    if written is not None and isinstance(written.node, ast.List | ast.Tuple):
        return Rewritten(place.text)  # candidates, of which each may be the fastest somewhere: no locks
    table = find_table(place)
    if isinstance(table, Refused) or table is None:
        return table or Rewritten(place.text)
    if table.unread is not None:
        return Refused(table.unread)
    overwritten = list(_overwritten_devices(table))
    gone: Gone = {}
    for found in (_unreachable(table, overwritten), _of_one_family(table, gone), _of_device(table, gone)):
        gone.update(found)
    empty = empty_devices(table, None)
    if not gone and not empty:
        return Rewritten(place.text)
    notes = [f"removed {words(entry)}: {reason}" for entry, reason in gone.items()]
    notes += [f"removed device {number + 1} of the mapping: nothing is locked for it" for (number,) in empty]
    return Rewritten(table.without(frozenset((*(e.path for e in gone), *empty))), tuple(notes))


def _overwritten_devices(table: LockTable) -> Iterator[int]:
    """Devices whose key comes again: Python keeps the last."""
    keys = literal_keys(table.place, table.node)
    last = {key: number for number, key in keys.items()}
    return (number for number, key in keys.items() if last[key] != number)


def _unreachable(table: LockTable, overwritten: Sequence[int]) -> Iterator[tuple[WrittenEntry, str]]:
    last = {(e.path[0], e.signature): e for e in table.entries}
    for entry in table.entries:
        if entry.path[0] in overwritten:
            yield entry, "the device comes again further down"
        elif (lost := problem_of_key(entry.device)) is not None:
            yield entry, f"no call looks for locks of `{entry.device}`: {lost}"
        elif last[entry.path[0], entry.signature] is not entry:
            yield entry, "the signature comes again further down"
        elif entry.signature is not None and (why := _impossible(table, entry.signature)) is not None:
            yield entry, why


def _impossible(table: LockTable, signature: str) -> str | None:
    """Why no call has a signature."""
    types = parse_notation(signature)
    if isinstance(types, BadSignature):
        return f"no call has this signature: {types.message()}"
    arguments = table.place.kernel.function.node.args
    most = len(arguments.posonlyargs) + len(arguments.args)
    if arguments.vararg is None and not most - len(arguments.defaults) <= len(types) <= most:
        return f"no call has {len(types)} arguments"
    return None


def _of_one_family(table: LockTable, gone: Gone) -> Iterator[tuple[WrittenEntry, str]]:
    """Signatures of the same dtypes and ranks that all have one config: the first is the nearest for all of them, and none is needed
    where the device's other signatures have that config too."""
    for _, here in groupby((e for e in table.entries if e not in gone), key=lambda e: e.path[0]):
        entries = list(here)
        rest = next((e for e in entries if e.signature is None), None)
        for family in _families(e for e in entries if e.signature is not None):
            if _config_of_all(family) is None:
                continue
            if rest is not None and rest.values == family[0].values:
                yield from ((e, "the device's entry for every signature has this config") for e in family)
            else:
                yield from ((e, f"{family[0].signature} has this config and is nearest then") for e in family[1:])


def _families(entries: Iterator[WrittenEntry]) -> list[list[WrittenEntry]]:
    families: list[list[WrittenEntry]] = []
    for entry in entries:
        family = next((f for f in families if _serves(f[0], entry)), None)
        if family is None:
            families.append([entry])
        else:
            family.append(entry)
    return families


def _serves(lock: WrittenEntry, call: WrittenEntry) -> bool:
    assert call.signature is not None
    return select([LockEntry("any", lock.signature, Config())], identity_of_key("any"), call.signature) is not None


def _of_device(table: LockTable, gone: Gone) -> Iterator[tuple[WrittenEntry, str]]:
    """A device all of whose entries have the config of `*`, with nothing else between the two."""
    left = [e for e in table.entries if e not in gone]
    fallback = [e for e in left if e.device == ANY_DEVICE]
    config = _config_of_all(fallback)
    if config is None or not any(e.signature is None for e in fallback):
        return
    architectures = [e for e in left if is_architecture(e.device)]
    for device in dict.fromkeys(e.device for e in left if e.device != ANY_DEVICE):
        own = [e for e in left if e.device == device]
        between = [] if own[0] in architectures else architectures
        if all(e.values == config for e in (*own, *between)):
            yield from ((e, "every other device has this config") for e in own)


def _config_of_all(entries: Sequence[WrittenEntry]) -> object:
    """The config that all have; None when they differ or the text does not say one."""
    first = entries[0].values if entries else None
    return first if all(e.values == first for e in entries) else None
