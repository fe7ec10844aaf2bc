"""What stands beside a document in, how its kernels are seen from there out: texts of others that are not saved, calls in other files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from helion.signatures.from_call_sites import CallSite, evidence_of_sites
from helion.signatures.infer import infer_signature
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.namesakes import editor_name
from helion.syntax.parse import parse_module
from helion.syntax.project_files import files_behind, parsed_file
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.typecheck.global_names import FileGlobals
from helion_lsp.kernel_keys import kernel_keys


@dataclass(frozen=True)
class Surroundings:
    """`texts` are those of open documents, by path; `calls` are calls of a kernel in other files, by its file and name."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    calls: Mapping[tuple[str, str], tuple[CallSite, ...]] = field(default_factory=dict[tuple[str, str], tuple[CallSite, ...]])

    def parsed(self, path: Path) -> ModuleSyntax | None:
        """The syntax of a file, as it is in the editor or else on the disk; None where it is broken."""
        text = self.texts.get(str(path))
        if text is not None:
            return _parsed(str(path), text)
        try:
            return _parsed_on_disk(path, path.stat().st_mtime_ns)
        except OSError:
            return None

    def keys(self, module: ModuleSyntax, behind: tuple[Path, ...] | None = None) -> Iterator[tuple[KernelSyntax, str]]:
        """The module's kernels with their keys, as they are seen from here; `behind` where it is known already."""
        return kernel_keys(module, self.stamp, self.calls_stamp, self.behind if behind is None else lambda _: behind)

    def behind(self, module: ModuleSyntax) -> tuple[Path, ...]:
        """The files that a module's names lead to."""
        return files_behind(module, self.parsed)

    def stamp(self, path: Path) -> str:
        """Changes when the file does, or its text in the editor."""
        text = self.texts.get(str(path))
        if text is None:
            return str(path.stat().st_mtime_ns)
        return hashlib.sha1(text.encode("utf-8", errors="replace"), usedforsecurity=False).hexdigest()

    def calls_stamp(self, kernel: KernelSyntax) -> str:
        """Changes when calls in other files say something else of the kernel; where they stand counts, since hovers say it."""
        sites = self.calls.get((kernel.file.path, editor_name(kernel)), ())
        return "; ".join(f"{site.place} {dict(site.arguments)}" for site in sites)

    def names(self, module: ModuleSyntax) -> FileGlobals:
        return FileGlobals(module, parsed=self.parsed)

    def signature(self, kernel: KernelSyntax) -> KernelSignature:
        """What the text says of a kernel's parameters, and where it leaves something open what other files say."""
        sites = self.calls.get((kernel.file.path, editor_name(kernel)), ())
        return infer_signature(kernel, self.names(kernel.module), elsewhere=evidence_of_sites(kernel, sites))


ALONE = Surroundings()


@lru_cache(maxsize=64)
def _parsed_on_disk(path: Path, written: int) -> ModuleSyntax | None:  # `written` tells a file's states apart
    return parsed_file(path)


@lru_cache(maxsize=16)
def _parsed(path: str, text: str) -> ModuleSyntax | None:
    module = parse_module(SourceFile(path, text))
    return None if module.diagnostics else module
