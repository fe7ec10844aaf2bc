"""`helion lock FILE::kernel --config JSON --device NAME`: a config written into the decorator, with its evidence beside the source."""

from __future__ import annotations

import json
from pathlib import Path

import click

from helion.cli.exit_codes import OK, REFUSED, USAGE
from helion.cli.failure import failure
from helion.cli.lock_evidence import evidence_of
from helion.cli.subject import check_subject, find_target_or_fail, space_of, split_name
from helion.config.config import Config
from helion.target import DEFAULT_TARGET, find_target
from helion_codemods.apply import lock_file
from helion_codemods.outcome import Refused


@click.command()
@click.argument("name", metavar="FILE::kernel")
@click.option("--config", required=True, metavar="JSON", help="The config to write.")
@click.option("--device", required=True, metavar="NAME", help="A product name, an architecture (sm_90) or '*'.")
@click.option("--args", "signature", metavar="SIGNATURE", help="The argument types it is for; all when left out.")
def command(name: str, config: str, device: str, signature: str | None) -> int:
    """Write a config into a kernel's decorator. It must fit the kernel; only its non-default part is written."""
    subject = check_subject(name, signature, to_lower=True)
    target = find_target_or_fail(device) if find_target(device) else DEFAULT_TARGET
    _, space = space_of(subject, target)
    try:
        values = json.loads(config)
    except json.JSONDecodeError as problem:
        raise failure("config-value", f"--config is not JSON: {problem}", USAGE) from problem
    problems = space.check(values)
    if problems:
        raise failure(problems[0].code, "; ".join(p.message() for p in problems), USAGE)
    write_lock(name, subject.kernel.qualname, device, signature, space.minimize(values), evidence_of(subject, space, method="given"))
    return OK


def write_lock(name: str, qualname: str, device: str, signature: str | None, config: Config, evidence: dict[str, object]) -> None:
    """Rewrite the file and its sidecar, and say what was done; a refusal is a failure with its reason."""
    path = Path(split_name(name)[0])
    outcome = lock_file(path, qualname, device=device, signature=signature, config=config.config, evidence=evidence)
    if isinstance(outcome, Refused):
        raise failure("cannot-lock", f"the decorator of `{qualname}` was left as it is: {outcome.reason}", REFUSED)
    click.echo(f"locked {qualname} for {device}{'' if signature is None else f' × {signature}'}: {config}", err=True)
