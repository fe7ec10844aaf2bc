"""`python -m helion.autotuner.aot_runner -- COMMAND`: a command that calls ahead-of-time kernels in, decision files and a report out."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import click

from helion.autotuner.aot_phases import Collected, Evaluated, PhaseFailure, Work, collected_of, decided_of, evaluated_of, measured_of
from helion.runtime.aot_notes import Plan
from helion.runtime.environment import environment_with

_PHASES = ("collect", "measure", "evaluate")
_OK, _SLOWER, _USAGE, _FAILED, _CANCELLED = 0, 1, 2, 4, 130


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--phase", "phases", type=click.Choice(_PHASES), multiple=True, help="Only this phase; repeatable. All three when left out.")
@click.option(
    *("--output", "output"),
    type=click.Path(file_okay=False, path_type=Path),
    help="Where decision files go, for HELION_HEURISTIC_DIR, with notes in .helion_aot; beside the kernels' sources when left out.",
)
@click.option(
    "--effort", type=click.Choice(("none", "quick", "full")), default="quick", show_default=True, help="Of the search for each signature."
)
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="Seconds for each signature.")
@click.option(
    *("--within", "within"),
    type=click.FloatRange(0, 100),
    default=3.0,
    show_default=True,
    help="Per cent that a config may be slower than a signature's best to serve it too: more gives fewer configs.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output, where the command's own output goes to standard error.")
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND...")
def run(
    phases: tuple[str, ...], output: Path | None, effort: str, budget: float, within: float, as_json: bool, command: tuple[str, ...]
) -> int:
    """Make the decision files of ahead-of-time kernels (`@helion.aot_kernel`) for the calls that COMMAND makes.

    collect: run it and note which kernels it calls with which sizes. measure: run it twice more, tuning each kernel for each signature at
    its first call, then timing all that won for all signatures; keep few configs and write the decision file. evaluate: run it with the
    decision file, and say what the default config takes and what the chosen one does. In no phase do a call's results change.

    Exit codes: 0; 1 when a choice is slower than the default or fails; 2 for wrong options; 3 when nothing was called or is collected;
    4 when the command or every tuning fails; 130 when stopped.
    """
    work = Work(output, (output or Path.cwd()).resolve() / ".helion_aot")
    report: dict[str, object] = {}
    code = _OK
    for phase in phases or _PHASES:
        if phase == "collect":
            collected = collected_of(_run(work, Plan("collect", work.notes), command, as_json), shlex.join(command))
            collected.write(work.collected)
            report["collected"] = collected.to_json()
            _say_collected(collected)
        elif phase == "measure":
            collected = Collected.read(work.collected)
            _run(work, Plan("tune", work.notes, effort, budget, collected.planned), command, as_json)
            tuned = measured_of(work)
            _run(work, Plan("time", work.notes, effort, budget, collected.planned, tuned.candidates), command, as_json)
            written = decided_of(work, collected, tuned, within / 100, f"effort {effort}, at most {budget:g} s a signature")
            report["files"] = [str(path) for path in written]
            for line in (*tuned.remarks, *(f"wrote {path}" for path in written)):
                click.echo(line, err=True)
        else:
            evaluated = evaluated_of(_run(work, Plan("evaluate", work.notes), command, as_json, decisions=output), shlex.join(command))
            report["evaluated"] = [one.to_json() for one in evaluated]
            if not as_json:
                _show(evaluated)
            code = _SLOWER if any(one.is_bad for one in evaluated) else _OK
    if as_json:
        click.echo(json.dumps(report, indent=2))
    return code


def _run(work: Work, plan: Plan, command: tuple[str, ...], as_json: bool, decisions: Path | None = None) -> Work:
    """The command once, under a plan. Raises PhaseFailure when it ends badly."""
    click.echo(f"{plan.phase}: {shlex.join(command)}", err=True)
    variables = {"HELION_AOT_PLAN": str(plan.write())}
    if decisions is not None:
        variables["HELION_HEURISTIC_DIR"] = str(decisions.resolve())
    try:
        ended = subprocess.run(command, env=environment_with(**variables), stdout=sys.stderr if as_json else None, check=False)
    except OSError as problem:
        raise PhaseFailure(f"`{command[0]}` cannot be run: {problem.strerror}", _USAGE) from None
    if ended.returncode:
        raise PhaseFailure(f"the command ended with {ended.returncode} while {plan.phase} ran; nothing is written", _FAILED)
    return work


def _say_collected(collected: Collected) -> None:
    for kernel, signatures in collected.calls.items():
        click.echo(f"{kernel.name} ({kernel.product}): {len(signatures)} signatures, {sum(signatures.values())} calls", err=True)


def _show(evaluated: list[Evaluated]) -> None:
    width = max(len(one.kernel.name) for one in evaluated)
    click.echo(f"{'kernel':{width}}  default µs   chosen µs  speedup  signature")
    for one in evaluated:
        click.echo(f"{one.kernel.name:{width}}  {one.line}")


def main() -> None:
    """Run, and leave with the exit code."""
    try:
        code = run.main(prog_name="python -m helion.autotuner.aot_runner", standalone_mode=False)
    except PhaseFailure as failure:
        click.echo(f"error: {failure}", err=True)
        sys.exit(failure.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(_USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; tunings that are finished are in the cache's logs and go on from there", err=True)
        sys.exit(_CANCELLED)
    sys.exit(code if isinstance(code, int) else _OK)


if __name__ == "__main__":
    main()
