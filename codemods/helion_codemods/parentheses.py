"""New code and the text around it in, all of it as one out, without parentheses that a formatter would give lines of their own."""

from __future__ import annotations

import re

# Behind one of these a parenthesis only groups; behind a name it would be a call's.
_GROUPING = re.compile(r"[=:@][ \t]*(\(+)$")


def joined(before: str, code: str, after: str) -> str:
    """`before`, `code` and `after`. Where code of several lines stands in parentheses of its own, as in `configs=({...})`, these go: they
    say nothing, and formatters would break them open too."""
    if "\n" in code:
        grouping = _GROUPING.search(before.rpartition("\n")[2])
        number = 0 if grouping is None else min(len(grouping[1]), len(after) - len(after.lstrip(")")))
        before, after = before[: len(before) - number], after[number:]
    return before + code + after
