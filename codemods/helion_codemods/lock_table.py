"""The mapping of locks that a kernel has in, its entries and the text with entries changed out; a variable may hold the mapping."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helion.syntax.config_literals import ANY_SIGNATURE
from helion.syntax.followed import followed, items_of, string_of
from helion.syntax.tree import span_of
from helion_codemods.bracketed import Bracketed, Code, Item
from helion_codemods.config_text import Spelling, Style
from helion_codemods.indented import indent_of_line
from helion_codemods.kernel_place import KernelPlace, literal_keys, only_use, unpacked_constant
from helion_codemods.outcome import Refused
from helion_codemods.parentheses import joined
from helion_codemods.written_options import WrittenOptions, replaced


@dataclass(frozen=True, eq=False)
class WrittenEntry:
    """One lock, each its own: `values` are its config's, None when they are not all literals. `path` is its position in the mapping,
    then in the mapping of its device."""

    device: str
    signature: str | None
    values: Mapping[str, Any] | None
    node: ast.expr
    path: tuple[int, ...]


@dataclass(frozen=True)
class LockTable:
    """`configs={...}`: `node` is the mapping, `in_call` whether it stands in the decorator."""

    options: WrittenOptions
    node: ast.Dict
    in_call: bool

    @property
    def place(self) -> KernelPlace:
        return self.options.place

    @cached_property
    def entries(self) -> tuple[WrittenEntry, ...]:
        """In order of the text, those with keys that the text says."""
        found: list[WrittenEntry] = []
        for number, device in literal_keys(self.place, self.node).items():
            value = self.node.values[number]
            if is_by_signature(value):
                assert isinstance(value, ast.Dict)
                for inner, signature in literal_keys(self.place, value).items():
                    node = value.values[inner]
                    told = None if signature == ANY_SIGNATURE else signature
                    found.append(WrittenEntry(device, told, read_config(node), node, (number, inner)))
            else:
                found.append(WrittenEntry(device, None, read_config(value), value, (number,)))
        return tuple(found)

    @property
    def unread(self) -> str | None:
        """Why the text does not say all keys; None when it does."""
        for node in (self.node, *(v for v in self.node.values if is_by_signature(v))):
            assert isinstance(node, ast.Dict)
            if any(key is None for key in node.keys):
                return "configs= unpacks another mapping"
            if len(literal_keys(self.place, node)) < len(node.keys):
                return "a key of configs= is computed"
        return None

    def device(self, name: str) -> tuple[int, ast.expr] | None:
        """The last value under a device, as in the mapping that Python makes."""
        found = [(number, self.node.values[number]) for number, key in literal_keys(self.place, self.node).items() if key == name]
        return found[-1] if found else None

    def holding(self, device: str) -> LockTable | Refused:
        """The mapping that has the entry which calls on a device find, or that an entry for it is to be added to: this one, or one that it
        unpacks. Refused where the text does not say which, or where the other has more users."""
        known = self.device(device)
        later = range(0 if known is None else known[0] + 1, len(self.node.keys))
        for number in reversed(later):
            key, value = self.node.keys[number], self.node.values[number]
            if key is not None:
                if string_of(self.place.module, key) is None:
                    return Refused(f"a key of configs= is computed, and may be `{device}`")
                continue
            part = followed(self.place.module, value)
            if not isinstance(part, ast.Dict) or not _says_its_keys(self.place, part):
                return Refused(f"configs= unpacks `{ast.unparse(value)}`, which may have `{device}`")
            if _has_key(self.place, part, device):
                return self._unpacked(value, device)
        return self

    def _unpacked(self, value: ast.expr, device: str) -> LockTable | Refused:
        if not isinstance(value, ast.Name):
            return Refused(f"`{device}` stands in a mapping that configs= unpacks")
        part = only_use(self.place, value.id)
        if isinstance(part, Refused):
            return Refused(f"`{device}` stands in `{value.id}`, which configs= unpacks: {part.reason}")
        if not isinstance(part, ast.Dict):
            return Refused(f"`{device}` stands in `{value.id}`, which is not written as a mapping `{{...}}`")
        return LockTable(self.options, part, in_call=False).holding(device)

    def part_with(self, device: str) -> str | None:
        """What is unpacked and has a device, too."""
        values = (value for key, value in zip(self.node.keys, self.node.values, strict=True) if key is None)
        parts = ((value, followed(self.place.module, value)) for value in values)
        named = (value for value, part in parts if isinstance(part, ast.Dict) and _has_key(self.place, part, device))
        return next(map(ast.unparse, named), None)

    def unread_of(self, device: str, signature: str) -> str | None:
        """Why it is not known which entry of a device calls with a signature find; None when it is."""
        known = self.device(device)
        node = None if known is None else known[1]
        if not isinstance(node, ast.Dict) or not is_by_signature(node):
            return None
        keys = literal_keys(self.place, node)
        last = max((number for number, key in keys.items() if key == signature), default=len(node.keys))
        hidden = any(number > last and number not in keys for number in range(len(node.keys)))
        return f"what follows the entry of {device} × {signature} may have it too" if hidden else None

    def edited(self, change: Callable[[Bracketed], TableEdit]) -> str:
        """The whole text with the mapping changed."""
        group = self.place.items_of(self.node)
        if not self.in_call:
            edit = change(group)
            return replaced(self.place, group, edit.changes, edit.added)
        option = self.options.named["configs"]
        head = option.item.code[: group.start - option.item.start]
        rest = option.item.code[group.end - option.item.start :]

        def code(indent: str, explode: bool) -> str:
            edit = change(group)
            own = self._own_indent(head, group, indent)
            return joined(head, group.edited(own, self.place.style.unit, edit.changes, edit.added, explode=explode), rest)

        return self.options.rewritten({option.number: code})

    def without(self, paths: frozenset[tuple[int, ...]]) -> str:
        """The whole text without entries. A device without entries goes too; so does the option without devices, unless comments
        stand in it."""
        gone = {number for number in range(len(self.node.keys)) if (number,) in paths or self._is_emptied(number, paths)}
        if len(gone) == len(self.node.keys) and not self.has_comments(self.node):
            return self.without_all()

        def change(group: Bracketed) -> TableEdit:
            changes: dict[int, Code | None] = dict.fromkeys(gone)
            for number in {path[0] for path in paths if len(path) > 1} - gone:
                inner = {path[1] for path in paths if len(path) > 1 and path[0] == number}
                value = self.node.values[number]
                changes[number] = self.nested(group.items[number], value, TableEdit(dict.fromkeys(inner)))
            return TableEdit(changes)

        return self.edited(change)

    def without_all(self) -> str:
        """The whole text without the option, or with an empty mapping where that stands elsewhere; without the comments in it."""
        if self.in_call:
            return self.options.rewritten({self.options.named["configs"].number: None})
        span = span_of(self.place.kernel.file, self.node)
        return f"{self.place.text[: span.start]}{{}}{self.place.text[span.end :]}"

    def is_droppable(self) -> bool:
        """Whether the option may go as a whole, whatever is in it: it stands in the decorator and holds no comments."""
        return self.in_call and not self.has_comments(self.node)

    def _is_emptied(self, number: int, paths: frozenset[tuple[int, ...]]) -> bool:
        value = self.node.values[number]
        return is_by_signature(value) and all((number, i) in paths for i in range(_length(value))) and not self.has_comments(value)

    def nested(self, item: Item, node: ast.expr, edit: TableEdit) -> Code:
        """An item whose value, a bracketed list, is edited."""
        group = self.place.items_of(node)
        head, rest = item.code[: group.start - item.start], item.code[group.end - item.start :]

        def code(indent: str, explode: bool) -> str:
            own = self._own_indent(head, group, indent)
            return joined(head, group.edited(own, self.place.style.unit, edit.changes, edit.added, explode=explode), rest)

        return code

    def _own_indent(self, head: str, group: Bracketed, indent: str) -> str:
        """That of the list's own line, where parentheses put it on another than its key's."""
        return indent_of_line(self.place.text, group.start) if "\n" in head else indent

    def has_comments(self, node: ast.expr) -> bool:
        """Whether comments stand on lines of their own in it: those behind an entry go with it."""
        span = span_of(self.place.kernel.file, node)
        return any(line.strip().startswith("#") for line in self.place.text[span.start : span.end].split("\n"))


@dataclass(frozen=True)
class TableEdit:
    """Items of a list that are replaced, or removed, and that are added."""

    changes: Mapping[int, Code | None]
    added: tuple[Code, ...] = ()


def _has_key(place: KernelPlace, node: ast.Dict, name: str) -> bool:
    return any(string_of(place.module, key) == name for key, _ in items_of(place.module, node))


def _says_its_keys(place: KernelPlace, node: ast.Dict) -> bool:
    """Whether the text says every key of a mapping, and of those that it unpacks."""
    for key, value in zip(node.keys, node.values, strict=True):
        part = followed(place.module, value) if key is None else None
        if string_of(place.module, key) is None and not (isinstance(part, ast.Dict) and part is not node and _says_its_keys(place, part)):
            return False
    return True


def find_table(place: KernelPlace) -> LockTable | Refused | None:
    """The mapping of a kernel's locks; None when it has none, refused when it is out of reach."""
    options = WrittenOptions(place)
    option = options.named.get("configs")
    if option is None:
        return None if options.unpacked is None else _unpacked(options)
    match option.node:
        case ast.Dict() as node:
            return LockTable(options, node, in_call=True)
        case ast.Constant(value=None) | ast.List(elts=[]) | ast.Tuple(elts=[]):
            return None
        case ast.List() | ast.Tuple():
            return Refused("configs= is a list, of which the fastest is taken; key it by device first (`helion migrate`)")
        case ast.Name(id=name):
            value = only_use(place, name)
            if isinstance(value, Refused):
                return Refused(f"configs= is a variable: {value.reason}")
            if isinstance(value, ast.Dict):
                return LockTable(options, value, in_call=False)
            return Refused(f"configs= is the variable `{name}`, which is not written as a mapping `{{...}}`")
        case _:
            return Refused("configs= is computed; write it as a mapping `{...}`")


