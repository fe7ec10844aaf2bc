"""`helion report LOG | KERNEL`: a tuning as one HTML page, made from its trial log."""

from __future__ import annotations

import json
from pathlib import Path

import click

from helion.cli.exit_codes import NOT_FOUND, OK
from helion.cli.failure import failure
from helion.cli.read_source import split_name
from helion.cli.report.page import page_of
from helion.compiler import parse
from helion.locks.kernel_hash import kernel_hash
from helion.runtime.environment import cache_directory
from helion.source import SourceFile
from helion.syntax.namesakes import kernels_called, plain_name
from helion.trials.facts import facts_of, rows_of
from helion.trials.record import is_of, logs_of, read_header, read_record


@click.command()
@click.argument("name", metavar="LOG|FILE::kernel|kernel")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the page; KERNEL.html unless set.")
@click.option("--json", "as_json", is_flag=True, help="The facts of the page as JSON, and no page.")
def command(name: str, out: Path | None, as_json: bool) -> int:
    """Write a page about a tuning: best-so-far curve, every trial with its difference from the default, what mattered, what failed. NAME is
    a trial log, or a kernel, of which the newest log is taken. The page needs nothing but itself."""
    log = _log(name)
    record = read_record(log)
    if record is None:
        raise failure("not-a-log", f"`{log}` is not a trial log", NOT_FOUND)
    if as_json:
        click.echo(json.dumps({"log": str(log), **facts_of(record), "rows": rows_of(record)}, indent=2, default=str))
        return OK
    target = out or Path(f"{record.header.get('kernel', 'tuning')}.html")
    target.write_text(page_of(record), encoding="utf-8")
    click.echo(f"{target}: {len(record.trials)} trials of {log}")
    return OK


def _log(name: str) -> Path:
    if name.endswith(".jsonl"):
        places = (Path(name), cache_directory() / "trials" / name)  # the second as `cache list` names them
        found = next((path for path in places if path.is_file()), None)
        if found is None:
            raise failure("no-such-file", f"`{name}` cannot be read", NOT_FOUND)
        return found
    path, kernel = split_name(name)
    folder = cache_directory() / "trials"
    logs = logs_of(folder, plain_name(kernel or path).rpartition(".")[2])
    own = logs if kernel is None else [log for log in logs if _is_of(log, Path(path), kernel)]
    if not own:
        others = f"; {len(logs)} there are of kernels of its name in other files" if logs else ""
        raise failure("no-such-log", f"`{name}` has no trial log in {folder}: `helion tune` writes one{others}", NOT_FOUND)
    return own[0]


def _is_of(log: Path, file: Path, kernel: str) -> bool:
    """Whether a log is of this file's kernel; the file may be gone. Of several kernels of one name its body tells which it is of."""
    header = read_header(log)
    known = kernels_called(parse(SourceFile.read(file)), kernel) if file.is_file() else ()
    hashes = [kernel_hash(found) for found in known]
    if header is None or (kernel != plain_name(kernel) and header.get("kernel_hash") not in hashes):
        return False
    return any(is_of(header, file, now) for now in hashes or [None])
