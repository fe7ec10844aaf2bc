"""Configs of existing code into the form keyed by device and signature, and back into a single one or a list."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from helion.locks.identity import ANY_DEVICE
from helion_codemods.bracketed import Code, Item, settled
from helion_codemods.commands.lock import has_single_config
from helion_codemods.commands.unlock import words
from helion_codemods.examples.migrate import EXAMPLES as EXAMPLES
from helion_codemods.indented import indent_of_line
from helion_codemods.kernel_place import KernelPlace, with_place
from helion_codemods.lock_table import LockTable, WrittenEntry, find_table
from helion_codemods.outcome import Refused, Rewritten
from helion_codemods.written_options import Written, WrittenOptions

DESCRIPTION = "Turn `config=` and `configs=[...]` into locks keyed by device, or locks back into one config or a list."

_PICK = "say which each device gets, from 0 on (`--pick sm_90=0`)"
FORMS = ("keyed", "single", "list")


def migrate(
    text: str,
    kernel: str,
    *,
    to: str = "keyed",
    pick: Mapping[str, int] | None = None,
    device: str | None = None,
    signature: str | None = None,
) -> Rewritten | Refused:
    """`text` with the kernel's configs in another form; a config's own text, with its comments, is kept.

    To "keyed": a single config is for `device`, every one unless given, and of a list `pick` says which, counted from 0, each device
    gets. To "single": the lock of `device` and `signature`, which need saying when there are several. To "list": each lock once.
    """
    match to:
        case "keyed":
            return with_place(text, kernel, lambda place: _keyed(place, pick, device or ANY_DEVICE))
        case "single":
            return with_place(text, kernel, lambda place: _single(place, device, signature))
        case "list":
            return with_place(text, kernel, _list)
        case _:
            return Refused(f"`{to}` is not a form of configs; one of {', '.join(FORMS)}")


def _keyed(place: KernelPlace, pick: Mapping[str, int] | None, device: str) -> Rewritten | Refused:
    options = WrittenOptions(place)
    several = options.named.get("configs")
    if has_single_config(options):
        single = options.named["config"]
        if several is not None:
            return Refused("it has both config= and configs=")
        return Rewritten(options.rewritten({single.number: _table(place, [(device, _value_of(single))])}))
    if several is None or not isinstance(several.node, ast.List | ast.Tuple):
        found = find_table(place)
        return found if isinstance(found, Refused) else Rewritten(place.text)
    group = place.items_of(several.node)
    if not group.items:
        return Rewritten(place.text)
    if any(isinstance(node, ast.Starred) for node in several.node.elts):
        return Refused("configs= unpacks another list")
    if pick is None and len(group.items) > 1:
        return Refused(f"configs= has {len(group.items)} configs, of which the fastest is taken; {_PICK}")
    chosen = dict(pick) if pick is not None else {device: 0}
    wrong = next((number for number in chosen.values() if not 0 <= number < len(group.items)), None)
    if wrong is not None:
        return Refused(f"configs= has no config {wrong}; it has {len(group.items)}, counted from 0")
    entries = [(key, (group.items[number].code, group.items[number].start)) for key, number in chosen.items()]
    left = len(group.items) - len(set(chosen.values()))
    notes = (f"dropped {left} config{'s' if left > 1 else ''} that no device gets",) if left else ()
    return Rewritten(options.rewritten({several.number: _table(place, entries)}), notes)


def _value_of(written: Written) -> tuple[str, int]:
    return written.item.code[written.item.value :], written.item.start + written.item.value


def _table(place: KernelPlace, entries: Sequence[tuple[str, tuple[str, int]]]) -> Code:
    """`configs={...}` of devices with configs as they are written, each with its place."""

    def code(indent: str, explode: bool) -> str:
        inner = indent + place.style.unit
        heads = [f"{place.style.literal(device)}: " for device, _ in entries]
        lines = [f"{inner}{head}{_moved(place, value, start, inner, len(head))},\n" for head, (_, (value, start)) in zip(heads, entries)]
        return f"configs={{\n{''.join(lines)}{indent}}}"

    return code


def _single(place: KernelPlace, device: str | None, signature: str | None) -> Rewritten | Refused:
    options = WrittenOptions(place)
    several = options.named.get("configs")
    if several is not None and isinstance(several.node, ast.List | ast.Tuple) and len(several.node.elts) == 1:
        group = place.items_of(several.node)
        return Rewritten(options.rewritten({several.number: _config(place, group.items[0])}))
    table = find_table(place)
    if isinstance(table, Refused) or table is None:
        return table or Rewritten(place.text)
    if (problem := _cannot_leave(table)) is not None:
        return problem
    chosen = [e for e in table.entries if device in (None, e.device) and signature in (None, e.signature)]
    if len(chosen) != 1:
        known = "; ".join(words(e) for e in (chosen or table.entries))
        which = f"say one of: {known}" if known else "there are none at all"
        return Refused(f"{'several locks' if chosen else 'no lock'} of that device and signature; {which}")
    notes = tuple(f"dropped {words(e)}" for e in table.entries if e is not chosen[0])
    number = table.options.named["configs"].number
    return Rewritten(table.options.rewritten({number: _config(place, _item(table, chosen[0]))}), notes)


def _cannot_leave(table: LockTable) -> Refused | None:
    if not table.in_call:
        return Refused("its locks stand in a variable; write them in the decorator first")
    return None if table.unread is None else Refused(table.unread)


def _config(place: KernelPlace, item: Item) -> Code:
    head = "config="
    return lambda indent, explode: head + _moved(place, item.code[item.value :], item.start, indent, len(head))


def _moved(place: KernelPlace, value: str, start: int, indent: str, lead: int) -> str:
    """What is written at `start`, to stand behind `lead` characters of a line of `indent`."""
    return settled(value, indent_of_line(place.text, start), indent, place.style.unit, lead)


def _item(table: LockTable, entry: WrittenEntry) -> Item:
    """Where an entry stands."""
    item = table.place.items_of(table.node).items[entry.path[0]]
    for inner in entry.path[1:]:
        item = table.place.items_of(table.node.values[entry.path[0]]).items[inner]
    return item


def _list(place: KernelPlace) -> Rewritten | Refused:
    options = WrittenOptions(place)
    if has_single_config(options):
        single = options.named["config"]
        value, start = _value_of(single)
        return Rewritten(options.rewritten({single.number: _listed(place, [(value, start)])}))
    several = options.named.get("configs")
    if several is None or isinstance(several.node, ast.List | ast.Tuple):
        return Rewritten(place.text)
    table = find_table(place)
    if isinstance(table, Refused) or table is None:
        return table or Rewritten(place.text)
    if (problem := _cannot_leave(table)) is not None:
        return problem
    kept: list[WrittenEntry] = []
    for entry in table.entries:
        if entry.values is None or all(entry.values != other.values for other in kept):
            kept.append(entry)
    if not kept:
        return Rewritten(place.text)
    items = [_item(table, entry) for entry in kept]
    values = [(item.code[item.value :], item.start) for item in items]
    return Rewritten(options.rewritten({several.number: _listed(place, values)}), ("of the list the fastest is taken, by measuring",))


def _listed(place: KernelPlace, values: Sequence[tuple[str, int]]) -> Code:
    def code(indent: str, explode: bool) -> str:
        inner = indent + place.style.unit
        lines = [f"{inner}{_moved(place, value, start, inner, 0)},\n" for value, start in values]
        return f"configs=[\n{''.join(lines)}{indent}]"

    return code
