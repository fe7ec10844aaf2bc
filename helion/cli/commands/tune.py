"""`helion tune FILE::kernel`: the search, with progress as lines (or JSON lines), and the winner locked when asked."""

from __future__ import annotations

import math
import signal
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import torch

from helion import exc
from helion.autotune.effort import DEFAULT_SEARCH, STRATEGIES
from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.measure_messages import SetUp
from helion.autotune.options_of_settings import USUAL_BUDGET_SECONDS, options_of_settings, search_of_settings
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.tune_kernel import MeasuredMethod, ModelMethod, TuneOptions, tune_kernel
from helion.autotune.verdict import verdict_of
from helion.cli.exit_codes import OK, REFUSED, TUNING_FAILED, USAGE
from helion.cli.failure import Failure, failure
from helion.cli.kernel_name import KernelName
from helion.cli.lock_evidence import evidence_of, settings_not_written
from helion.cli.locks_of_text import locks_of_text
from helion.cli.read_source import split_name
from helion.cli.subject import Subject, check_subject, find_target_or_fail, space_of
from helion.cli.tune_report import reporter, show_failure, show_result
from helion.cli.tune_signatures import ToTune, signatures_to_tune
from helion.cli.tuning_processes import MEASURING, tuning_processes
from helion.cli.write_if_worth import write_if_worth
from helion.cli.write_lock import LockToWrite, why_not_lockable
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.diagnostics.render import render_plain
from helion.locks.identity import DeviceIdentity, identity_of_key
from helion.locks.kernel_hash import kernel_hash
from helion.locks.seeds import seeds_of_locks
from helion.locks.selection import select
from helion.offline.fork_server import ForkServer
from helion.offline.process import WorkerProcess
from helion.runtime.cached_configs import cached_seeds, search_beside
from helion.runtime.devices import identity_of, target_of
from helion.runtime.environment import autotuner_name, cache_directory, may_use_cache
from helion.syntax.namesakes import number_of
from helion.target import DEFAULT_TARGET, Target


@dataclass(frozen=True)
class _Command:
    """What was asked for. `found` collects the winners: each is a starting point for the signatures after it."""

    name: str
    target: Target
    measured: bool
    server: ForkServer
    budget: float | None
    effort: str | None
    search: str | None
    seed: int | None
    fresh: bool
    on_interrupt: str
    into: Path | None
    as_json: bool
    stop: threading.Event = field(default_factory=threading.Event)
    found: list[Config] = field(default_factory=list[Config])

    def end(self, *_: object) -> None:
        """A signal handler: ends the tuning with the best so far."""
        self.stop.set()

    @property
    def identity(self) -> DeviceIdentity:
        """The device that is measured on, or the target that is estimated for."""
        return identity_of(torch.device("cuda")) if self.measured else identity_of_key(self.target.name)

    @property
    def device(self) -> str:
        """What a lock is for."""
        return self.identity.product


def seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """A time to spend: more than none, and an end to it."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise click.BadParameter(f"{value} is not a positive number of seconds", context, parameter)
    return value


@click.command()
@click.argument("name", metavar="FILE::kernel", type=KernelName())
@click.option("--args", "signature", metavar="SIGNATURE", help="Argument types: 'bf16[4096,4096], bf16[4096,4096]'.")
@click.option("--target", "target_name", metavar="ARCH", help="Estimate for this architecture instead of measuring on the GPU here.")
@click.option(
    "--budget", type=float, metavar="SECONDS", callback=seconds, help="Stop after this long, for each signature; a minute unless set."
)
@click.option("--effort", type=click.Choice(["none", "quick", "full"]), help="How hard to search; full unless set.")
@click.option("--search", type=click.Choice(list(STRATEGIES)), help=f"How to search; {DEFAULT_SEARCH} unless HELION_AUTOTUNER is set.")
@click.option("--seed", type=int, metavar="N", help="Of the random numbers; 0 unless set.")
@click.option("--fresh", is_flag=True, help="Start over: go on from no log of an earlier run, begin with nothing in the cache.")
@click.option("--lock", "write", is_flag=True, help="Write the winner into the decorator, if it is faster by more than the noise.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="With --lock: write an override into this folder of the search path, and leave the source alone.",
)
@click.option(
    "--on-interrupt",
    type=click.Choice(["keep", "discard"]),
    default="keep",
    show_default=True,
    help="Whether --lock writes what a stopped search has found, marked partial.",
)
@click.option("--json", "as_json", is_flag=True, help="Events and the result as JSON lines.")
def command(name: str, signature: str | None, target_name: str | None, write: bool, **options: Any) -> int:
    """Find the fastest config of a kernel for argument types: those of --args, else of each example that the decorator's inputs= makes,
    else what the text says. With no GPU (or with --target) candidates are ranked by a model over the compiled code: the result is then
    *estimated*, and says so. Every trial is logged, and the same command goes on from the log. What is not said here is as the
    decorator's settings and the environment say."""
    subject = check_subject(name, signature, to_lower=True)
    measured = target_name is None and torch.cuda.is_available()
    target = target_of(torch.device("cuda")) if measured else find_target_or_fail(target_name or DEFAULT_TARGET.name)
    with tuning_processes(measured=measured) as server:
        return _tune_each(_Command(name, target, measured, server, **options), subject, signature, write=write)


