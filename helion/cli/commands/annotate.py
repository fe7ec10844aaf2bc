"""`helion annotate NAME...`: inferred shapes written into kernels."""

from __future__ import annotations

from importlib.util import find_spec

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.kernel_name import KernelName
from helion_codemods.commands.annotate import FORMS, annotate
from helion_codemods.jaxtyping_names import imports_jaxtyping
from helion_codemods.outcome import Refused, Rewritten

_LACKS = "needs the package jaxtyping: pip install jaxtyping; --form asserts needs none"


@click.command()
@click.argument("names", metavar="FILE[::kernel]...", type=KernelName(), nargs=-1, required=True)
@click.option("--form", type=click.Choice(FORMS), default=FORMS[0], show_default=True, help="Annotations, or asserts on the sizes.")
@click.option("--dtypes", is_flag=True, help="Say the dtypes of the file's own calls, not only their kinds.")
@output_options
def command(names: tuple[str, ...], form: str, dtypes: bool, diff: bool, check: bool, as_json: bool) -> int:
    """Write the shapes that are known of kernels' tensors into their signatures."""
    return run_codemod(
        names,
        lambda path: lambda text, kernel: _told(text, annotate(text, kernel, form=form, dtypes=dtypes)),
        Output(diff, check, as_json),
        verb="annotated",
    )


def _told(text: str, outcome: Rewritten | Refused) -> Rewritten | Refused:
    """With a note where the file did not need jaxtyping before, now does, and there is none here."""
    if isinstance(outcome, Refused) or imports_jaxtyping(text) or not imports_jaxtyping(outcome.text) or find_spec("jaxtyping") is not None:
        return outcome
    return Rewritten(outcome.text, (*outcome.notes, _LACKS))
