"""Entries of a sidecar and the kernels of its source in, which kernel each entry is evidence of out: names are shared, and change.

An entry says its kernel's name, the hash of its body and, where kernels share the name, which of them it is (`nth`). Of these any may
be out of date when the text was edited since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from helion.locks.entries import LockEntry, entries_of_kernel
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import Key, entry_key
from helion.syntax.namesakes import in_order, number_of
from helion.syntax.tree import KernelSyntax, ModuleSyntax

Entry = Mapping[str, Any]


def name_in_entry(kernel: KernelSyntax) -> dict[str, Any]:
    """How an entry says whose it is."""
    number = number_of(kernel)
    return {"kernel": kernel.qualname} if number is None else {"kernel": kernel.qualname, "nth": number}


def locks_by_key(module: ModuleSyntax) -> dict[Key, LockEntry]:
    """Every lock that is written in a text, by the key that its evidence has."""
    kernels = ((kernel, name_in_entry(kernel)) for kernel in module.every_kernel)
    return {key_of_lock(name, entry): entry for kernel, name in kernels for entry in entries_of_kernel(kernel)}


def key_of_lock(name: Entry, lock: LockEntry) -> Key:
    """`name` as of `name_in_entry`."""
    return entry_key({**name, "device": lock.device, "signature": lock.signature})


def is_for(entry: Entry, lock: LockEntry) -> bool:
    """Whether an entry speaks of the config that is locked; one without a config speaks of any."""
    return "config" not in entry or dict(entry["config"]) == dict(lock.config)


def owned(known: Iterable[Entry], kernel: KernelSyntax | str) -> tuple[Entry, ...]:
    """The entries that are a kernel's, with its name and number, in their order but those of another name first. Of a kernel whose text is
    not there its name decides, and so it does for an entry that says nothing else."""
    if isinstance(kernel, str):
        return tuple(entry for entry in known if entry.get("kernel") == kernel)
    found = [labelled(entry, kernel) for entry in known if _is_of(entry, kernel)]
    return tuple(sorted(found, key=lambda entry: "renamed_from" not in entry))


def relabelled(known: Iterable[Entry], module: ModuleSyntax) -> list[dict[str, Any]]:
    """Entries for the kernels that own them, by the names and numbers that these have now; a kernel's own goes before that of a name it
    had. What is nobody's stays as it is."""
    found: dict[Key, dict[str, Any]] = {}
    for entry in known:
        new = relabelled_entry(entry, module)
        key = entry_key(new)
        if key not in found or "renamed_from" not in new:
            found[key] = new
    return list(found.values())


def relabelled_entry(entry: Entry, module: ModuleSyntax) -> dict[str, Any]:
    """One of them, where the text has its lock."""
    is_plain = len(module.kernels_by_name.get(str(entry.get("kernel")), ())) == 1 and "nth" not in entry
    kernel = None if is_plain else owner(entry, module)
    return dict(entry) if kernel is None or not (entry.get("kept") or has_lock(kernel, entry)) else labelled(entry, kernel)


def ownerless(known: Iterable[Entry], module: ModuleSyntax) -> list[Entry]:
    """Entries of kernels that are not in the text any more. Of a text with syntax errors nothing is said."""
    return [] if module.repairs else [entry for entry in known if owner(entry, module) is None]


def heirs(entry: Entry, known: Iterable[Entry], module: ModuleSyntax) -> list[KernelSyntax]:
    """Of an ownerless entry: the kernels that have the lock that it was of and no evidence for it. One may be its kernel, renamed and
    changed."""
    if entry.get("kept"):
        return []
    where = (entry.get("device"), entry.get("signature"))
    same = [e for e in known if (e.get("device"), e.get("signature")) == where]
    return [kernel for kernel in in_order(module) if has_lock(kernel, entry) and not owned(same, kernel)]


def owner(entry: Entry, module: ModuleSyntax) -> KernelSyntax | None:
    """The kernel whose evidence an entry is. Of several of its name the one with its body, then with its lock, then with its number, then
    the last. Where the text has none of its name, one that has its body under another."""
    named = [kernel for kernel in in_order(module) if kernel.qualname == entry.get("kernel")] or _renamed(entry, module)
    left = _narrowed(named, entry, (_has_body, has_lock, _has_number))
    return left[-1] if left else None


def kernel_to_lock(entry: Entry, module: ModuleSyntax) -> KernelSyntax | None:
    """The kernel of an entry's name that its lock is to be written for, which need not have it yet: by body, then by number; None where
    that leaves none, or several."""
    named = [kernel for kernel in in_order(module) if kernel.qualname == entry.get("kernel")]
    left = _narrowed(named, entry, (_has_body, _has_number))
    return left[0] if len(left) == 1 else None


Sign = Callable[[KernelSyntax, Entry], bool]


def _narrowed(kernels: Sequence[KernelSyntax], entry: Entry, signs: Iterable[Sign]) -> Sequence[KernelSyntax]:
    """Each sign leaves those that have it, unless none has; where one is left no other is asked."""
    left = kernels
    for sign in signs:
        if len(left) > 1:
            left = [kernel for kernel in left if sign(kernel, entry)] or left
    return left


def _renamed(entry: Entry, module: ModuleSyntax) -> list[KernelSyntax]:
    """Those with the body that an entry is of. Where the text is broken its kernel may be in what could not be read."""
    return [] if module.repairs or "kernel_hash" not in entry else [k for k in in_order(module) if _has_body(k, entry)]


def _has_body(kernel: KernelSyntax, entry: Entry) -> bool:
    """Also under the name that the entry says: a hash holds the name of its `def`."""
    then = entry.get("kernel_hash")
    return then is not None and (then == kernel_hash(kernel) or then == kernel_hash(kernel, str(entry.get("kernel")).rpartition(".")[2]))


def _has_number(kernel: KernelSyntax, entry: Entry) -> bool:
    return number_of(kernel) == entry.get("nth")


def has_lock(kernel: KernelSyntax, entry: Entry) -> bool:
    """Whether the lock that an entry is of, with its config, stands in the kernel's decorator."""
    where = (entry.get("device"), entry.get("signature"))
    return any((lock.device, lock.signature) == where and is_for(entry, lock) for lock in entries_of_kernel(kernel))


def _is_of(entry: Entry, kernel: KernelSyntax) -> bool:
    if entry.get("kernel") == kernel.qualname:
        if number_of(kernel) is None or not entry.keys() & {"kernel_hash", "nth"}:
            return True
    elif any(known.qualname == entry.get("kernel") for known in kernel.module.every_kernel):
        return False
    found = owner(entry, kernel.module)
    return found is not None and name_in_entry(found) == name_in_entry(kernel)


def labelled(entry: Entry, kernel: KernelSyntax) -> dict[str, Any]:
    """An entry as one of a kernel, with its name and number; of one that has been renamed with its hash of now."""
    name = name_in_entry(kernel)
    new = {**{key: value for key, value in entry.items() if key != "nth"}, **name}
    if entry.get("kernel") == kernel.qualname:
        return new
    return {**new, "kernel_hash": kernel_hash(kernel), "renamed_from": entry.get("kernel")}
