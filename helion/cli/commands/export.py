"""`helion export FILE::kernel`: the locked variants of a kernel as one Python file that needs torch and triton only."""

from __future__ import annotations

import importlib.metadata
import json
import os
import tempfile
from pathlib import Path

import click

from helion.cli.example_reader import ExampleReader, complete_signatures
from helion.cli.exit_codes import OK, USAGE
from helion.cli.export.one_file import module_text
from helion.cli.export.variants import variants_of
from helion.cli.failure import failure
from helion.cli.kernel_name import KernelName
from helion.cli.subject import check_subject, find_target_or_fail
from helion.target import DEFAULT_TARGET


@click.command()
@click.argument("name", metavar="FILE::kernel", type=KernelName())
@click.option("--args", "signatures", multiple=True, metavar="SIGNATURE", help="A further signature, with what a call of it would run.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="KERNEL_triton.py unless set; - for standard output.")
@click.option(
    "--target", metavar="ARCH", default=DEFAULT_TARGET.name, show_default=True, help="For locks whose architecture is not recorded."
)
@click.option("--json", "as_json", is_flag=True, help="What was written, as JSON.")
def command(name: str, signatures: tuple[str, ...], out: Path | None, target: str, as_json: bool) -> int:
    """Write a module with the code of every lock by signature and a function that picks one by device, dtypes, sizes and strides; a call
    that none serves is an error that lists what there is. The same locks give the same bytes."""
    kernel = check_subject(name, None).kernel
    variants = variants_of(name, kernel, signatures, find_target_or_fail(target))
    if not variants:
        with ExampleReader() as reader:
            variants = variants_of(name, kernel, complete_signatures(reader.read(kernel)), find_target_or_fail(target))
    if not variants:
        raise failure("nothing-to-export", f"`{kernel.qualname}` has no locks by signature and no inputs=: give --args", USAGE)
    text = module_text(kernel, variants, importlib.metadata.version("helion-toolkit"))
    path = out or Path(f"{kernel.name}_triton.py")
    if str(path) == "-":
        click.echo(text, nl=False)
        return OK
    _write(path, text)
    if as_json:
        listed = [{"device": v.device, "signature": v.signature, "config": dict(v.config)} for v in variants]
        click.echo(json.dumps({"file": str(path), "kernel": kernel.qualname, "variants": listed}, indent=2, default=str))
    else:
        click.echo(f"{path}: {len(variants)} variants of {kernel.qualname}")
    return OK


def _write(path: Path, text: str) -> None:
    """All of it or nothing, so that what is there survives a crash."""
    handle, temporary = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)
