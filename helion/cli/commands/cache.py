"""`helion cache`: what is kept between runs, why a tuning result was or was not taken from it, and throwing it away."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from helion.autotune.config_cache import CacheEntry, read_entries
from helion.cli.console import add_row, output_console, plain_table
from helion.cli.exit_codes import NOT_FOUND, OK
from helion.cli.failure import failure
from helion.cli.read_source import split_name
from helion.runtime.environment import cache_directory
from helion.trials.record import logs_of, read_record

_KINDS = {"results": "*.best_config", "trials": "trials/*.jsonl", "refresh": "refresh/*", "code": "code/*", "check": "check/*.json"}


_OF_LOG = ("kernel", "device", "signature")


@click.group()
def command() -> None:
    """Look into and clear what is kept in the cache directory: tuning results, trial logs, generated code, findings."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def path(as_json: bool) -> int:
    """Print the cache directory."""
    click.echo(json.dumps({"path": str(cache_directory())}) if as_json else str(cache_directory()))
    return OK


@command.command(name="list", short_help="List tuning results and trial logs, and the size of everything.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
def list_command(as_json: bool) -> int:
    """List tuning results and trial logs, and how much everything takes."""
    folder = cache_directory()
    results = [{**entry.key.fields, "kind": entry.key.kind, "config": dict(entry.config)} for entry in read_entries(folder)]
    logs = list(_logs(folder / "trials"))
    sizes = {kind: _size(folder, pattern) for kind, pattern in _KINDS.items()}
    if as_json:
        click.echo(json.dumps({"path": str(folder), "results": results, "logs": logs, "bytes": sizes}, indent=2, default=str))
        return OK
    console = output_console()
    if results:
        console.print(_table(("kernel", "hardware", "specialization", "config"), [_row(result) for result in results]))
    if logs:
        console.print(_table(("log", *_OF_LOG, "trials", "best"), [_log_row(log) for log in logs]))
    console.print(Text(f"{folder}: " + ", ".join(f"{kind} {size / 1024:.0f} KiB" for kind, size in sizes.items())))
    return OK


@command.command(short_help="Say what the results kept for a kernel are kept for.")
@click.argument("kernel")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def explain(kernel: str, as_json: bool) -> int:
    """Say what each result kept for KERNEL is kept for, and in which facts it differs from the newest: a call whose facts differ in any of
    them does not get it."""
    kernel = split_name(kernel)[1] or kernel
    known = list(read_entries(cache_directory()))
    entries = [entry for entry in known if entry.key.fields.get("kernel") == kernel]
    if not entries:
        raise failure("no-such-result", _nothing_kept(kernel, known), NOT_FOUND)
    newest = entries[0]
    if as_json:
        click.echo(json.dumps([_explained(entry, newest) for entry in entries], indent=2, default=str))
        return OK
    for number, entry in enumerate(entries):
        click.echo(f"{entry.key.kind} {entry.key.digest()[:12]}: {entry.config}")
        for name, value in entry.key.fields.items() if number == 0 else ():
            click.echo(f"    {name} = {value}")
        for name, (own, other) in entry.key.differences(newest.key).items():
            click.echo(f"    {name} = {own}, the newest has {other}")
    return OK


@command.command()
@click.option("--kind", "kinds", type=click.Choice(list(_KINDS)), multiple=True, help="Only these; all unless set.")
@click.option("--older-than", type=float, default=0.0, metavar="DAYS", help="Only what was not changed for so many days.")
@click.option("--dry-run", is_flag=True, help="Say what would go.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def clear(kinds: tuple[str, ...], older_than: float, dry_run: bool, as_json: bool) -> int:
    """Delete what is kept. Locks are in sources and are not touched."""
    before = time.time() - older_than * 86400
    folder = cache_directory()
    found = [file for kind in kinds or _KINDS for file in folder.glob(_KINDS[kind]) if file.stat().st_mtime <= before]
    size = sum(_bytes(file) for file in found)
    for file in () if dry_run else found:
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
    if as_json:
        click.echo(json.dumps({"deleted": not dry_run, "files": len(found), "bytes": size}))
    else:
        click.echo(f"{len(found)} files, {size / 1024:.0f} KiB {'would be' if dry_run else 'were'} deleted")
    return OK


def _nothing_kept(kernel: str, known: list[CacheEntry]) -> str:
    """Where to look instead: `helion tune` keeps its trials, and calls that tune keep their winner."""
    words = f"the cache holds no result of `{kernel}`: calls that tune leave those"
    logs = [log for log in _logs(cache_directory() / "trials") if log["kernel"] == kernel]
    if logs:
        path = next((log["file"] for log in logs if log["file"]), None)
        shown = f"helion report {path}::{kernel}" if path else f"helion report {logs[0]['log']}"
        of_them = "\n".join(
            f"  {log['log']}: {log['signature'] or 'every signature'} on {log['device']}, {log['trials']} trials" for log in logs
        )
        return f"{words}, and of `helion tune` there are logs, which `{shown}` shows:\n{of_them}"
    others = ", ".join(dict.fromkeys(str(entry.key.fields.get("kernel")) for entry in known))
    return f"{words}, and no trial log is of it; results are of {others}" if others else f"{words}, and no trial log is of it"


def _logs(folder: Path) -> Iterator[dict[str, Any]]:
    for log in logs_of(folder):
        record = read_record(log)
        if record is not None:
            best = record.best_first[0].microseconds if record.best_first else None
            named = {key: record.header.get(key) for key in (*_OF_LOG, "file", "host")}
            yield {"log": log.name, **named, "trials": len(record.trials), "best_us": best}


def _log_row(log: Mapping[str, Any]) -> tuple[str, ...]:
    best = "-" if log["best_us"] is None else f"{log['best_us']:.1f} µs"
    return (log["log"], *(str(log[key] or "") for key in _OF_LOG), str(log["trials"]), best)


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    return (*(str(result.get(name, "")) for name in ("kernel", "hardware", "specialization")), str(result["config"]))


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = plain_table(*columns)
    for row in rows:
        add_row(table, *row)
    return table


def _explained(entry: CacheEntry, newest: CacheEntry) -> dict[str, Any]:
    differs = {name: {"own": own, "newest": other} for name, (own, other) in entry.key.differences(newest.key).items()}
    return {
        "kind": entry.key.kind,
        "digest": entry.key.digest(),
        "config": dict(entry.config),
        "fields": entry.key.fields,
        "differs": differs,
    }


def _size(folder: Path, pattern: str) -> int:
    return sum(_bytes(file) for file in folder.glob(pattern))


def _bytes(file: Path) -> int:
    return sum(inner.stat().st_size for inner in file.rglob("*") if inner.is_file()) if file.is_dir() else file.stat().st_size
