"""Two previews in, what differs between them out: a unified diff, and pairs of lines that stand for each other."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any


def preview_diff(left: Mapping[str, Any], right: Mapping[str, Any], names: tuple[str, str]) -> dict[str, Any]:
    """`{text, same}`; `same` are `[left line, right line, length]` of what the two share, for editors that align them."""
    first, second = left["text"].splitlines(keepends=True), right["text"].splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    text = "".join(difflib.unified_diff(first, second, *names))
    return {"text": text, "same": [[m.a, m.b, m.size] for m in matcher.get_matching_blocks() if m.size]}
