"""`helion remap NAME...`: lists of locked configs put in order after an edit of the kernel, by what their evidence says they were for."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.failure import Failure
from helion.cli.kernel_name import KernelName
from helion.cli.subject import space_of, subject_of
from helion.config.space import ConfigSpace
from helion.locks.entries import LockEntry, entries_of_kernel
from helion.locks.ownership import key_of_lock, locks_by_key, name_in_entry, owned
from helion.locks.sidecar import Key, entry_key, read_entries, sidecar_path
from helion.locks.staleness import sites_of
from helion.source import SourceFile
from helion.syntax.namesakes import kernels_called, place_name
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax
from helion.target import DEFAULT_TARGET, find_target
from helion.types.untyped import is_mapping
from helion_codemods.apply import Entries
from helion_codemods.commands.remap import EntrySites, remap
from helion_codemods.kernel_place import find_place
from helion_codemods.outcome import Refused, Rewritten


def _values(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """`PLACE=VALUE` options."""
    found: dict[str, Any] = {}
    for text in values:
        name, sign, value = text.rpartition("=")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError) as problem:
            raise click.BadParameter(f"`{text}` is not PLACE=VALUE with a literal value", context, parameter) from problem
        if not sign:
            raise click.BadParameter(f"`{text}` is not PLACE=VALUE", context, parameter)
    return found


@click.command()
@click.argument("names", metavar="FILE[::kernel]...", type=KernelName(), nargs=-1, required=True)
@click.option("--set", "given", multiple=True, metavar="PLACE=VALUE", callback=_values, help="The value of a new place: 'tile_k=64'.")
@click.option("--drop-gone", is_flag=True, help="Drop the values of places that the kernel no longer has.")
@output_options
def command(names: tuple[str, ...], given: dict[str, Any], drop_gone: bool, diff: bool, check: bool, as_json: bool) -> int:
    """Put the lists of locked configs, which are by position, in order after an edit: each value follows the load, store or loop that
    its evidence names. What the configs were measured at is no longer so; tune again to know."""
    remapping = _Remapping(given, drop_gone)
    output = Output(diff, check, as_json)
    return run_codemod(names, remapping.change_of, output, verb="remapped", evidence=lambda known, _, new: remapping.evidence(known, new))


@dataclass
class _Remapping:
    """`spaces` are those of the locks of one file that were put in order, for their evidence."""

    given: Mapping[str, Any]
    drop_gone: bool
    spaces: dict[Key, ConfigSpace] = field(default_factory=dict[Key, ConfigSpace])

    def change_of(self, path: str) -> Any:
        known = read_entries(sidecar_path(Path(path)))
        self.spaces.clear()

        def change(text: str, kernel: str) -> Rewritten | Refused:
            place = find_place(text, kernel)
            if isinstance(place, Refused):
                return place
            evidence = {(e.get("device"), e.get("signature")): e for e in owned(known, place.kernel) if not e.get("kept")}
            found: list[EntrySites] = []
            spaces: dict[Key, ConfigSpace] = {}
            for lock in entries_of_kernel(place.kernel):
                try:
                    space = self._space(path, text, place.kernel, lock)
                except Failure as problem:
                    return Refused(f"its places are not known: {problem.text}")
                sites = self._sites(space, lock, evidence.get((lock.device, lock.signature)))
                if isinstance(sites, Refused):
                    return sites
                if sites is not None:
                    found.append(sites)
                    spaces[key_of_lock(name_in_entry(place.kernel), lock)] = space
            outcome = remap(text, kernel, entries=found, drop_gone=self.drop_gone)
            if isinstance(outcome, Rewritten):
                self.spaces.update(spaces)
            return outcome

        return change

    def _space(self, path: str, text: str, kernel: KernelSyntax, lock: LockEntry) -> ConfigSpace:
        (there,) = kernels_called(parse_module(SourceFile(path, text)), place_name(kernel))
        return space_of(subject_of(there, lock.signature, to_lower=True), find_target(lock.device) or DEFAULT_TARGET)[1]

    def _sites(self, space: ConfigSpace, lock: LockEntry, evidence: Mapping[str, Any] | None) -> EntrySites | Refused | None:
        if evidence is not None and evidence.get("space_fingerprint") == space.fingerprint():
            return None
        then: Any = None if evidence is None else evidence.get("sites")
        if not is_mapping(then):
            problems = space.check(lock.config)
            words = f"nothing is recorded of what the lists of {lock.device} stood for"
            return Refused(f"{words}, and they do not fit: {problems[0].message()}") if problems else None
        defaults = {k.knob.key: [slot.default for slot in k.slots] for k in space.knobs if k.knob.is_list and k.knob.key != "block_sizes"}
        return EntrySites(lock.device, lock.signature, then, sites_of(space), defaults, self.given)

    def evidence(self, known: Entries, new: str) -> Entries:
        """The places and configs of the locks that were put in order; what was measured stays, as of the kernel that it was of."""
        locks = locks_by_key(parse_module(SourceFile("", new)))
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        return [self._renewed(entry, locks, today) for entry in known]

    def _renewed(self, entry: Mapping[str, Any], locks: Mapping[Key, LockEntry], today: str) -> dict[str, Any]:
        lock, space = locks.get(entry_key(entry)), self.spaces.get(entry_key(entry))
        if lock is None or space is None:
            return dict(entry)
        places = {"sites": sites_of(space), "space_fingerprint": space.fingerprint()}
        return {**entry, "config": dict(lock.config), **places, "remapped": today}
