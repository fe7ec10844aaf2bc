"""Markdown in, what the editor's features say of its kernels against its marks out; knows neither pytest nor the protocol.

A block fenced as ```python is a file after the usual imports. In it:

- `$0` is the cursor. The text that the worker saw last is the nearest block above it under the same heading without one.
- `#   ^^^^ [a]` names the place above the carets, and `#   ^^^^ [b] -> [a]` says that its definition is the place `[a]`. `=> [a] [b]` lists
  what decides it (its type's definition), `refs [a] [b]` all of its occurrences, besides itself.
- `# tokens: name:type.modifier ...` on a line, in a block with `tokens` after the word `python`: all tokens of the line, in order. There
  every line with tokens has it. The other words that say what lines are compared for are those of `line_marks`.

Under a block with a cursor, ```completions holds every row as `label detail · description`, ```offers some labels in their order, each
line one, `!label` one that is not offered, and ```signature the label with `«»` around the active parameter.

Under one without, ```fixed holds the title of a fix, then the lines that it changes as `-old` and `+new`: each fix of the block has one.
```signatures holds what the picker of the only kernel offers, as `origin: notation`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from helion.source import SourceFile, Span
from helion.syntax.parse import parse_module
from helion.syntax.tree import ModuleSyntax
from helion_lsp.features.code_actions import quick_fixes
from helion_lsp.features.completion import Knowledge, completions
from helion_lsp.features.cursor import cursor_at
from helion_lsp.features.entities import Slots
from helion_lsp.features.items import Item
from helion_lsp.features.navigation import decided_by, definitions, occurrences
from helion_lsp.features.place import place_at
from helion_lsp.features.semantic_tokens import MODIFIERS, TYPES, tokens
from helion_lsp.features.signature_help import signatures
from helion_lsp.features.view import UNCHANGED, TextChange, View
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details
from helion_lsp.worker.language_facts import language_facts
from helion_lsp.worker.sample_signatures import sample_signatures
from helion_lsp.worker.surroundings import ALONE
from tests.lsp.asked_fixes import asked_everywhere
from tests.lsp.line_marks import line_problems
from tests.typecheck.kernels import HEAD

_FENCE = re.compile(r"^```(?P<kind>\w+)(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ .+$", re.MULTILINE)
_PLACE = re.compile(r"^\s*#\s*(?P<carets>\^+) \[(?P<name>\w+)\](?P<rest>.*)$")
_RELATION = re.compile(r"(->|=>|refs)((?: \[\w+\])*)")
_TOKENS = re.compile(r"\s*# tokens: (?P<list>.*)$")


@dataclass(frozen=True)
class Block:
    """One python block with what follows it; `good` is the text that was whole last."""

    where: str
    text: str
    good: str
    words: frozenset[str]
    expected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class State:
    """A text as the editor has it, seen by the worker as it was."""

    module: ModuleSyntax
    view: View
    tunable: Mapping[str, Any] = field(default_factory=dict[str, Any])


@cache
def facts() -> dict[str, Any]:
    return language_facts()


def blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    found = list(_FENCE.finditer(text))
    for number, match in enumerate(found):
        if match["kind"] != "python":
            continue
        heading = max((m.start() for m in _HEADING.finditer(_blanked(text)) if m.start() < match.start()), default=0)
        before = [m for m in found[:number] if m.start() > heading and m["kind"] == "python" and "$0" not in m["text"]]
        good = match["text"] if "$0" not in match["text"] else before[-1]["text"] if before else ""
        following: list[tuple[str, str]] = []
        for other in found[number + 1 :]:
            if other["kind"] == "python":
                break
            following.append((other["kind"], other["text"].strip("\n")))
        line = text.count("\n", 0, match.start()) + 1
        yield Block(f"{path.name}:{line}", match["text"], good, frozenset(match["info"].split()), tuple(following))


def _blanked(text: str) -> str:
    """The text with its blocks as spaces: a comment in one is no heading."""
    return _FENCE.sub(lambda m: " " * len(m[0]), text)


def state_of(good: str, text: str) -> State:
    analysed = SourceFile("kernel.py", HEAD + good)
    analysis = Analyzer().analyse(analysed.path, analysed.text)
    details = Details().details(analysed.path, analysed.text, {})
    tunable = {d["tunable"]["name"]: d["tunable"] for d in details["kernels"].values() if d["tunable"] is not None}
    file = SourceFile("kernel.py", HEAD + text)
    change = UNCHANGED if text == good else TextChange.between(analysed.text, file.text)
    return State(parse_module(file), View(analysis, change, details["kernels"]), tunable)


def check_block(block: Block) -> Iterator[str]:
    """Each difference between what is marked and what is so."""
    text = block.text.replace("$0", "", 1)
    state = state_of(block.good, text)
    if "tokens" in block.words:
        yield from _token_problems(block, state)
    yield from line_problems(block.where, block.words, text, state.view, state.module.file, HEAD.count("\n"))
    yield from _place_problems(block, state)
    if "$0" in block.text:
        yield from _cursor_problems(block, state, len(HEAD) + block.text.index("$0"))
    else:
        yield from _block_problems(block, state)


# -- what can be done -----------------------------------------------------------------------------------------------


def _block_problems(block: Block, state: State) -> Iterator[str]:
    fixes = [text for kind, text in block.expected if kind == "fixed"]
    if fixes:
        file = state.module.file
        view = asked_everywhere(file.path, file.text, dict(state.view.analysis))
        found = [_fixed(file.text, fix.title, fix.edits) for fix in quick_fixes(view, 0, len(file.text))]
        for text in sorted({*found} ^ {*fixes}):
            yield f"{block.where}: {'this is not expected' if text in found else 'there is no such fix'}\n{text}"
    for kind, text in block.expected:
        match kind:
            case "fixed":
                pass
            case "signatures":
                rows = "\n".join(
                    f"{row['origin']}: {row['notation'] or row['label']}" for row in sample_signatures(state.module.kernels[0], ALONE)
                )
                if rows != text:
                    yield f"{block.where}: the signatures are\n{rows}\nexpected\n{text}"
            case _:
                yield f"{block.where}: no cursor for what is expected of one"


def _fixed(text: str, title: str, edits: Sequence[Any]) -> str:
    """The title and the lines that change."""
    after = text
    for start, end, new in sorted(edits, reverse=True):
        after = after[:start] + new + after[end:]
    changed = [line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line[0] in "-+"]
    return "\n".join([title, *(f"{line[0]}{line[2:]}".rstrip() for line in changed)])


# -- what is typed --------------------------------------------------------------------------------------------------


def _cursor_problems(block: Block, state: State, offset: int) -> Iterator[str]:
    place = place_at(state.module, offset)
    tunable = None if place.kernel is None else state.tunable.get(place.kernel.qualname)
    here = [k for k in state.view.kernels() if place.kernel is not None and k["name"] == place.kernel.qualname]
    tiles = {e["name"]: e["words"] for k in here for e in k["entities"] if e["kind"] == "tile"}
    known = Knowledge(facts(), None if tunable is None else tunable["knobs"], tiles)
    cursor = cursor_at(state.module.file.text, offset)
    items = sorted(completions(state.module, cursor, place, known), key=lambda item: item.rank)
    if not block.expected:
        yield f"{block.where}: nothing is expected of the cursor"
    for kind, text in block.expected:
        match kind:
            case "completions":
                found = "\n".join(map(_row, items))
                if found != text:
                    yield f"{block.where}: completions are\n{found}\nexpected\n{text}"
            case "offers":
                yield from _offer_problems(block, [item.label for item in items], text.split("\n"))
            case "signature":
                found = "\n".join(_shown(s.label, s.parameters, s.active) for s in signatures(state.module, cursor, known))
                if found != text:
                    yield f"{block.where}: the signature is\n{found}\nexpected\n{text}"
            case _:
                yield f"{block.where}: ```{kind} means nothing"


def _row(item: Item) -> str:
    return " · ".join(part for part in (f"{item.label} {item.detail}".strip(), item.description) if part)


def _offer_problems(block: Block, labels: list[str], wanted: list[str]) -> Iterator[str]:
    last = -1
    for label in wanted:
        if label.startswith("!"):
            if label[1:] in labels:
                yield f"{block.where}: `{label[1:]}` is offered"
        elif label not in labels:
            yield f"{block.where}: `{label}` is not offered, but {labels}"
        elif labels.index(label) < last:
            yield f"{block.where}: `{label}` is offered too early"
        else:
            last = labels.index(label)


def _shown(label: str, parameters: Any, active: int | None) -> str:
    if active is None:
        return label
    p = parameters[active]
    return f"{label[: p.start]}«{label[p.start : p.end]}»{label[p.end :]}"


# -- places ---------------------------------------------------------------------------------------------------------


def _place_problems(block: Block, state: State) -> Iterator[str]:
    file, offset = state.module.file, len(HEAD)
    places: dict[str, Span] = {}
    relations: list[tuple[str, str, list[str]]] = []
    start = offset
    for line in block.text.replace("$0", "", 1).splitlines(keepends=True):
        match = _PLACE.match(line)
        if match is None:
            start = offset
        else:
            column = match.start("carets")
            places[match["name"]] = Span(start + column, start + column + len(match["carets"]))
            found = _RELATION.findall(match["rest"])
            assert "".join(f" {sign}{names}" for sign, names in found) == match["rest"].rstrip(), f"{block.where}: cannot read {line}"
            relations += [(match["name"], sign, re.findall(r"\w+", names)) for sign, names in found]
        offset += len(line)
    for name, sign, names in relations:
        at = places[name].start
        wanted = sorted(places[n] for n in names)
        if sign == "->":
            slots = [Slots(t["knobs"], kernel_start(k)) for k in state.module.kernels if (t := state.tunable.get(k.qualname)) is not None]
            spans = sorted({link.target for link in definitions(state.module, state.view, slots[0] if slots else None, at)})
        elif sign == "=>":
            spans = sorted({link.target for link in decided_by(state.module, state.view, at)})
        else:
            wanted = sorted({*wanted, places[name]})
            spans = sorted(o.span for o in occurrences(state.module, state.view, at))
        if spans != wanted:
            shown = [f"line {file.position(s.start).line - HEAD.count(chr(10)) + 1} `{file.text_of(s)}`" for s in spans]
            yield f"{block.where}: [{name}] {sign} {', '.join(shown) or 'nothing'}; expected {names}"


# -- tokens ---------------------------------------------------------------------------------------------------------


def _token_problems(block: Block, state: State) -> Iterator[str]:
    """Every line's tokens and comment, one to one."""
    file, first = state.module.file, HEAD.count("\n")
    found: dict[int, list[str]] = {}
    for token in tokens(state.view):
        modifiers = "".join(f".{name}" for bit, name in enumerate(MODIFIERS) if token.modifiers >> bit & 1)
        line = file.position(token.start).line
        found.setdefault(line, []).append(f"{file.text[token.start : token.end]}:{TYPES[token.type]}{modifiers}")
    for number, text in enumerate(block.text.split("\n")):
        match = _TOKENS.search(text)
        wanted = match["list"] if match is not None else ""
        shown = " ".join(found.get(first + number, ()))
        if shown != wanted:
            yield f"{block.where}: line {number + 1} has tokens\n{shown}\nexpected\n{wanted}"
