"""Audit rows and finished work in, tables for people out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from helion.cli.refresh.work import WorkDone, WorkItem
from helion.locks.audit import STATES, AuditRow
from helion.locks.explanation import evidence_words

_COLOURS = {"broken": "bold red", "missing": "red", "stale": "yellow", "older": "blue", "locked": "green"}


def show_audit(console: Console, rows: Sequence[AuditRow]) -> None:
    """One line a kernel × device × signature, the worst of a kernel first, and a count of each state."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("kernel", "device", "signature", "state", "what is known"):
        table.add_column(column, overflow="fold")
    kernel = ""
    for row in sorted(rows, key=lambda r: (r.file, *_in_order(r.kernel), r.device, r.signature or "")):
        name = f"{shortened(row.file)}::{row.kernel}"
        known = row.words[0] if row.words else row.served_by or evidence_words(row.evidence)
        state = Text(row.state, _COLOURS.get(row.state, "cyan"))
        table.add_row(Text("" if name == kernel else name), Text(row.device), Text(row.signature or "any"), state, Text(known))
        kernel = name
    if rows:
        console.print(table)
    console.print(counts_of(rows))


def _in_order(kernel: str) -> tuple[str, int]:
    """Kernels of one name by their lines, as numbers."""
    name, _, line = kernel.partition("@")
    return name, int(line or 0)


def counts_of(rows: Iterable[AuditRow]) -> str:
    """`2 missing, 1 stale, 5 locked`."""
    counts = Counter(row.state for row in rows)
    return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]) or "no kernels"


def show_plan(console: Console, items: Sequence[WorkItem], *, seconds: float, jobs: int) -> None:
    """What would be tuned, and how long it takes at most."""
    for item in items:
        console.print(Text(f"{shortened(item.path)}::{item.kernel}  {item.signature or 'as the text says'}"))
    if not items:
        console.print("nothing to tune")
        return
    rounds = -(-len(items) // max(1, jobs))
    most = rounds * seconds
    words = f"{most / 60:.0f} minutes" if most >= 120 else f"{most:.0f} seconds"
    console.print(f"{len(items)} to tune, {jobs} at once, {seconds:.0f} s each: at most {words}")


def line_of(done: WorkDone) -> str:
    """What came of one piece of work, in a line."""
    where = f" ({done.worker}{'' if done.attempts == 1 else f', attempt {done.attempts}'})"
    if not done.results:
        first = next((line for line in done.problem.splitlines() if line.strip()), "it gave no result")
        return f"{done.item.title}: {first}{where}"
    return "\n".join(f"{done.item.title}: {result['verdict']['words']}{where}" for result in done.results)


def shortened(path: str) -> str:
    """Relative to the working directory where it is below it."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd()))
    except ValueError:
        return path