def _tune_each(asked: _Command, subject: Subject, signature: str | None, *, write: bool) -> int:
    if write and asked.into is None:
        _fail_if_not_lockable(subject, split_name(asked.name)[1], asked.device, signature)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked.end)
    failures: list[Failure] = []
    for to_tune in signatures_to_tune(subject, signature):
        try:
            _tune_one(asked, to_tune, write=write)
        except Failure as failed:
            failures.append(failed)
        if asked.stop.is_set():
            break
    if failures:
        raise Failure("\n\n".join(failed.text for failed in failures), failures[0].exit_code)
    return OK


def _fail_if_not_lockable(subject: Subject, name: str | None, device: str, signature: str | None) -> None:
    """Before a search that would be in vain."""
    reason = why_not_lockable(Path(subject.file.path), subject.file.text, name or subject.kernel.qualname, device, signature)
    if reason is not None:
        words = f"{subject.kernel.qualname} is not tuned, as its lock could not be written: {reason}; `--into FOLDER` writes elsewhere"
        raise failure("cannot-lock", words, REFUSED)


def _tune_one(asked: _Command, to_tune: ToTune, *, write: bool) -> None:
    """One signature, from the text as it is now: an earlier one may have been locked in it."""
    arguments = to_tune.arguments
    subject = check_subject(asked.name, to_tune.lock, to_lower=True)
    ir, space = space_of(subject, asked.target)
    method = _measured(asked, subject, arguments) if asked.measured else ModelMethod()
    try:
        options = _options(asked, subject, space, arguments)
        emit, cancelled = reporter(as_json=asked.as_json), asked.stop.is_set
        result = tune_kernel(ir, space, asked.target, method, options, server=asked.server, emit=emit, cancelled=cancelled)
    except exc.AutotuneError as problem:
        raise failure("tuning-unavailable", str(problem), TUNING_FAILED) from problem
    if isinstance(result, TuneFailure):
        if asked.as_json:
            show_failure(result.to_json(), arguments)
        diagnostic = result.diagnostic(subject.kernel.name, subject.typed.name_span)
        raise Failure(render_plain(subject.file, [diagnostic]), TUNING_FAILED)
    minimal = space.minimize(result.config)
    asked.found.append(minimal)
    is_broken = options.current is not None and bool(space.check(options.current))
    verdict = verdict_of(result, keep_partial=asked.on_interrupt == "keep", is_broken=is_broken)
    ran = "default" if options.current is None else dict(options.current)
    evidence = evidence_of(subject, space, method=result.method, verdict=verdict.words, ran=ran, **_numbers(result, asked.target))
    unwritten = settings_not_written(subject)
    if unwritten:
        said = ", ".join(f"{name}={value!r}" for name, value in unwritten.items())
        click.echo(f"note: measured with {said} of the environment; state it in the decorator, or calls elsewhere run other code", err=True)
    lock = LockToWrite(subject.kernel.qualname, asked.device, to_tune.lock, minimal, evidence)
    show_result(result, lock, verdict, arguments=arguments, as_json=asked.as_json)
    if write:
        write_if_worth(lock, verdict, subject.kernel, into=asked.into)


def _options(asked: _Command, subject: Subject, space: ConfigSpace, arguments: str) -> TuneOptions:
    settings = subject.settings
    problems = space.check({**space.default(), **settings.autotune_config_overrides})
    if problems:
        raise failure(problems[0].code, "autotune_config_overrides: " + "; ".join(p.message() for p in problems), USAGE)
    # A decorator that says "none" is about calls; this command was asked to search.
    effort = asked.effort or ("full" if settings.autotune_effort == "none" else settings.autotune_effort)
    identity = kernel_hash(subject.kernel)
    cached = () if asked.fresh else cached_seeds(identity, space, asked.device, settings)
    search = search_beside(cached, search_of_settings(settings, asked.search or autotuner_name(), effort), settings)
    locks = locks_of_text(subject.kernel, asked.into)
    in_force = select(locks, asked.identity, arguments)
    options = options_of_settings(settings, search, budget_seconds=asked.budget, usual_budget=USUAL_BUDGET_SECONDS, usual_seed=0)
    return replace(
        options,
        seed=options.seed if asked.seed is None else asked.seed,
        seeds=(*asked.found, *seeds_of_locks(subject.kernel, locks, asked.device), *cached),
        current=None if in_force is None else in_force.config,
        log_folder=cache_directory() / "trials" if may_use_cache() else None,
        fresh=asked.fresh,
        file=Path(split_name(asked.name)[0]),
        identity={"kernel_hash": identity, "signature": arguments, "device": asked.device},
    )


def _measured(asked: _Command, subject: Subject, arguments: str) -> MeasuredMethod:
    process = WorkerProcess(asked.server.forking(MEASURING))
    kernel, path = subject.kernel, str(Path(split_name(asked.name)[0]).resolve())
    return MeasuredMethod(process, SetUp(KernelInFile(path, kernel.qualname, arguments, number_of(kernel))))


def _numbers(result: TuneResult, target: Target) -> dict[str, Any]:
    data = result.to_json()
    kept = (
        "search",
        "us",
        "noise_us",
        "default_us",
        "current_us",
        "significant",
        "correctness",
        "resources",
        "trials",
        "failures",
        "seconds",
        "partial",
        "reason",
    )
    return {"target": target.name, "measured_on": result.device, **{key: data[key] for key in kept if key in data}}
