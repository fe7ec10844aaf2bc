"""Tuning events and results in, lines for people or JSON lines for programs out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from helion.autotune.events import TuningEvent, TuningFinished, TuningPhase, TuningProgress, TuningStarted, event_to_json
from helion.autotune.result import TuneResult
from helion.autotune.verdict import Verdict
from helion.cli.write_lock import LockToWrite


def reporter(*, as_json: bool) -> Callable[[TuningEvent], None]:
    """What shows events while a tuning runs."""
    return _json_line if as_json else _line


def show_result(result: TuneResult, lock: LockToWrite, verdict: Verdict, *, arguments: str, as_json: bool) -> None:
    """`lock` is what a lock of the result is, whether or not the verdict is to write it."""
    if as_json:
        what = {"signature": arguments, "lock_signature": lock.signature, "kernel": lock.qualname, "verdict": vars(verdict)}
        where = {"minimal_config": dict(lock.config), "lock_device": lock.device, **what, "evidence": lock.evidence}
        click.echo(json.dumps({"event": "result", **result.to_json(), **where}, default=str))
        return
    word = "estimated " if result.estimated else ""
    default = "" if result.default_microseconds is None else f" (default {result.default_microseconds:.1f} µs)"
    click.echo(f"{lock.device}, {arguments}\nbest: {word}{result.microseconds:.1f} µs{default}, {len(result.trials)} configs tried")
    click.echo(verdict.words)
    if result.partial:
        click.echo("stopped before its end: the same command goes on from here")
    click.echo(f"helion.{lock.config}")


def show_failure(data: dict[str, Any], arguments: str) -> None:
    """For programs: people read the diagnostic."""
    click.echo(json.dumps({"event": "failed", "signature": arguments, **data}, default=str))


def _json_line(event: TuningEvent) -> None:
    click.echo(json.dumps(event_to_json(event), default=str))


def _line(event: TuningEvent) -> None:
    match event:
        case TuningStarted(method=method, search=search, budget_seconds=budget, resumed=resumed, log=log):
            click.echo(f"tuning by {'measuring' if method == 'measured' else 'estimating'} ({search}, at most {budget:.0f} s)", err=True)
            if log is not None:
                click.echo(f"  log: {log}", err=True)
            if resumed:
                click.echo(f"  going on from it: {resumed} trials are known (--fresh starts over)", err=True)
        case TuningProgress(improved=True, best_us=best, distinct=tried, elapsed_seconds=elapsed) if best is not None:
            click.echo(f"  {elapsed:5.1f} s  {tried:4d} configs  best {best:.1f} µs", err=True)
        case TuningPhase(text=text):
            click.echo(f"  {text}", err=True)
        case TuningFinished(reason=reason):
            click.echo(f"  finished: {reason}", err=True)
        case _:
            pass
