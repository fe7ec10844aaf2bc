"""Writes a config into a kernel's decorator, keyed by device and signature; touches nothing else in the file."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from helion.locks.identity import ANY_DEVICE
from helion.syntax.config_literals import ANY_SIGNATURE
from helion_codemods.bracketed import Code, Item, settled
from helion_codemods.config_text import Spelling, Style
from helion_codemods.examples.lock import EXAMPLES as EXAMPLES
from helion_codemods.indented import indent_of_line
from helion_codemods.kernel_place import KernelPlace, with_place
from helion_codemods.lock_table import LockTable, TableEdit, config_code, find_table, is_by_signature
from helion_codemods.outcome import Refused, Rewritten
from helion_codemods.written_options import WrittenOptions

DESCRIPTION = "Write or update a locked config in the decorator of a kernel."


def lock_config(text: str, kernel: str, *, device: str, signature: str | None, config: Mapping[str, object]) -> Rewritten | Refused:
    """`text` with `config` as the entry of `device` (and `signature`, if given) of the kernel's decorator.

    A single `config=` stays, as the entry of every other device. A mapping held in a variable, or unpacked from one, is changed where it
    is written, if only this kernel uses it. Refused is what cannot be rewritten safely: options unpacked from somewhere, keys of which
    the text does not say that they are another device's, a list of configs.
    """
    return with_place(text, kernel, lambda place: lock_in_place(place, device, signature, config))


def lock_in_place(place: KernelPlace, device: str, signature: str | None, config: Mapping[str, object]) -> Rewritten | Refused:
    """The same for a kernel that was found."""
    table = find_table(place)
    if isinstance(table, Refused):
        return table
    options = WrittenOptions(place)
    if "configs" in options.named and has_single_config(options):
        return Refused("it has both config= and configs=")
    entry = _Entry(place.style, place.spelling(), device, signature, config)
    changed = _new_table(place, entry) if table is None else _in_table(table, entry)
    return changed if isinstance(changed, Refused) else Rewritten(changed)


class _Entry:
    """The lock as code, for the mapping of devices and for the mapping of signatures in it."""

    def __init__(self, style: Style, spelling: Spelling, device: str, signature: str | None, config: Mapping[str, object]) -> None:
        self._style, self._spelling = style, spelling
        self.device, self.signature, self.config = device, signature, config

    def of_device(self, indent: str, explode: bool) -> str:
        if self.signature is None:
            return self._keyed(self.device, indent)
        inner = indent + self._style.unit
        return f"{self._style.literal(self.device)}: {{\n{inner}{self.of_signature(inner, explode)},\n{indent}}}"

    def of_signature(self, indent: str, explode: bool) -> str:
        return self._keyed(self.signature or ANY_SIGNATURE, indent)

    def _keyed(self, key: str, indent: str) -> str:
        head = f"{self._style.literal(key)}: "
        return head + self._style.config(self._spelling, self.config, indent, len(indent) + len(head))


def _new_table(place: KernelPlace, entry: _Entry) -> str | Refused:
    """A decorator without a mapping gets one; its single config becomes the fallback."""
    options = WrittenOptions(place)
    single, several = options.named.get("config"), options.named.get("configs")
    fallback: list[Code] = []
    if single is not None and has_single_config(options):
        if entry.device == ANY_DEVICE:
            return Refused("its config= is for every device already; change that, or unlock it first")
        several = several or single
        fallback = [fallback_code(place, single.item.code[single.item.value :], single.item.start + single.item.value)]

    def table(indent: str, explode: bool) -> str:
        inner = indent + place.style.unit
        lines = "".join(f"{inner}{code(inner, True)},\n" for code in (entry.of_device, *fallback))
        return f"configs={{\n{lines}{indent}}}"

    return options.rewritten({}, [table]) if several is None else options.rewritten({several.number: table})


def has_single_config(options: WrittenOptions) -> bool:
    """Whether `config=` says anything."""
    single = options.named.get("config")
    return single is not None and not (isinstance(single.node, ast.Constant) and single.node.value is None)


def fallback_code(place: KernelPlace, value: str, start: int) -> Code:
    """The entry of every device, its config as it is written at `start`."""
    old = indent_of_line(place.text, start)
    head = f"{place.style.literal(ANY_DEVICE)}: "
    return lambda indent, explode: head + settled(value, old, indent, place.style.unit, len(head))


def _in_table(whole: LockTable, entry: _Entry) -> str | Refused:
    table = whole.holding(entry.device)
    if isinstance(table, Refused):
        return table
    unread = table.unread_of(entry.device, entry.signature or ANY_SIGNATURE)
    if unread is not None:
        return Refused(unread)
    found = table.device(entry.device)
    if found is None:
        return table.edited(lambda group: TableEdit({}, (entry.of_device,)))
    number, value = found
    if not is_by_signature(value):
        return table.edited(lambda group: TableEdit({number: _of_single(table, group.items[number], value, entry)}))
    signature = entry.signature or ANY_SIGNATURE
    known = [e for e in table.entries if (e.path[0], e.signature or ANY_SIGNATURE) == (number, signature)]
    inner = table.place.items_of(value)
    if known:
        position = known[-1].path[1]
        edit = TableEdit({position: config_code(table, inner.items[position], known[-1].node, entry.config)})
    else:
        edit = TableEdit({}, (entry.of_signature,))
    return table.edited(lambda group: TableEdit({number: table.nested(group.items[number], value, edit)}))


def _of_single(table: LockTable, item: Item, value: ast.expr, entry: _Entry) -> Code:
    """A device with one config for every signature: that config changes, or stays as the one of every other signature."""
    if entry.signature is None:
        return config_code(table, item, value, entry.config)
    place = table.place
    old = indent_of_line(place.text, item.start)
    head, fallback = item.code[: item.value], item.code[item.value :]

    def code(indent: str, explode: bool) -> str:
        inner = indent + place.style.unit
        key = f"{place.style.literal(ANY_SIGNATURE)}: "
        rest = key + settled(fallback, old, inner, place.style.unit, len(key))
        return f"{head}{{\n{inner}{entry.of_signature(inner, explode)},\n{inner}{rest},\n{indent}}}"

    return code
