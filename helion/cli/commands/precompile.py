"""`helion precompile PATH...`: every locked config compiled for its device, without a GPU: none fails for the first time in production."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from helion.autotune.compile_pool import usual_pool_size
from helion.cli.console import add_row, output_console, plain_table
from helion.cli.example_reader import ExampleReader, complete_signatures
from helion.cli.exit_codes import OK, PROBLEMS
from helion.cli.export.variants import Variant, target_of_lock, variants_of
from helion.cli.failure import Failure
from helion.cli.find_kernels import find_kernels
from helion.cli.locks_of_text import locks_of_text
from helion.cli.subject import find_target_or_fail
from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.fork_server import ForkServer
from helion.offline.process import WorkerProcess
from helion.offline.worker import COMPILING, CompileWorker
from helion.runtime.loader import write_module
from helion.syntax.tree import KernelSyntax
from helion.target import DEFAULT_TARGET, Target

_SHOWN = ("registers", "spills", "shared_memory", "occupancy")


@dataclass(frozen=True)
class _Job:
    kernel: KernelSyntax
    variant: Variant
    target: Target


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="PATH|FILE::kernel...")
@click.option(
    "--target", metavar="ARCH", default=DEFAULT_TARGET.name, show_default=True, help="For locks whose architecture is not recorded."
)
@click.option("--jobs", metavar="N", type=click.IntRange(min=1), help="So many at once; one a core unless set.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def command(names: tuple[str, ...], target: str, jobs: int | None, as_json: bool) -> int:
    """Generate and compile the code of every lock by signature, for the architecture it is for; locks for every signature with those that
    inputs= makes. The generated modules are left in the cache that calls take them from. Exit code 1 when one does not compile or does not
    fit its device."""
    problems: list[Failure] = []
    work = list(_jobs(names, find_target_or_fail(target), problems))
    console = Console(stderr=True)
    results = _compiled(work, min(jobs or usual_pool_size(0), max(1, len(work))))
    shown = track(results, "compiling", total=len(work), console=console, disable=as_json or not console.is_terminal)
    rows = [_row(job, result) for job, result in zip(work, shown, strict=True)]
    for problem in problems:
        click.echo(problem.text, err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
    else:
        _show(rows)
    return PROBLEMS if problems or any(row["failure"] for row in rows) else OK


def _jobs(names: tuple[str, ...], usual: Target, problems: list[Failure]) -> Iterator[_Job]:
    """One that cannot be generated is a problem, and hides no other."""
    with ExampleReader() as reader:
        for kernel in find_kernels(names):
            try:
                signatures = _signatures(kernel, reader)
                variants = variants_of(f"{kernel.file.path}::{kernel.qualname}", kernel, signatures, usual, alone=False)
            except Failure as failed:
                problems.append(failed)
                continue
            for variant in variants:
                write_module(variant.module)
                yield _Job(kernel, variant, target_of_lock(kernel, variant.device, usual))


def _signatures(kernel: KernelSyntax, reader: ExampleReader) -> tuple[str, ...]:
    """Of a kernel with a lock for every signature those that its `inputs=` makes; without any the lock is named, not passed over."""
    whole = [entry.device for entry in locks_of_text(kernel) if entry.signature is None]
    signatures = complete_signatures(reader.read(kernel)) if whole else ()
    if whole and not signatures:
        words = f"{kernel.file.path}::{kernel.qualname}: not compiled are the locks for every signature of {', '.join(whole)}"
        click.echo(f"note: {words}: no inputs= says what calls are like", err=True)
    return signatures


def _compiled(work: list[_Job], jobs: int) -> Iterator[Artifact | CompileFailure]:
    """In order, `jobs` at once, each in a child process that may hang or die."""
    workers: queue.Queue[CompileWorker] = queue.Queue()

    def one(job: _Job) -> Artifact | CompileFailure:
        worker = workers.get()
        try:
            return worker.compile(job.variant.module, job.target)
        finally:
            workers.put(worker)

    with ForkServer(COMPILING) as server:
        for _ in range(jobs):
            workers.put(CompileWorker(WorkerProcess(server.forking(COMPILING))))
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, work)


def _row(job: _Job, result: Artifact | CompileFailure) -> dict[str, Any]:
    where = {"file": job.kernel.file.path, "kernel": job.kernel.qualname, "device": job.variant.device, "signature": job.variant.signature}
    if isinstance(result, CompileFailure):
        return {**where, "target": job.target.name, "failure": {"kind": result.kind, "message": result.message}, "resources": {}}
    return {**where, "target": job.target.name, "failure": None, "resources": result.resources()}


def _show(rows: list[dict[str, Any]]) -> None:
    table = plain_table("kernel", "device", "signature", *_SHOWN)
    for row in rows:
        used, failed = row["resources"], row["failure"]
        facts = (failed["kind"], *("" for _ in _SHOWN[1:])) if failed else tuple(str(used[key]) for key in _SHOWN)
        add_row(table, row["kernel"], row["device"], row["signature"], *facts)
    if rows:
        output_console().print(table)
    failed = [row for row in rows if row["failure"]]
    for row in failed:
        click.echo(
            f"error[compile-failed]: {row['kernel']} for {row['device']} × {row['signature']}: {row['failure']['message']}", err=True
        )
    click.echo(f"{len(rows) - len(failed)} compiled, {len(failed)} failed")
