"""`helion lock FILE::kernel --config CONFIG --device NAME`: a config written into the decorator, with its evidence beside the source."""

from __future__ import annotations

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.exit_codes import OK, USAGE
from helion.cli.failure import failure
from helion.cli.kernel_name import KernelName
from helion.cli.lock_evidence import evidence_of
from helion.cli.read_source import split_name
from helion.cli.subject import check_subject, checked_device, find_target_or_fail, space_of, written_config
from helion.cli.write_lock import LockToWrite, write_lock
from helion.syntax.namesakes import place_name
from helion.target import DEFAULT_TARGET, find_target
from helion_codemods.apply import with_entries
from helion_codemods.commands.lock import lock_config


@click.command()
@click.argument("name", metavar="FILE::kernel", type=KernelName())
@click.option("--config", required=True, metavar="CONFIG", help="The config to write, in Python or JSON.")
@click.option("--device", required=True, metavar="NAME", help="A product name, an architecture (sm_90) or '*'.")
@click.option("--args", "signature", metavar="SIGNATURE", help="The argument types it is for; all when left out.")
@output_options
def command(name: str, config: str, device: str, signature: str | None, diff: bool, check: bool, as_json: bool) -> int:
    """Write a config into a kernel's decorator. It must fit the kernel; only its non-default part is written."""
    subject = check_subject(name, signature, to_lower=True)
    checked_device(device)
    target = find_target_or_fail(device) if find_target(device) else DEFAULT_TARGET
    _, space = space_of(subject, target)
    values = written_config(config)
    problems = space.check(values)
    if problems:
        raise failure(problems[0].code, "; ".join(p.message() for p in problems), USAGE)
    minimal = space.minimize(values)
    lock = LockToWrite(subject.kernel.qualname, device, signature, minimal, evidence_of(subject, space, method="given"))
    if not (diff or check or as_json):
        write_lock(subject.file.path, lock)
        return OK
    return run_codemod(
        (f"{split_name(name)[0]}::{place_name(subject.kernel)}",),
        lambda path: lambda text, kernel: lock_config(text, kernel, device=device, signature=signature, config=minimal),
        Output(diff, check, as_json),
        verb="locked",
        evidence=lambda known, _old, _new: with_entries(known, [lock.entry]),
    )