def _unpacked(options: WrittenOptions) -> Refused | None:
    """Options that are unpacked may hold configs, unless the text says what they are."""
    node = options.unpacked
    if isinstance(node, ast.Name):
        node = unpacked_constant(options.place, node.id)
    match node:
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            names = {key.value for key in keys if isinstance(key, ast.Constant)}
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords) if all(k.arg for k in keywords):
            names = {k.arg for k in keywords}
        case _:
            return Refused("its options are unpacked from a value that the text does not say, which may hold configs")
    return Refused("its configs are unpacked from a variable; write them in the decorator") if names & {"config", "configs"} else None


def is_by_signature(node: ast.expr) -> bool:
    """Whether a device's value maps signatures to configs, rather than being a config written as a dict."""
    if not isinstance(node, ast.Dict) or any(isinstance(key, ast.Constant) and key.value == "block_sizes" for key in node.keys):
        return False
    return all(isinstance(value, ast.Call | ast.Dict | ast.Name | ast.Attribute) for value in node.values)


def read_config(node: ast.expr) -> dict[str, Any] | None:
    """The values of a `Config(...)`, a `dict(...)` or a mapping of literals."""
    match node:
        case ast.Call(args=[], keywords=keywords) if all(k.arg is not None for k in keywords):
            pairs = [(k.arg, k.value) for k in keywords]
        case ast.Dict(keys=keys, values=values) if all(isinstance(k, ast.Constant) and isinstance(k.value, str) for k in keys):
            pairs = [(k.value, v) for k, v in zip(keys, values, strict=True) if isinstance(k, ast.Constant)]
        case _:
            return None
    try:
        found = {str(key): ast.literal_eval(value) for key, value in pairs}
    except (ValueError, TypeError, SyntaxError):
        return None
    return {key: value for key, value in found.items() if value is not None}


