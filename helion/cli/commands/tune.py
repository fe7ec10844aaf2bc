"""`helion tune FILE::kernel`: the search, with progress as lines (or JSON lines), and the winner locked when asked."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import click
import torch

from helion.autotune.effort import SearchRequest
from helion.autotune.events import TuningEvent, TuningFinished, TuningPhase, TuningProgress, TuningStarted, event_to_json
from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.measure_messages import SetUp
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.tune_kernel import MeasuredMethod, ModelMethod, TuneOptions, tune_kernel
from helion.cli.commands.lock import write_lock
from helion.cli.exit_codes import OK, TUNING_FAILED
from helion.cli.failure import failure
from helion.cli.lock_evidence import evidence_of
from helion.cli.subject import Subject, check_subject, find_target_or_fail, space_of, split_name
from helion.config.space import ConfigSpace
from helion.offline.process import WorkerProcess, python_command
from helion.runtime.devices import product_name, target_of
from helion.signatures.notation import format_notation
from helion.target import DEFAULT_TARGET, Target


@click.command()
@click.argument("name", metavar="FILE::kernel")
@click.option("--args", "signature", metavar="SIGNATURE", help="Argument types: 'bf16[4096,4096], bf16[4096,4096]'.")
@click.option("--target", "target_name", help="Estimate for this architecture instead of measuring on the GPU here.")
@click.option("--budget", default=60.0, show_default=True, metavar="SECONDS", help="Stop after this long.")
@click.option("--effort", default="full", type=click.Choice(["none", "quick", "full"]), show_default=True, help="How hard to search.")
@click.option("--lock", "write", is_flag=True, help="Write the winner into the decorator.")
@click.option("--json", "as_json", is_flag=True, help="Events and the result as JSON lines.")
def command(name: str, signature: str | None, target_name: str | None, budget: float, effort: str, write: bool, as_json: bool) -> int:
    """Find the fastest config of a kernel for argument types. With no GPU (or with --target) candidates are ranked by a model over the
    compiled code: the result is then *estimated*, and says so."""
    subject = check_subject(name, signature, to_lower=True)
    measured = target_name is None and torch.cuda.is_available()
    target = target_of(torch.device("cuda")) if measured else find_target_or_fail(target_name or DEFAULT_TARGET.name)
    ir, space = space_of(subject, target)
    if subject.taken and signature is None:
        click.echo(f"note: not said in the text, so taken: {'; '.join(subject.taken)} (say more with --args)", err=True)
    arguments = signature or format_notation([p.binding.type for p in subject.typed.parameters])
    stop = threading.Event()

    def end_search(*_: object) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end_search)
    signal.signal(signal.SIGTERM, end_search)
    method = _measured(name, subject, arguments) if measured else ModelMethod()
    options = TuneOptions(budget_seconds=budget, search=SearchRequest(effort=effort))
    show = _json_line if as_json else _line
    result = tune_kernel(ir, space, target, method, options, emit=show, cancelled=stop.is_set)
    if isinstance(result, TuneFailure):
        raise failure("no-config-found", str(result), TUNING_FAILED)
    device = product_name(torch.device("cuda")) if measured else target.name
    evidence = evidence_of(subject, space, method=result.method, **_numbers(result, target))
    _report(result, space, device, arguments, evidence, as_json)
    if write:
        write_lock(name, subject.kernel.qualname, device, signature, space.minimize(result.config), evidence)
    return OK


def _measured(name: str, subject: Subject, arguments: str) -> MeasuredMethod:
    process = WorkerProcess(python_command("helion.runtime.measure_process"))
    path = str(Path(split_name(name)[0]).resolve())
    return MeasuredMethod(process, SetUp(KernelInFile(path, subject.kernel.qualname, arguments)))


def _numbers(result: TuneResult, target: Target) -> dict[str, Any]:
    data = result.to_json()
    kept = ("us", "noise_us", "default_us", "significant", "correctness", "resources", "trials", "failures", "seconds", "partial", "reason")
    return {"target": target.name, **{key: data[key] for key in kept if key in data}}


def _report(result: TuneResult, space: ConfigSpace, device: str, arguments: str, evidence: dict[str, object], as_json: bool) -> None:
    minimal = space.minimize(result.config)
    if as_json:
        where = {"minimal_config": dict(minimal), "lock_device": device, "signature": arguments, "evidence": evidence}
        data = {"event": "result", **result.to_json(), **where}
        click.echo(json.dumps(data, default=str))
        return
    word = "estimated " if result.estimated else ""
    default = "" if result.default_microseconds is None else f" (default {result.default_microseconds:.1f} µs)"
    click.echo(f"{device}, {arguments}\nbest: {word}{result.microseconds:.1f} µs{default}, {len(result.trials)} configs tried")
    if not result.significant:
        click.echo("no significant change from the default config")
    click.echo(f"helion.{minimal}")


def _json_line(event: TuningEvent) -> None:
    click.echo(json.dumps(event_to_json(event), default=str))


def _line(event: TuningEvent) -> None:
    match event:
        case TuningStarted(method=method, search=search, budget_seconds=budget):
            click.echo(f"tuning by {'measuring' if method == 'measured' else 'estimating'} ({search}, at most {budget:.0f} s)", err=True)
        case TuningProgress(improved=True, best_us=best, trials=trials, elapsed_seconds=elapsed) if best is not None:
            click.echo(f"  {elapsed:5.1f} s  {trials:4d} configs  best {best:.1f} µs", err=True)
        case TuningPhase(text=text):
            click.echo(f"  {text}", err=True)
        case TuningFinished(reason=reason):
            click.echo(f"  finished: {reason}", err=True)
        case _:
            pass
