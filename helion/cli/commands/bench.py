"""`helion bench FILE::kernel`: what the default, the locked and any given configs take, side by side."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch
from rich.text import Text

from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.measure_messages import SetUp
from helion.autotune.result import TuneFailure
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.tune_kernel import MeasuredMethod, ModelMethod, TuneOptions, tune_kernel
from helion.cli.commands.show import config_of
from helion.cli.console import add_row, output_console, plain_table
from helion.cli.exit_codes import OK, TUNING_FAILED
from helion.cli.failure import failure
from helion.cli.kernel_name import KernelName
from helion.cli.locks_of_text import locks_of_text
from helion.cli.subject import Subject, check_subject, find_target_or_fail, space_of
from helion.cli.tune_signatures import signatures_to_tune
from helion.cli.tuning_processes import MEASURING, tuning_processes
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.locks.identity import DeviceIdentity, identity_of_key
from helion.locks.selection import select
from helion.offline.fork_server import ForkServer
from helion.offline.process import WorkerProcess
from helion.runtime.devices import identity_of, target_of
from helion.syntax.namesakes import number_of
from helion.target import DEFAULT_TARGET, Target
from helion.trials.trial import Trial


@dataclass(frozen=True)
class _Bench:
    """What is timed, and on what."""

    name: str
    target: Target
    measured: bool
    configs: tuple[str, ...]
    server: ForkServer

    @property
    def identity(self) -> DeviceIdentity:
        return identity_of(torch.device("cuda")) if self.measured else identity_of_key(self.target.name)


@click.command()
@click.argument("name", metavar="FILE::kernel", type=KernelName())
@click.option("--args", "signature", metavar="SIGNATURE", help="Argument types; those of inputs=, else what the text says, when left out.")
@click.option(
    "--config", "configs", multiple=True, metavar="CONFIG", help="A further config, as JSON or as `helion.Config(...)`; repeatable."
)
@click.option("--target", "target_name", metavar="ARCH", help="Estimate for this architecture instead of measuring on the GPU here.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def command(name: str, signature: str | None, configs: tuple[str, ...], target_name: str | None, as_json: bool) -> int:
    """Time the default config, the one that a call would run, and those of --config, for each signature. Without a GPU (or with --target)
    the times are estimates, and say so. Nothing is written, and no trial log is kept."""
    subject = check_subject(name, signature, to_lower=True)
    measured = target_name is None and torch.cuda.is_available()
    target = target_of(torch.device("cuda")) if measured else find_target_or_fail(target_name or DEFAULT_TARGET.name)
    with tuning_processes(measured=measured) as server:
        bench = _Bench(name, target, measured, configs, server)
        shown = [_one(bench, to_tune.arguments, given=to_tune.lock) for to_tune in signatures_to_tune(subject, signature)]
    if as_json:
        click.echo(json.dumps(shown, indent=2, default=str))
    else:
        for one in shown:
            _show(one)
    return OK if all(row["us"] is not None for one in shown for row in one["rows"]) else TUNING_FAILED


def _one(bench: _Bench, arguments: str, *, given: str | None) -> dict[str, Any]:
    subject = check_subject(bench.name, given, to_lower=True)
    ir, space = space_of(subject, bench.target)
    named = _configs(bench, subject, space, arguments)
    options = TuneOptions(budget_seconds=math.inf, search=FiniteSearch(tuple(dict.fromkeys(named.values()))))
    result = tune_kernel(ir, space, bench.target, _method(bench, subject, arguments), options, server=bench.server)
    if isinstance(result, TuneFailure) and not result.trials:
        raise failure("tuning-unavailable", result.message, TUNING_FAILED)
    trials = {trial.config: trial for trial in result.trials}
    default = trials.get(space.default())
    # Two configs with the same code are one trial, that of the first.
    rows = [_row(title, space.minimize(config), trials.get(config) or default, default) for title, config in named.items()]
    method = "measured" if bench.measured else "estimated"
    return {"kernel": subject.kernel.qualname, "signature": arguments, "device": bench.identity.product, "method": method, "rows": rows}


def _configs(bench: _Bench, subject: Subject, space: ConfigSpace, arguments: str) -> dict[str, Config]:
    """By what they are to the reader."""
    found = {"default": space.default()}
    locked = select(locks_of_text(subject.kernel), bench.identity, arguments)
    if locked is not None and not space.check(locked.config):
        found[f"locked ({locked.entry.device}, {locked.level.value})"] = space.normalize(locked.config)
    for number, text in enumerate(bench.configs, 1):
        found[f"--config {number}"] = config_of(text, space, subject)
    return found


def _method(bench: _Bench, subject: Subject, arguments: str) -> MeasuredMethod | ModelMethod:
    if not bench.measured:
        return ModelMethod()
    process = WorkerProcess(bench.server.forking(MEASURING))
    kernel, path = subject.kernel, str(Path(subject.file.path).resolve())
    return MeasuredMethod(process, SetUp(KernelInFile(path, kernel.qualname, arguments, number_of(kernel))))


def _row(title: str, config: Config, trial: Trial | None, default: Trial | None) -> dict[str, Any]:
    time = None if trial is None else trial.outcome.microseconds
    base = None if default is None else default.outcome.microseconds
    failed = None if trial is None or trial.outcome.failure is None else vars(trial.outcome.failure)
    return {
        "what": title,
        "us": time,
        "noise_us": None if trial is None else trial.outcome.noise,
        "speedup": None if time is None or base is None else base / time,
        "failure": failed,
        "resources": {} if trial is None else dict(trial.outcome.resources),
        "config": dict(config),
    }


def _show(one: dict[str, Any]) -> None:
    console = output_console()
    console.print(Text(f"{one['kernel']}({one['signature']}) on {one['device']}, {one['method']}"))
    table = plain_table("", "µs", "noise", "of default", "registers", "shared", "config")
    for row in one["rows"]:
        used = row["resources"]
        time = row["failure"]["kind"] if row["us"] is None and row["failure"] else "-" if row["us"] is None else f"{row['us']:.2f}"
        speed = "" if row["speedup"] is None else f"{row['speedup']:.2f}×"
        noise = "" if row["us"] is None else f"±{row['noise_us']:.2f}"
        cells = (
            row["what"],
            time,
            noise,
            speed,
            str(used.get("registers", "")),
            str(used.get("shared_memory", "")),
            str(Config(**row["config"])),
        )
        add_row(table, *cells)
    console.print(table)
