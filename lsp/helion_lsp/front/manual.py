"""A diagnostic's code in, the address of its manual page out: a file in a folder of the server's own, written when first asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

from helion.diagnostics import catalog


class Manual:
    """Pages of the catalog as files, so that every editor can follow a diagnostic's link."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._pages: dict[str, str | None] = {}

    def address(self, code: str) -> str | None:
        """None for what the catalog does not list: there is nothing more to say of it."""
        if code not in self._pages:
            self._pages[code] = self._written(code)
        return self._pages[code]

    def _written(self, code: str) -> str | None:
        found = catalog.find(code)
        if found is None:
            return None
        path = self._folder() / f"{code}.md"
        path.write_text(f"# {code}\n\n{_page(found)}\n", encoding="utf-8")
        return path.as_uri()


def _page(diagnostic: type) -> str:
    """The docstring with its examples as code."""
    lines: list[str] = []
    is_code = False
    for line in (inspect.getdoc(diagnostic) or "").splitlines():
        example = line.strip().startswith((">>>", "..."))
        if example != is_code:
            lines.append("```python" if example else "```")
            is_code = example
        lines.append(line.strip()[4:] if example else line)
    return "\n".join([*lines, *(["```"] if is_code else [])])
