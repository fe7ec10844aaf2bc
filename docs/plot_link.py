"""The name of a plot in, the lines of a page that show it out."""

from __future__ import annotations

from collections.abc import Iterator


def plot_link(name: str, words: str) -> Iterator[str]:
    """A plot that `docs/plots.py` draws when the site is built, for each of its themes."""
    yield from (f"![{words}](plots/{name}.{theme}.svg#only-{theme})" for theme in ("light", "dark"))
    yield ""
