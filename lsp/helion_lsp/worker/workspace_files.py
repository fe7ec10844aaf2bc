"""The workspace's folders in, its Python files out, the same ones in the same order every time, no more than a bound."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

MOST_FILES = 4000
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env"})


def python_files(folders: Sequence[str]) -> Iterator[Path]:
    """Hidden folders, environments and what builds leave are passed over."""
    count = 0
    for folder in folders:
        for where, inner, names in os.walk(folder):
            inner[:] = sorted(n for n in inner if n not in _SKIPPED and not n.startswith("."))
            for name in sorted(names):
                if name.endswith(".py"):
                    count += 1
                    if count > MOST_FILES:
                        return
                    yield Path(where, name)
