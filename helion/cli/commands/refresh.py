"""`helion refresh`: which locks are missing, stale or borrowed, and tuning them again, here or on a cluster."""

from __future__ import annotations

import json
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from helion.cli.commands.tune import seconds
from helion.cli.console import output_console
from helion.cli.exit_codes import CANCELLED, OK, PROBLEMS, TUNING_FAILED
from helion.cli.read_source import read_file
from helion.cli.refresh.audit_files import audit_files
from helion.cli.refresh.borrow import borrow
from helion.cli.refresh.finished import FinishedWork, RememberingFleet
from helion.cli.refresh.fleet import DaskFleet, Fleet, LocalFleet
from helion.cli.refresh.merge import merge
from helion.cli.refresh.refusals import lockable
from helion.cli.refresh.remedies import remedies
from helion.cli.refresh.render import counts_of, line_of, shortened, show_audit, show_plan
from helion.cli.refresh.work import WorkDone, WorkItem, plan_of
from helion.cli.refresh.worker import run_workers
from helion.cli.subject import checked_device, find_target_or_fail
from helion.locks.audit import STATES, AuditRow
from helion.runtime.devices import product_name
from helion.runtime.environment import cache_directory
from helion.target import DEFAULT_TARGET

_USUAL = ("broken", "missing", "stale", "borrowed", "estimated", "partial")
_FATAL = ("broken", "missing", "stale")
_TUNABLE = tuple(state for state in STATES if state != "left")
_NOT_MEASURED = ("borrowed", "estimated", "partial", "given", "unrecorded")
# Beyond a tuning's own budget: importing the user's file, compiling the finalists, confirming them.
_SLACK_SECONDS = 300.0
_paths = click.argument("names", nargs=-1, required=True, metavar="PATH|FILE::kernel...")
_devices = click.option(
    "--device", "devices", multiple=True, metavar="NAME", help="A device that should have locks; those that have any do."
)
_no_inputs = click.option("--no-inputs", is_flag=True, help="Import no module: ask no inputs= for its signatures.")
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")


