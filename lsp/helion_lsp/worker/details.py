"""One document's text in, what only the later stages know about its kernels out, as plain data: facts for hovers, configs, decisions.

The analysis answers while somebody types; this follows when they pause. Spans count from the kernel's start, as the analysis' do.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from helion import compiler
from helion.codegen.decisions import Decision
from helion.config.space import ConfigSpace
from helion.locks.evidence import Entry
from helion.signatures.representative import unknown_ranks
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile, Span
from helion.syntax.config_literals import config_literals, free_config_literals
from helion.syntax.namesakes import editor_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.target import DEFAULT_TARGET, Target, find_target
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.hints import block_lengths, specializations
from helion_lsp.worker.hover.config import config_hovers
from helion_lsp.worker.hover.facts import facts
from helion_lsp.worker.hover.variables import variable_hovers
from helion_lsp.worker.kept import Kept
from helion_lsp.worker.knob_data import knob_data
from helion_lsp.worker.lock_changes import space_for_lock
from helion_lsp.worker.lock_doubts import doubts_of_places
from helion_lsp.worker.plain import decision_data, relative
from helion_lsp.worker.prepared import Prepared, prepare, signature_of
from helion_lsp.worker.sample_doubts import sample_doubts
from helion_lsp.worker.slice import EVERYTHING, Slice
from helion_lsp.worker.surroundings import ALONE, Surroundings

_KEPT = 128
_KEPT_SPACES = 48  # each holds its kernel's graphs
_NOTHING: Mapping[str, Any] = {
    "facts": [],
    "hovers": [],
    "hints": [],
    "decisions": [],
    "problem": None,
    "config": None,
    "tunable": None,
    "sample": None,
    "too_large": [],
}


class Details:
    """Prepares kernels, each once for its key, its sample signature and the target."""

    def __init__(self) -> None:
        self._cache: Kept[tuple[str, ...], dict[str, Any]] = Kept(_KEPT)
        self._spaces: Kept[tuple[str, ...], ConfigSpace | None] = Kept(_KEPT_SPACES)
        self._locked_spaces: Kept[tuple[str, ...], ConfigSpace | None] = Kept(_KEPT_SPACES)

    def details(
        self,
        path: str,
        text: str,
        params: Mapping[str, Any],
        checking: Callable[[str], None] = lambda key: None,
        around: Surroundings = ALONE,
        part: Slice = EVERYTHING,
    ) -> dict[str, Any]:
        """`{kernels: {key: data}, hovers, pending}`; `pending` are the keys of kernels that `part` leaves for later, `hovers` are of
        configs outside decorators and of environment variables, in offsets of the whole text, and come when nothing is pending.

        `params`: `samples` are chosen signatures by kernel, `target`, `quarantined` keys are left alone, `session_locks` is evidence of
        locks. What is doubtful about locks is never kept: the sidecar changes without the text.
        """
        module = compiler.parse(SourceFile(path, text))
        target = find_target(str(params.get("target") or "")) or DEFAULT_TARGET
        samples: Mapping[str, str] = params.get("samples") or {}
        session: Sequence[Entry] = params.get("session_locks") or ()
        found: dict[str, Any] = {}
        kernels = [(k, key) for k, key in around.keys(module) if key not in params.get("quarantined", ())]
        for kernel, key in part.taken(kernels):
            checking(key)
            sample = samples.get(editor_name(kernel))
            data = self._of(kernel, (key, target.name, sample or ""), target, sample, around)
            made_for = f"{target.name} {sample or ''}"
            kept = {"same": True} if part.known.get(key) == made_for else data
            found[key] = {**kept, "made_for": made_for, "doubts": [*data["too_large"], *self._doubts(kernel, key, session)]}
        pending = [key for _, key in kernels if key not in found]
        keys = {editor_name(kernel): key for kernel, key in kernels}

        def space_of(kernel: KernelSyntax) -> ConfigSpace | None:
            key, sample = keys.get(editor_name(kernel)), samples.get(editor_name(kernel))
            return None if key is None else self._space(kernel, (key, target.name, sample or ""), target, sample, around)

        outside = () if pending else (*_free_configs(module, space_of), *variable_hovers(module))
        hovers = [[span.start, span.end, words] for span, words in outside]
        return {"kernels": found, "hovers": hovers, "pending": pending}

    def _of(
        self, kernel: KernelSyntax, full_key: tuple[str, ...], target: Target, sample: str | None, around: Surroundings
    ) -> dict[str, Any]:
        def find() -> dict[str, Any]:
            try:
                prepared, data = _details(kernel, target, sample, around)
            except Exception:  # noqa: BLE001 - a bug of ours in one kernel must not blank its neighbours
                traceback.print_exc()
                prepared, data = None, dict(_NOTHING)
            self._spaces.put(full_key, None if prepared is None else prepared.space)
            return data

        return self._cache.get(full_key, find)

    def _space(
        self, kernel: KernelSyntax, full_key: tuple[str, ...], target: Target, sample: str | None, around: Surroundings
    ) -> ConfigSpace | None:
        """What a config that stands elsewhere can say of a kernel; worked out again where too many kernels came after it."""

        def find() -> ConfigSpace | None:
            try:
                prepared, _ = _prepared(kernel, target, sample, around)
            except Exception:  # noqa: BLE001 - as above
                traceback.print_exc()
                return None
            return None if prepared is None else prepared.space

        return self._spaces.get(full_key, find)

    def _doubts(self, kernel: KernelSyntax, key: str, session: Sequence[Entry]) -> list[dict[str, Any]]:
        def space_of(device: str, signature: str | None) -> ConfigSpace | None:
            return self._locked_spaces.get((key, device, signature or ""), lambda: space_for_lock(kernel, device, signature))

        try:
            return doubts_of_places(kernel, kernel_start(kernel), session, space_of)
        except Exception:  # noqa: BLE001 - a sidecar that surprises us must not blank the file
            traceback.print_exc()
            return []


def _details(kernel: KernelSyntax, target: Target, sample: str | None, around: Surroundings) -> tuple[Prepared | None, dict[str, Any]]:
    start = kernel_start(kernel)
    prepared, problem = _prepared(kernel, target, sample, around)
    hovers = [
        [*relative(span, start), words]
        for literal in config_literals(kernel)
        for span, words in config_hovers(kernel.file, literal, None if prepared is None else prepared.space)
    ]
    too_large = sample_doubts(kernel, sample, around)
    if prepared is None:
        undecided = [decision_data(d, start) for d in _undecided(kernel, around)]
        return None, {**_NOTHING, "hovers": hovers, "decisions": undecided, "problem": problem, "sample": sample, "too_large": too_large}
    return prepared, {
        "facts": [[*relative(span, start), lines] for span, lines in facts(prepared).items()],
        "hovers": hovers,
        "hints": [
            *([offset - start, label, "loops"] for offset, label in block_lengths(prepared)),
            *([offset - start, label, "specializations"] for offset, label in specializations(prepared)),
        ],
        "decisions": [decision_data(d, start) for d in prepared.module.decisions],
        "problem": problem,
        "sample": sample,
        "too_large": too_large,
        "config": str(prepared.space.minimize(prepared.config)),
        "tunable": knob_data(editor_name(kernel), prepared.space, start),
    }


def _undecided(kernel: KernelSyntax, around: Surroundings) -> Iterator[Decision]:
    """Why nothing is said of what the compiler decides, where the text leaves it open."""
    signature = signature_of(kernel, None, around)
    if isinstance(signature, KernelSignature) and (unknown := unknown_ranks(signature)):
        words = f"what is decided here is not known: the text does not say how many dimensions {', '.join(f'`{n}`' for n in unknown)} has"
        yield Decision("unknown", kernel.name_span, f"{words}; choose a signature")


def _prepared(kernel: KernelSyntax, target: Target, sample: str | None, around: Surroundings) -> tuple[Prepared | None, str | None]:
    """A kernel with its sample, and what is wrong with that: what the text says still holds where the sample does not fit."""
    found = prepare(kernel, target, sample, around)
    problem = None if found is None or isinstance(found, Prepared) else found.message()
    if not isinstance(found, Prepared) and sample is not None:
        found = prepare(kernel, target, None, around)
    return found if isinstance(found, Prepared) else None, problem


def _free_configs(module: ModuleSyntax, space_of: Callable[[KernelSyntax], ConfigSpace | None]) -> list[tuple[Span, str]]:
    found: list[tuple[Span, str]] = []
    for literal, kernel in free_config_literals(module):
        found.extend(config_hovers(module.file, literal, None if kernel is None else space_of(kernel)))
    return found
