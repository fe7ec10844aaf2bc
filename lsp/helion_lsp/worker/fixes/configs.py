"""Diagnostics about configs in, lists made as long as they must be and values brought into their range out."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator

from helion.diagnostics.catalog.config import ConfigListLength, ConfigTooLarge, ConfigValue
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.syntax.config_literals import ConfigLiteral, config_literals
from helion.syntax.tree import span_of
from helion_lsp.worker.fixes.around import Around

_WORD = re.compile(r"'(\w+)'")
_FROM_TO = re.compile(r"from (\d+) to (\d+)")
_AT_LEAST = re.compile(r"at least (\d+)")
_AT_MOST = re.compile(r"at most (\d+)")


def config_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    if not isinstance(diagnostic, ConfigListLength | ConfigValue | ConfigTooLarge):
        return
    literal = next((one for one in config_literals(around.kernel) if one.span.encloses(diagnostic.span)), None)
    if literal is None:
        return
    if isinstance(diagnostic, ConfigTooLarge):
        yield from _fewer_stages(diagnostic, literal)
        yield from _smaller_blocks(diagnostic, literal)
        return
    entries = literal.entries.get(diagnostic.key, ())
    if isinstance(diagnostic, ConfigListLength):
        yield from _length(diagnostic, literal, entries)
        yield from _without_key(diagnostic, around)
    else:
        yield from _nearest(diagnostic, around, entries)
        yield from _likeliest(diagnostic, around, entries)


def _length(diagnostic: ConfigListLength, literal: ConfigLiteral, entries: tuple[Span, ...]) -> Iterator[Fix]:
    values = literal.values.get(diagnostic.key)
    if not entries or not isinstance(values, list | tuple):
        return
    if diagnostic.given > diagnostic.expected > 0 and len(entries) == diagnostic.given:
        gone = Span(entries[diagnostic.expected - 1].end, entries[-1].end)
        kept = ", ".join(diagnostic.sites)
        yield Fix(f"Keep the first {diagnostic.expected} ({kept})", (TextEdit(gone, ""),), safe=False)
    elif diagnostic.given < diagnostic.expected and len(entries) == diagnostic.given:
        missing = diagnostic.sites[diagnostic.given :]
        end = Span(entries[-1].end, entries[-1].end)
        more = f", {values[-1]!r}" * (diagnostic.expected - diagnostic.given)
        yield Fix(f"Add {values[-1]!r} for {', '.join(missing)}", (TextEdit(end, more.replace("'", '"')),), safe=False)


def _without_key(diagnostic: ConfigListLength, around: Around) -> Iterator[Fix]:
    """A list of a key that the kernel has no place for goes with its key."""
    decorator = around.kernel.decorator
    if diagnostic.expected or decorator is None or decorator.call is None:
        return
    for node in ast.walk(decorator.call):
        keys: list[tuple[Span, str]] = []
        if isinstance(node, ast.Call):
            arguments = sorted((around.span(n) for n in node.args), key=lambda span: span.start)
            spans = ((around.kernel.file, k) for k in node.keywords)
            keys = [(span, "") for span in arguments]
            keys += [(Span(span_of(file, k.value).start - len(f"{k.arg}="), span_of(file, k.value).end), str(k.arg)) for file, k in spans]
        elif isinstance(node, ast.Dict):
            pairs = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
            keys = [(Span(around.span(k).start, around.span(v).end), str(getattr(k, "value", ""))) for k, v in pairs]
        for place, (span, key) in enumerate(keys):
            if key == diagnostic.key and span.encloses(diagnostic.span):
                before, after = keys[place - 1][0].end if place else None, keys[place + 1][0].start if place + 1 < len(keys) else span.end
                gone = Span(span.start, after) if before is None else Span(before, span.end)
                yield Fix(f"Remove `{key}`", (TextEdit(gone, ""),), safe=False)


def _likeliest(diagnostic: ConfigValue, around: Around, entries: tuple[Span, ...]) -> Iterator[Fix]:
    """The allowed word that a wrong one is most like."""
    text = around.kernel.file.text_of
    word = diagnostic.value.strip("'\"")
    close = difflib.get_close_matches(word, _WORD.findall(diagnostic.allowed), 1)
    places = [span for span in entries if text(span).strip("'\"") == word]
    if close and places and word != diagnostic.value:
        edits = tuple(TextEdit(span, text(span).replace(word, close[0])) for span in places)
        yield Fix(f"Change to {close[0]!r}", edits, safe=False)


def _fewer_stages(diagnostic: ConfigTooLarge, literal: ConfigLiteral) -> Iterator[Fix]:
    places = literal.entries.get("num_stages", ())
    if diagnostic.fitting_stages is not None and len(places) == 1:
        stages = diagnostic.fitting_stages
        yield Fix(f"Lower num_stages to {stages}", (TextEdit(places[0], str(stages)),), safe=False)


def _smaller_blocks(diagnostic: ConfigTooLarge, literal: ConfigLiteral) -> Iterator[Fix]:
    places, blocks = literal.entries.get("block_sizes", ()), diagnostic.fitting_blocks
    if blocks is not None and len(places) == len(blocks):
        edits = tuple(TextEdit(place, str(block)) for place, block in zip(places, blocks, strict=True))
        yield Fix(f"Lower block_sizes to [{', '.join(map(str, blocks))}]", edits, safe=False)


def _nearest(diagnostic: ConfigValue, around: Around, entries: tuple[Span, ...]) -> Iterator[Fix]:
    """The nearest number that is allowed, where what is allowed is a range or a range of powers of two."""
    value = _number(diagnostic.value)
    allowed = diagnostic.allowed
    places = [span for span in entries if around.kernel.file.text_of(span) == diagnostic.value]
    if value is None or len(places) != 1:
        return
    between, least, most = _FROM_TO.search(allowed), _AT_LEAST.search(allowed), _AT_MOST.search(allowed)
    low = int(between[1]) if between else int(least[1]) if least else 1
    high = int(between[2]) if between else int(most[1]) if most else None
    if "power of two" not in allowed and between is None:
        return
    near = max(low, value if high is None else min(high, value))
    if "power of two" in allowed:
        near = max(low, 1 << max(0, near.bit_length() - 1))
    if near != value:
        yield Fix(f"Change to {near}", (TextEdit(places[0], str(near)),), safe=False)


def _number(text: str) -> int | None:
    try:
        found: object = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
