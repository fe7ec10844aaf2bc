"""`helion explain CODE | FILE::kernel`: a diagnostic's manual page, or which lock would serve a call, and why."""

from __future__ import annotations

import difflib
import inspect
import json
from dataclasses import replace

import click

from helion.cli.exit_codes import NOT_FOUND, OK, PROBLEMS
from helion.cli.failure import failure
from helion.cli.kernel_name import KernelName
from helion.cli.late_import import late_import
from helion.diagnostics import catalog
from helion.diagnostics.diagnostic import Diagnostic


@click.command()
@click.argument("name", metavar="CODE|FILE::kernel", type=KernelName())
@click.option("--args", "signature", metavar="SIGNATURE", help="Argument types of the call; what the text says when left out.")
@click.option("--device", metavar="NAME", help="A product's name or an architecture; this machine's GPU, or sm_90, when left out.")
@click.option("--architecture", metavar="ARCH", help="The architecture of the product that --device names.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def command(name: str, signature: str | None, device: str | None, architecture: str | None, as_json: bool) -> int:
    """Print what a diagnostic CODE means, with a bad and a good example; or which config a call of a kernel runs on a device, where that is
    written, what is known of it, and what should make one doubt it; exit code 1 where that is an error. Nothing is run."""
    if "::" not in name and not name.endswith(".py"):
        return _explain_code(name, as_json=as_json)
    # The compiler takes seconds to import, and no manual page needs it.
    explain_lock = late_import("helion.cli.explain_lock").explain_lock

    explained = explain_lock(name, signature, device, architecture)
    click.echo(json.dumps(explained.to_json(), indent=2, default=str) if as_json else str(replace(explained, kernel=name)))
    return PROBLEMS if any(severity == "error" for severity, _ in explained.remarks) else OK


def _explain_code(code: str, *, as_json: bool) -> int:
    found: type[Diagnostic] | None = catalog.find(code)
    if found is None:
        close = difflib.get_close_matches(code, [c.code for c in catalog.ALL], 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise failure("unknown-code", f"`{code}` is not a diagnostic's code{hint}", NOT_FOUND)
    page = inspect.getdoc(found)
    if as_json:
        facts = {"code": found.code, "severity": found.severity.value, "exception": f"helion.exc.{found.exception}", "page": page}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(f"{found.code} ({found.severity.value}, raised as helion.exc.{found.exception})\n\n{page}")
    return OK
