"""Where tables go: as wide as the terminal; into a file or a log, wide enough for a signature and a config."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDTH = 200


def output_console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def is_coloured() -> bool:
    """Whether standard output shows colours, and nobody said otherwise (`NO_COLOR`, `TERM=dumb`)."""
    console = Console()
    return console.color_system is not None and not console.no_color


def plain_table(*columns: str) -> Table:
    """No frame; long cells go on in the next line rather than being cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def add_row(table: Table, *cells: str) -> None:
    """Texts as they are: brackets in signatures are no markup."""
    table.add_row(*(Text(cell) for cell in cells))
