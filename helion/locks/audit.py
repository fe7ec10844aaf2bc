"""A kernel's locks, their evidence, and the devices and signatures that matter in, the state of each pair out; runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from helion.config.space import ConfigSpace
from helion.diagnostics.diagnostic import Severity
from helion.locks.entries import LockEntry, unsaid
from helion.locks.identity import ANY_DEVICE, DeviceIdentity, identity_of_key, problem_of_key
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import heirs, ownerless
from helion.locks.selection import select
from helion.locks.staleness import SpaceOf, remarks_of, space_to_judge
from helion.locks.unreachable import unreachable
from helion.syntax.namesakes import place_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax

# From bad to good. "broken" does not fit the kernel, or no call finds it, "stale" was tuned for another body, "older" with other versions.
# "kept" is tuned, and what calls run without a lock for it was as fast. "left" is no lock: evidence of a kernel that the text has not.
STATES = ("broken", "missing", "stale", "borrowed", "estimated", "partial", "given", "unrecorded", "left", "older", "kept", "locked")
UNFOUND = "no call finds it"  # how a row's words about such a lock begin
_OF_SEVERITY = {Severity.ERROR: "broken", Severity.WARNING: "stale", Severity.INFORMATION: "older"}


@dataclass(frozen=True)
class AuditRow:
    """One kernel × device × signature (None for every signature). Of several kernels of one name each is called `name@line`. `served_by`
    says what a call gets when nothing is locked for it."""

    file: str
    kernel: str
    device: str
    signature: str | None
    state: str
    words: tuple[str, ...] = ()
    served_by: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        shown = {key: self.evidence[key] for key in ("us", "default_us", "noise_us", "method", "date", "versions") if key in self.evidence}
        return {
            "file": self.file,
            "kernel": self.kernel,
            "device": self.device,
            "signature": self.signature,
            "state": self.state,
            "remarks": list(self.words),
            "served_by": self.served_by,
            **shown,
        }


@dataclass(frozen=True)
class KernelLocks:
    """A kernel with each of its locks and the evidence for it; `kept` is evidence of tunings that nothing was locked after."""

    kernel: KernelSyntax
    locks: tuple[tuple[LockEntry, Mapping[str, Any]], ...]
    kept: tuple[Mapping[str, Any], ...] = ()


def audit_kernels(
    kernels: Sequence[KernelLocks],
    devices: Iterable[str],
    signatures_of: Callable[[KernelLocks], Sequence[str]],
    space_of: Callable[[KernelSyntax, str, str | None], ConfigSpace | None],
) -> Iterator[AuditRow]:
    """`devices` besides those that any of the kernels has a lock or was tuned for; with none at all, every kernel needs a lock for any
    device. A space is asked for only of kernels with locks, as `SpaceOf` says."""
    tuned = (str(entry["device"]) for kernel in kernels for entry in kernel.kept)
    keys = [*devices, *(entry.device for kernel in kernels for entry, _ in kernel.locks if entry.device != ANY_DEVICE), *tuned]
    wanted = tuple(key for key in dict.fromkeys(keys) if problem_of_key(key) is None) or (ANY_DEVICE,)
    for found in kernels:
        yield from audit_kernel(found.kernel, found.locks, wanted, signatures_of(found), partial(space_of, found.kernel), found.kept)


def audit_kernel(
    kernel: KernelSyntax,
    locks: Sequence[tuple[LockEntry, Mapping[str, Any]]],
    devices: Iterable[str],
    signatures: Sequence[str],
    space_of: SpaceOf,
    kept: Sequence[Mapping[str, Any]] = (),
) -> Iterator[AuditRow]:
    """A row for each device with each signature, and for each lock beyond those. Without signatures a device needs one lock, for any."""
    wanted = [(device, signature) for device in devices for signature in (signatures or (None,))]
    known = {(entry.device, entry.signature): (entry, evidence) for entry, evidence in locks}
    has_any = {entry.device for entry, _ in locks}
    for device, signature in dict.fromkeys((*wanted, *known)):
        if (device, signature) in known:
            entry, evidence = known[device, signature]
            yield _of_lock(kernel, entry, evidence, space_to_judge(evidence, entry, space_of))
        elif signature is not None or device not in has_any:
            tuned = [e for e in kept if (e.get("device"), e.get("signature")) == (device, signature)]
            yield _missing(kernel, [entry for entry, _ in locks], identity_of_key(device), signature, tuned)


def _of_lock(kernel: KernelSyntax, entry: LockEntry, evidence: Mapping[str, Any], space: ConfigSpace | None) -> AuditRow:
    remarks = remarks_of(evidence, kernel, space)
    words = [remark.words for remark in remarks]
    states = [_OF_SEVERITY.get(remark.severity) or str(remark.facts[0] if remark.facts else "unrecorded") for remark in remarks]
    problems = () if space is None else space.check(entry.config)
    lost = unreachable(kernel, entry.device, entry.signature)
    if problems or lost is not None:
        states, words = ["broken"], [problem.message() for problem in problems]
        words += [] if lost is None else [f"{UNFOUND}: {lost.why}"]
    state = min(states, key=STATES.index, default="locked")
    return AuditRow(kernel.file.path, place_name(kernel), entry.device, entry.signature, state, tuple(words), evidence=evidence)


def rows_left(module: ModuleSyntax, known: Sequence[Mapping[str, Any]]) -> Iterator[AuditRow]:
    """What is known of kernels that the text has not any more, one row an entry."""
    for entry in ownerless(known, module):
        alike = [place_name(kernel) for kernel in heirs(entry, known, module)]
        words = f"there is no such kernel any more{f'; `{alike[0]}` has the same lock' if alike else ''}"
        device, signature = str(entry.get("device")), entry.get("signature")
        yield AuditRow(module.file.path, str(entry.get("kernel")), device, signature, "left", (words,), evidence=entry)


_TUNED = "tuned at the first call, or what on_missing says"


def _listed(kernel: KernelSyntax) -> int:
    """How many configs a list in the decorator has; 0 without one."""
    written = kernel.keywords.get("configs")
    return len(written.elts) if isinstance(written, ast.List | ast.Tuple) else 0


def _missing(
    kernel: KernelSyntax, entries: Sequence[LockEntry], device: DeviceIdentity, signature: str | None, kept: Sequence[Mapping[str, Any]]
) -> AuditRow:
    """What is `kept` counts for the kernel as it was tuned, while calls run what they ran then."""
    if signature is None:
        others = next((f"the entries of `{entry.device}`" for entry in entries if entry.device in device.keys), None)
        whole = {entry.device: dict(entry.config) for entry in entries if entry.signature is None}
        runs = next((whole[key] for key in device.keys if key in whole), "default")
    else:
        found = select(entries, device, signature)
        others = None if found is None else found.reason
        runs = "default" if found is None else dict(found.config)
    holds = next((e for e in kept if e.get("runs") == runs and e.get("kernel_hash") == kernel_hash(kernel)), None)
    if holds is not None:
        words = str(holds.get("verdict", ""))
        return AuditRow(kernel.file.path, place_name(kernel), device.product, signature, "kept", (words,), evidence=holds)
    untold = unsaid(kernel)
    if untold is not None:
        words = f"`{untold}` of its decorator may serve it: an import tells, the text does not"
        return AuditRow(kernel.file.path, place_name(kernel), device.product, signature, "unrecorded", (words,))
    usual = f"the fastest of its {_listed(kernel)} configs, at the first call" if _listed(kernel) else _TUNED
    served = f"served by {others}" if others else usual
    return AuditRow(kernel.file.path, place_name(kernel), device.product, signature, "missing", served_by=served)