class _States(click.Choice[str]):
    """One or several states with commas between."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return tuple(super(_States, self).convert(part.strip(), param, ctx) for part in str(value).split(","))


def _joined(context: click.Context, parameter: click.Parameter, values: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(state for group in values for state in group)


_states = click.option(
    "--state",
    "states",
    type=_States(_TUNABLE),
    multiple=True,
    callback=_joined,
    metavar="STATE,...",
    help=f"Which states to refresh, of {', '.join(_TUNABLE)}; unless set {', '.join(_USUAL)}.",
)
_target = click.option("--target", metavar="ARCH", help="Estimate for this architecture instead of measuring.")
_budget = click.option(
    "--budget", type=float, metavar="SECONDS", default=60.0, show_default=True, callback=seconds, help="At most so long for each signature."
)
_effort = click.option("--effort", type=click.Choice(["none", "quick", "full"]), help="How hard to search.")
_fresh = click.option("--fresh", is_flag=True, help="Start over instead of going on from logs.")
_jobs = click.option("--jobs", metavar="N", type=click.IntRange(min=1), help="So many at once; one a GPU unless set.")


@click.group()
def command() -> None:
    """Keep locked configs true. `audit` and `check` need no GPU; `run` tunes what `plan` lists, on this machine's GPUs or a cluster's."""


@command.command(short_help="List every kernel × device × signature, and the state of its lock.")
@_paths
@_devices
@_no_inputs
@_json
def audit(names: tuple[str, ...], devices: tuple[str, ...], no_inputs: bool, as_json: bool) -> int:
    """List kernels × devices × signatures: locked, stale, missing, borrowed, ..."""
    rows = _audit(names, devices, no_inputs=no_inputs)
    if as_json:
        click.echo(json.dumps([row.to_json() for row in rows], indent=2, default=str))
    else:
        show_audit(output_console(), rows)
    return OK


@command.command(short_help="For CI: fail when a lock is broken, missing or stale.")
@_paths
@_devices
@_no_inputs
@click.option(
    "--fail-on",
    type=_States(STATES),
    multiple=True,
    callback=_joined,
    metavar="STATE,...",
    help=f"Which states fail, of {', '.join(STATES)}; unless set {', '.join(_FATAL)}.",
)
@_json
def check(names: tuple[str, ...], devices: tuple[str, ...], no_inputs: bool, fail_on: tuple[str, ...], as_json: bool) -> int:
    """For CI: exit code 1 when a lock is in a state that should not be. Nothing is tuned, and no GPU is needed."""
    rows = _audit(names, devices, no_inputs=no_inputs)
    wrong = [row for row in rows if row.state in (fail_on or _FATAL)]
    if as_json:
        click.echo(json.dumps([row.to_json() for row in wrong], indent=2, default=str))
    elif wrong:
        show_audit(output_console(), wrong)
        helps = remedies(wrong, names, _device_here(None), _USUAL, measured=torch.cuda.is_available())
        click.echo("\n  ".join([f"{len(wrong)} of {len(rows)} fail:", *helps]))
    else:
        click.echo("\n".join([counts_of(rows), *_passed_over(rows)]))
    return PROBLEMS if wrong else OK


def _passed_over(rows: Sequence[AuditRow]) -> Iterator[str]:
    """What passes and is yet worth a word: a hint, as for an editor."""
    unmeasured = [row for row in rows if row.state in _NOT_MEASURED]
    if unmeasured:
        states = ",".join(state for state in _NOT_MEASURED if any(row.state == state for row in unmeasured))
        words = "was never measured on its device" if len(unmeasured) == 1 else "were never measured on their devices"
        yield f"note: {len(unmeasured)} {words} and passed: `audit` lists them, `--fail-on {','.join(_FATAL)},{states}` fails for them"
    left = list(dict.fromkeys(f"`{row.kernel}` of {shortened(row.file)}" for row in rows if row.state == "left"))
    if left:
        yield f"note: evidence is left of {', '.join(left)}, which is there no more: `helion prune` of the file drops it"


@command.command(short_help="Say what `run` would tune, and how long it would take.")
@_paths
@_devices
@_states
@_no_inputs
@_target
@_budget
@_jobs
@_json
def plan(
    names: tuple[str, ...], devices: tuple[str, ...], as_json: bool, no_inputs: bool, budget: float, jobs: int | None, **options: Any
) -> int:
    """Say what `run` would tune, and how long it would take at most."""
    device = _device_here(options["target"])
    items, refused = lockable(_plan(names, devices, no_inputs=no_inputs, budget=budget, effort=None, fresh=False, **options), device)
    for failed in refused:
        click.echo(failed.text, err=True)
    if as_json:
        click.echo(json.dumps([{"file": i.path, "kernel": i.kernel, "signature": i.signature} for i in items], indent=2))
    else:
        show_plan(output_console(), items, seconds=budget, jobs=jobs or max(1, torch.cuda.device_count()))
    return OK


@command.command(short_help="Tune what is missing, stale or not measured, and lock the winners.")
@_paths
@_devices
@_states
@_no_inputs
@_target
@_budget
@_effort
@_fresh
@_jobs
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Spread the work over the workers of a Dask scheduler.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Write overrides there, not the sources.")
@_json
def run(
    names: tuple[str, ...], devices: tuple[str, ...], jobs: int | None, scheduler: str | None, into: Path | None, **options: Any
) -> int:
    """Tune what is missing, stale or not measured, then write every winner that is worth it, once. Ctrl-C writes what is
    finished; after a kill the same command goes on from it."""
    as_json = options.pop("as_json")
    items, device = _plan(names, devices, into=into, **options), _device_here(options["target"])
    items, refused = lockable(items, device) if into is None else (items, [])
    for failed in refused:
        click.echo(failed.text, err=True)
    kept = FinishedWork(cache_directory() / "refresh", device)
    fleet = RememberingFleet(_fleet(jobs, scheduler, measured=options["target"] is None), kept)
    finished: list[WorkDone] = []
    stopped = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as clusters end what runs too long
    try:
        for done in _followed(fleet, items, quiet=as_json):
            finished.append(done)
            if as_json:
                click.echo(json.dumps(_json_of(done), default=str))
    except KeyboardInterrupt:
        stopped = True
        words = "the same command goes on from there"
        click.echo(f"stopped: {len(finished)} of {len(items)} were finished, and are written; {words}", err=True)
    unwritten = merge(finished, into=into, written=kept.drop)
    for failed in unwritten:
        click.echo(failed.text, err=True)
    refused += unwritten
    failures = [done for done in finished if not done.results]
    click.echo(f"{len(finished) - len(failures)} tuned, {len(failures)} failed, {len(refused)} refused", err=True)
    if refused:
        return refused[0].exit_code
    return CANCELLED if stopped else TUNING_FAILED if failures else OK


@command.command(name="borrow", short_help="Copy the locks of one device to another, marked as borrowed.")
@_paths
@click.option("--from", "source", required=True, metavar="DEVICE", help="Whose locks to copy.")
@click.option("--to", "device", required=True, metavar="DEVICE", help="The device that has none yet.")
@click.option("--json", "as_json", is_flag=True, help="What was borrowed, as JSON.")
def borrow_command(names: tuple[str, ...], source: str, device: str, as_json: bool) -> int:
    """Copy the locks of one device to another that nobody has measured on yet, and say so in the evidence."""
    borrowed = borrow(names, source, checked_device(device))
    if as_json:
        click.echo(json.dumps(borrowed, indent=2))
    elif borrowed:
        click.echo(f"{len(borrowed)} borrowed from {source}; `helion refresh run` on {device} measures them")
    else:
        click.echo(f"nothing to borrow: no kernel has locks for {source} that {device} has not")
    return OK


@command.command(short_help="Join a Dask scheduler with a worker for each GPU of this machine.")
@click.argument("scheduler", metavar="tcp://HOST:PORT")
@click.option("--slots", metavar="N", type=click.IntRange(min=1), help="So many workers; one a GPU of this machine unless set.")
def worker(scheduler: str, slots: int | None) -> int:
    """Join a Dask scheduler with one worker a GPU, each pinned to its own. Needs the extra `fleet`."""
    run_workers(scheduler, slots)
    return OK


def _audit(names: Sequence[str], devices: Sequence[str], *, no_inputs: bool, into: Path | None = None) -> list[AuditRow]:
    return audit_files(names, devices, run_inputs=not no_inputs, into=into, say=lambda text: click.echo(f"note: {text}", err=True))


def _plan(
    names: Sequence[str],
    devices: Sequence[str],
    *,
    no_inputs: bool,
    states: tuple[str, ...],
    target: str | None,
    budget: float,
    effort: str | None,
    fresh: bool,
    into: Path | None = None,
) -> list[WorkItem]:
    if target is not None:
        find_target_or_fail(target)
    elif not torch.cuda.is_available():
        target = DEFAULT_TARGET.name
        click.echo(f"note: there is no GPU here, so configs are estimated for {target}", err=True)
    here = _device_here(target)
    rows = [row for row in _audit(names, (*devices, here), no_inputs=no_inputs, into=into) if row.device == here]
    texts = {row.file: read_file(row.file).text for row in rows}
    options = ["--budget", str(budget), *(["--effort", effort] if effort else []), *(["--fresh"] if fresh else [])]
    options += [] if into is None else ["--into", str(into.resolve())]  # where a tuning looks for the lock to beat, too
    wanted = states or tuple(state for state in _USUAL if target is None or state != "estimated")
    return plan_of(rows, texts, wanted, target=target, options=tuple(options), seconds=budget + _SLACK_SECONDS)


def _device_here(target: str | None) -> str:
    """What locks are for: the target that is estimated for, or the GPU of this machine."""
    return product_name(torch.device("cuda")) if target is None and torch.cuda.is_available() else target or DEFAULT_TARGET.name


def _fleet(jobs: int | None, scheduler: str | None, *, measured: bool) -> Fleet:
    if scheduler is not None:
        return DaskFleet(scheduler)
    gpus = tuple(range(torch.cuda.device_count())) if measured else ()
    return LocalFleet(jobs or max(1, len(gpus)), gpus)


def _followed(fleet: Fleet, items: Sequence[WorkItem], *, quiet: bool) -> Iterator[WorkDone]:
    """The finished work, with a bar on standard error."""
    columns = (SpinnerColumn(), TextColumn("tuning"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress,
        closing(_as_generator(fleet, items)) as work,
    ):
        task = progress.add_task("", total=len(items))
        for done in work:
            progress.advance(task)
            if not quiet:
                progress.console.print(line_of(done), markup=False, highlight=False, soft_wrap=True)
            yield done


def _as_generator(fleet: Fleet, items: Sequence[WorkItem]) -> Generator[WorkDone]:
    yield from fleet.run(items)


def _json_of(done: WorkDone) -> dict[str, Any]:
    item = done.item
    where = {"file": item.path, "kernel": item.kernel, "signature": item.signature, "worker": done.worker, "attempts": done.attempts}
    return {**where, "problem": done.problem or None, "results": list(done.results)}
