"""A lock's evidence and its kernel as it is now in, what makes one doubt the lock out, the worst first; a doubt never discards a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helion.config.space import ConfigSpace
from helion.diagnostics.diagnostic import Severity
from helion.locks.entries import LockEntry
from helion.locks.identity import is_architecture
from helion.locks.kernel_hash import kernel_hash
from helion.locks.versions import VERSIONED, current_versions
from helion.syntax.tree import KernelSyntax
from helion.types.untyped import is_mapping, is_sequence


@dataclass(frozen=True)
class Remark:
    """`kind` is "file", "sites", "kernel", "device", "versions" or "method"; `facts` what a program may want of it."""

    kind: str
    severity: Severity
    words: str
    facts: tuple[Any, ...] = ()


def remarks_of(
    evidence: Mapping[str, Any], kernel: KernelSyntax, space: ConfigSpace | None = None, device: Sequence[str] = ()
) -> tuple[Remark, ...]:
    """Without a space nothing is said of sites; `device` are names of the one at hand, when there is one: being
    measured on any of them counts."""
    if not evidence:
        return (Remark("method", Severity.HINT, "nothing is recorded of how it was found"),)
    if "unreadable" in evidence:
        return (Remark("file", Severity.ERROR, str(evidence["unreadable"])),)
    found = [*_of_sites(evidence, space), *_of_kernel(evidence, kernel), *_of_versions(evidence), *_of_method(evidence, device)]
    return tuple(sorted(found, key=lambda remark: _ORDER.index(remark.severity)))


_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION, Severity.HINT)


SpaceOf = Callable[[str, str | None], ConfigSpace | None]
"""A lock's device and signature in, what can be tuned in such calls out, None where the kernel cannot be called so; without a signature
in those that the text shows."""


def space_to_judge(evidence: Mapping[str, Any], lock: LockEntry, space_of: SpaceOf) -> ConfigSpace | None:
    """What can be tuned in calls that find a lock. It is that of the text for nearly every signature: only a lock that does not fit there
    is worth another look. Of which architecture a product is, its record says."""
    device = lock.device if is_architecture(lock.device) else str(evidence.get("target") or lock.device)
    usual = space_of(device, None)
    fits = usual is None or not (usual.check(lock.config) or any(_of_sites(evidence, usual)))
    return usual if fits or lock.signature is None else space_of(device, lock.signature)


def _of_sites(evidence: Mapping[str, Any], space: ConfigSpace | None) -> Iterator[Remark]:
    """Entries of lists are by position: a list that the config sets must stand for the places that it stood for."""
    then: Any = evidence.get("sites")
    config: Any = evidence.get("config", {})
    if space is None or not is_mapping(then) or evidence.get("space_fingerprint") == space.fingerprint():
        return
    for key, sites in sites_of(space).items():
        was = list(then.get(key, ()))
        if key in config and is_sequence(config[key]) and was != sites:
            then_words, now_words = (", ".join(map(str, places)) or "nothing" for places in (was, sites))
            words = f"`{key}` was {how_found(evidence)} for {then_words}, and now stands for {now_words}"
            yield Remark("sites", Severity.ERROR, words, (key, tuple(was), tuple(sites)))


def sites_of(space: ConfigSpace) -> dict[str, list[str]]:
    """What each position of each list stands for, by key."""
    found: dict[str, list[str]] = {}
    for key, slot in space.slots:
        found.setdefault(key, []).append(slot.site)
    return found


def _of_kernel(evidence: Mapping[str, Any], kernel: KernelSyntax) -> Iterator[Remark]:
    if evidence.get("kernel_hash") not in (None, kernel_hash(kernel)):
        words = f"the kernel's body was changed since it was {how_found(evidence)}"
        yield Remark("kernel", Severity.WARNING, words, (str(evidence.get("date", "")),))


def _of_versions(evidence: Mapping[str, Any]) -> Iterator[Remark]:
    then: Any = evidence.get("versions")
    now = current_versions()
    if is_mapping(then):
        known = ((name, str(then[name]), now[name]) for name in VERSIONED if name in then)
        changed = tuple(versions for versions in known if _release(versions[1]) != _release(versions[2]))
        if changed:
            words = ", ".join(f"{name} {was}, now {is_now}" for name, was, is_now in changed)
            yield Remark("versions", Severity.INFORMATION, f"it was {how_found(evidence)} with {words}", changed)


def how_found(evidence: Mapping[str, Any]) -> str:
    """What was done to have a lock's config, as in "it was tuned": one that somebody wrote down is not called tuned."""
    method = str(evidence.get("method"))
    return method if method in ("given", "borrowed", "imported") else "tuned"


def _release(version: str) -> str:
    """`2.13.0` of `2.13.0+cu130`: builds of one release make the same code."""
    return version.partition("+")[0]


def _of_method(evidence: Mapping[str, Any], device: Sequence[str]) -> Iterator[Remark]:
    borrowed = evidence.get("borrowed_from")
    if borrowed:
        yield Remark("method", Severity.HINT, f"it is borrowed from {borrowed}", ("borrowed",))
    elif evidence.get("estimated"):
        yield Remark("method", Severity.HINT, "it is estimated for the target's compiled code", ("estimated",))
    elif evidence.get("method") != "measured":
        yield Remark("method", Severity.HINT, "it was given by hand", ("given",))
    elif device and (measured_on := evidence.get("measured_on", evidence.get("device"))) not in device:
        yield Remark("device", Severity.HINT, f"it was measured on {measured_on}, not here", ("device", measured_on))
    if evidence.get("chosen"):
        yield Remark("method", Severity.HINT, "it was chosen among the trials of its tuning, which confirmed another", ("chosen",))
    if evidence.get("partial"):
        yield Remark("method", Severity.HINT, "its tuning was stopped before the winner was confirmed", ("partial",))
