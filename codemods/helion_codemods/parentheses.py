"""New code and the text around it in, all of it as one out, without parentheses that a formatter would lay out anew."""

from __future__ import annotations

# Behind one of these a parenthesis only groups; behind a name it would be a call's.
_GROUPING = ("=", ":", "@")


def joined(before: str, code: str, after: str) -> str:
    """`before`, `code` and `after`. Parentheses round the code alone, as in `configs=({...})`, say nothing: those that hug code of several
    lines go, which formatters would break open too, and so do those on lines of their own round code of one line."""
    plain = _without(before, after, blanks=True)
    if not plain[0].rstrip(" \t").endswith(_GROUPING):
        return before + code + after
    if "\n" in code:
        plain = _without(before, after, blanks=False)
    elif "\n" not in before[len(plain[0]) :] + after[: len(after) - len(plain[1])]:
        plain = before, after
    return plain[0] + code + plain[1]


def _without(before: str, after: str, *, blanks: bool) -> tuple[str, str]:
    """Without the parentheses between which nothing else stands, or only blanks and line ends."""
    while True:
        inner, outer = (before.rstrip(), after.lstrip()) if blanks else (before, after)
        if not (inner.endswith("(") and outer.startswith(")")):
            return before, after
        before, after = inner[:-1], outer[1:]
