"""Lock entries of a package, of a project and of the user's own folder in, the entries in force out: an override replaces by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from helion.config.config import Config
from helion.locks.entries import LockEntry
from helion.locks.ownership import owned
from helion.locks.sidecar import Unreadable, read_entries, read_sidecar
from helion.syntax.tree import KernelSyntax
from helion.types.untyped import is_mapping

SUFFIX = ".helion.lock"


def override_file(folder: Path, module: str) -> Path:
    """Where a folder of the search path keeps its locks of a module: `folder/package.module.helion.lock`, in the form of a sidecar."""
    return folder / f"{module}{SUFFIX}"


def module_name(path: Path) -> str:
    """The dotted name of a source file inside its package, as it is imported."""
    parts, folder = [path.stem], path.resolve().parent
    if path.stem == "__init__":
        parts, folder = [folder.name], folder.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def overrides_of(folders: Iterable[Path], module: str, kernel: KernelSyntax | str) -> tuple[tuple[LockEntry, ...], ...]:
    """One layer a folder that has locks of the kernel, in the order of the folders. `kernel` is its name where its text is not there."""
    layers = (_entries(override_file(folder, module), kernel) for folder in folders)
    return tuple(layer for layer in layers if layer)


def recorded_in(folders: Iterable[Path], module: str) -> tuple[Mapping[str, Any], ...]:
    """All that the folders' files about a module say, also of tunings that nothing was locked after; the strongest folder's first."""
    return tuple(entry for folder in folders for entry in read_entries(override_file(folder, module)))


def _entries(path: Path, kernel: KernelSyntax | str) -> tuple[LockEntry, ...]:
    if not path.is_file():
        return ()
    found: dict[tuple[str, str | None], LockEntry] = {}
    for entry in owned(read_entries(path), kernel):
        config, device = entry.get("config"), entry.get("device")
        if is_mapping(config) and isinstance(device, str):
            found[device, entry.get("signature")] = LockEntry(device, entry.get("signature"), Config(**config), str(path))
    return tuple(found.values())


def unreadable_overrides(folders: Iterable[Path], module: str) -> tuple[tuple[Path, Unreadable], ...]:
    """The files of the search path that hold locks of the module, and cannot be read: to go on without them would be silent."""
    found = ((path, read_sidecar(path)) for path in (override_file(folder, module) for folder in folders))
    return tuple((path, problem) for path, problem in found if isinstance(problem, Unreadable))


def merged(layers: Sequence[Sequence[LockEntry]]) -> tuple[LockEntry, ...]:
    """The entries in force, the strongest layer first. An entry hides those of weaker layers with its device and signature; one for
    every signature hides all of its device."""
    kept: list[LockEntry] = []
    for layer in layers:
        whole = {entry.device for entry in kept if entry.signature is None}
        taken = {(entry.device, entry.signature) for entry in kept}
        kept += [e for e in layer if e.device not in whole and (e.device, e.signature) not in taken]
    return tuple(kept)
