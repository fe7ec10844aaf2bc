"""The configs written in a decorator and what can be tuned in, what is wrong with them out, each key at its own place."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator

from helion.config.check_capacity import check_capacity
from helion.config.knobs import KNOBS
from helion.config.space import ConfigSpace
from helion.diagnostics.catalog.config import UnknownConfigKey
from helion.diagnostics.diagnostic import Diagnostic
from helion.syntax.config_literals import ConfigLiteral
from helion.typed_kernel.tree import TypedKernel


def check_literals(literals: Iterable[ConfigLiteral], space_of: Callable[[str | None], ConfigSpace]) -> Iterator[Diagnostic]:
    """`space_of` gives the space on a device, None for any."""
    for literal in literals:
        space = space_of(literal.device)
        left_out = literal.spans.keys() - literal.values.keys()
        if literal.has_unpacked and "block_sizes" not in literal.spans:
            left_out.add("block_sizes")  # the one list that no config may leave out
        found = space.check(literal.values, literal.span, literal.spans)
        yield from (diagnostic for diagnostic in found if getattr(diagnostic, "key", None) not in left_out)
        if not found and not left_out:
            yield from check_capacity(space, literal.values, literal.spans.get("block_sizes", literal.span))


def check_keys(literals: Iterable[ConfigLiteral], kernel: TypedKernel) -> Iterator[Diagnostic]:
    """What can be said without a space: keys that no kernel has, and that this one does not register."""
    known = {name for knob in KNOBS for name in (knob.key, knob.alias) if name is not None} | {t.name for t in kernel.tunables}
    for literal in literals:
        for key, span in literal.spans.items():
            if key not in known:
                close = difflib.get_close_matches(key, sorted(known), 1)
                yield UnknownConfigKey(span, key, close[0] if close else None)
