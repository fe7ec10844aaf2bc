"""Removes locked configs from a kernel's decorator; what they were is in the notes, and comments on lines of their own stay."""

from __future__ import annotations

import ast

from helion.locks.identity import ANY_DEVICE
from helion.syntax.config_literals import ANY_SIGNATURE
from helion_codemods.commands.lock import has_single_config
from helion_codemods.examples.unlock import EXAMPLES as EXAMPLES
from helion_codemods.kernel_place import KernelPlace, with_place
from helion_codemods.lock_table import LockTable, WrittenEntry, find_table
from helion_codemods.outcome import Refused, Rewritten
from helion_codemods.written_options import WrittenOptions

DESCRIPTION = "Remove locked configs from the decorator of a kernel: those of a device, of a signature, or all."


def unlock(text: str, kernel: str, *, device: str | None = None, signature: str | None = None) -> Rewritten | Refused:
    """`text` without the entries of `device` and `signature`, None standing for every one. Where both are None or `*` a single `config=`
    goes too, which is an entry for every device and signature; a signature `*` alone is the device's entry for every other signature.

    The text is as it was when there is no such entry.
    """
    return with_place(text, kernel, lambda place: _unlocked(place, device, signature))


def _unlocked(place: KernelPlace, device: str | None, signature: str | None) -> Rewritten | Refused:
    options = WrittenOptions(place)
    if {device, signature} <= {None, ANY_DEVICE, ANY_SIGNATURE} and has_single_config(options):
        return Rewritten(options.rewritten({options.named["config"].number: None}), ("removed config=",))
    table = find_table(place)
    if isinstance(table, Refused) or table is None:
        return table or Rewritten(place.text)
    if table.unread is not None and device is None:
        if signature is not None or not table.is_droppable():
            return Refused(table.unread)
        return Rewritten(table.without_all(), (*(f"removed {words(e)}" for e in table.entries), "removed the rest of configs="))
    if device is not None:
        whole, table = table, table.holding(device)
        if isinstance(table, Refused):
            return table
        beneath = table.part_with(device)
        if beneath is not None and table is whole:
            return Refused(f"`{device}` stands in `{beneath}` as well, which configs= unpacks")
    gone = [e for e in table.entries if device in (None, e.device) and signature in (None, e.signature or ANY_SIGNATURE)]
    empty = [] if signature is not None else empty_devices(table, device)
    if not gone and not empty:
        return Rewritten(place.text)
    paths = frozenset((*(e.path for e in gone), *empty))
    return Rewritten(table.without(paths), tuple(f"removed {words(e)}" for e in gone))


def empty_devices(table: LockTable, device: str | None) -> list[tuple[int, ...]]:
    """Devices that have nothing under them, comments neither."""
    keys = enumerate(zip(table.node.keys, table.node.values, strict=True))
    return [
        (number,)
        for number, (key, value) in keys
        if isinstance(value, ast.Dict)
        and not (value.keys or table.has_comments(value))
        and (device is None or (isinstance(key, ast.Constant) and key.value == device))
    ]


def words(entry: WrittenEntry) -> str:
    """Which entry it is, in the words of the text: a device's only one is not its `*` beside others."""
    signature = entry.signature or (ANY_SIGNATURE if len(entry.path) > 1 else None)
    return entry.device if signature is None else f"{entry.device} × {signature}"