def _length(node: ast.expr) -> int:
    return len(node.values) if isinstance(node, ast.Dict) else 0


def config_code(table: LockTable, item: Item, node: ast.expr, config: Mapping[str, object]) -> Code:
    """An item with the config that is its value changed: key by key where it stands a key a line, so that comments stay."""
    place = table.place
    style, value = place.style, item.code[item.value :]
    span = span_of(place.kernel.file, node)
    old = read_config(node)
    if old == dict(config):
        return lambda indent, explode: item.code
    spelling = place.spelling()
    if old is not None and value == place.text[span.start : span.end]:
        group = place.items_of(node)
        spelling = Spelling(place.text[span.start : group.start + 1], place.text[group.end - 1])
        if not group.is_flat:
            return table.nested(item, node, _by_key(style, spelling, node, old, config))
    head = item.code[: item.value]
    lead = len(head.rpartition("\n")[2])
    return lambda indent, explode: head + style.config(spelling, config, indent, len(indent) + lead, explode=explode)


def with_config_changed(place: KernelPlace, node: ast.expr, config: Mapping[str, object]) -> str:
    """The whole text with a config of literals changed where it stands, key by key."""
    group = place.items_of(node)
    spelling = Spelling(place.text[span_of(place.kernel.file, node).start : group.start + 1], place.text[group.end - 1])
    edit = _by_key(place.style, spelling, node, read_config(node) or {}, config)
    return replaced(place, group, edit.changes, edit.added)


def _by_key(style: Style, spelling: Spelling, node: ast.expr, old: Mapping[str, Any], config: Mapping[str, object]) -> TableEdit:
    names = [k.arg or "" for k in node.keywords] if isinstance(node, ast.Call) else []
    if isinstance(node, ast.Dict):
        names = [str(k.value) for k in node.keys if isinstance(k, ast.Constant)]
    changes: dict[int, Code | None] = {}
    for number, name in enumerate(names):
        if name not in config:
            changes[number] = None
        elif old.get(name) != config[name]:
            changes[number] = _entry(style, spelling, name, config[name])
    return TableEdit(changes, tuple(_entry(style, spelling, key, value) for key, value in config.items() if key not in names))


def _entry(style: Style, spelling: Spelling, key: str, value: object) -> Code:
    return lambda indent, explode: style.entry(spelling, key, value, indent)
