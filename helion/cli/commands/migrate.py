"""`helion migrate NAME...`: configs moved between their forms, and config files of inference engines imported as locks."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from pathlib import Path
from typing import Any

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.exit_codes import NOT_FOUND, REFUSED, USAGE
from helion.cli.failure import failure
from helion.cli.kernel_name import KernelName
from helion.cli.read_source import split_name
from helion.locks.ownership import name_in_entry
from helion.source import SourceFile
from helion.syntax.namesakes import kernels_called
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax
from helion_codemods.apply import Entries, with_entries, without_removed
from helion_codemods.commands.lock import lock_config
from helion_codemods.commands.migrate import FORMS, migrate
from helion_codemods.engine_configs import Imported, Meaning, read_engine_file
from helion_codemods.every_kernel import KernelChange
from helion_codemods.outcome import Refused, Rewritten


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """`NAME=NUMBER` options."""
    found: dict[str, int] = {}
    for value in values:
        name, sign, number = value.rpartition("=")
        if not sign or not number.isdigit():
            raise click.BadParameter(f"`{value}` is not NAME=NUMBER", context, parameter)
        found[name] = int(number)
    return found


def _names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(part.strip() for part in value.split(",") if part.strip())


@click.command()
@click.argument("names", metavar="FILE[::kernel]...", type=KernelName(), nargs=-1, required=True)
@click.option("--to", type=click.Choice(FORMS), default=FORMS[0], show_default=True, help="The form that the configs are to have.")
@click.option("--pick", multiple=True, metavar="DEVICE=N", callback=_pairs, help="Which of a list's configs, from 0 on, a device gets.")
@click.option("--device", metavar="NAME", help="Whom a single config is for; which lock becomes the single config.")
@click.option("--args", "signature", metavar="SIGNATURE", help="Which lock becomes the single config; with --from, its sizes in braces.")
@click.option("--from", "folder", metavar="PATH", type=click.Path(path_type=Path), help="Import config files of an inference engine.")
@click.option("--size", "sizes", multiple=True, metavar="NAME=N", callback=_pairs, help="With --from: a size that no file's name says.")
@click.option("--block-sizes", metavar="NAMES", callback=_names, help="With --from: the file's names for the block sizes, in order.")
@click.option("--groupings", metavar="NAMES", callback=_names, help="With --from: the file's names for l2_groupings, in order.")
@click.option("--ignore", metavar="NAMES", callback=_names, help="With --from: names that the kernel has no use for.")
@output_options
def command(names: tuple[str, ...], folder: Path | None, diff: bool, check: bool, as_json: bool, **options: Any) -> int:
    """Key the configs of existing kernels by device, or turn locks back into config= or configs=[...].

    With --from PATH (a file or a folder) the JSON configs that inference engines ship become locks of one kernel, a file a GPU and
    shape: `helion migrate moe.py::fused --from configs --args 'bf16[{M},{K}], bf16[{E},{N},{K}]' --size K=4096`.
    """
    output = Output(diff, check, as_json)
    if folder is None:
        if any(options[name] for name in ("sizes", "block_sizes", "groupings", "ignore")):
            raise click.UsageError("--size, --block-sizes, --groupings and --ignore are for --from")

        def change(text: str, kernel: str) -> Rewritten | Refused:
            to, pick, device = options["to"], options["pick"] or None, options["device"]
            return migrate(text, kernel, to=to, pick=pick, device=device, signature=options["signature"])

        return run_codemod(names, lambda path: change, output, verb="migrated", evidence=without_removed)
    kernel = split_name(names[0])[1]
    if len(names) != 1 or kernel is None or options["signature"] is None:
        raise failure("usage", "--from needs one FILE::kernel and --args, with sizes in braces", USAGE)
    imported = _imported(folder, options)

    def evidence(known: Entries, old: str, new: str) -> Entries:
        if old == new:
            return known
        (found,) = kernels_called(parse_module(SourceFile("", old)), kernel)
        return with_entries(known, [_evidence(found, lock) for lock in imported])

    return run_codemod(names, lambda path: _locking(imported), output, verb="locked", evidence=evidence)


def _imported(folder: Path, options: dict[str, Any]) -> list[Imported]:
    files = sorted(folder.rglob("*.json")) if folder.is_dir() else [folder]
    usual = Meaning(options["signature"])
    meaning = Meaning(
        options["signature"],
        options["sizes"],
        options["block_sizes"] or usual.block_sizes,
        usual.groupings if options["groupings"] is None else options["groupings"],
        frozenset(options["ignore"] or ()),
    )
    found: list[Imported] = []
    for path in files:
        try:
            read = read_engine_file(path.name, path.read_text(encoding="utf-8"), meaning)
        except (OSError, UnicodeDecodeError) as problem:
            raise failure("no-such-file", f"`{path}` cannot be read: {problem}", NOT_FOUND) from problem
        if isinstance(read, Refused):
            raise failure("refused", read.reason, REFUSED)
        found.extend(read)
    if not found:
        raise failure("no-such-file", f"`{folder}` holds no JSON file of configs", NOT_FOUND)
    return found


def _locking(imported: list[Imported]) -> KernelChange:
    def change(text: str, kernel: str) -> Rewritten | Refused:
        def one(outcome: Rewritten | Refused, lock: Imported) -> Rewritten | Refused:
            if isinstance(outcome, Refused):
                return outcome
            return lock_config(outcome.text, kernel, device=lock.device, signature=lock.signature, config=lock.config)

        outcome = reduce(one, imported, Rewritten(text))
        return outcome if isinstance(outcome, Refused) else Rewritten(outcome.text, (f"{len(imported)} imported configs are in it",))

    return change


def _evidence(kernel: KernelSyntax, lock: Imported) -> dict[str, Any]:
    return {
        **name_in_entry(kernel),
        "device": lock.device,
        "signature": lock.signature,
        "config": lock.config,
        "method": "imported",
        "imported_from": dict(lock.source),
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
    }
