"""The text of a hover in two parts: what only the toolkit knows, and after a rule what any Python language server says too."""

from __future__ import annotations

_RULE = "\n\n---\n\n"


def with_documentation(known: str, documentation: str) -> str:
    """`known` may be empty: then nothing is left where the documentation is not wanted."""
    return f"{known}{_RULE}{documentation}" if documentation else known


def shown(text: str, *, documentation: bool) -> str:
    """What of a text is shown; empty where that is nothing."""
    known, _, rest = text.partition(_RULE)
    if not documentation:
        return known
    return text if known else rest
