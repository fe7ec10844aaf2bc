"""A config with its evidence in, the edit that locks it and what the sidecar is to say out; runs in the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion import compiler
from helion.locks.ownership import kernel_to_lock, labelled
from helion.source import SourceFile
from helion.syntax.namesakes import kernels_called, place_name, plain_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Refused, minimal_edit
from helion_lsp.worker.lock_evidence import replaced_by


def lock(path: str, text: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """`{refused}`, or `{edit, entry, replaced}`: no edit when the decorator says it already; the entry of the lock, and the one of the
    sidecar that it renews. `params` are `kernel`, `device`, `signature`, `config` and the `evidence`.

    Of several kernels of the name the one is locked that the evidence is of, by its body and then by its number: while it was looked for
    the text may have got another.
    """
    module = compiler.parse(SourceFile(path, text))
    where = {key: params[key] for key in ("device", "signature", "config")}
    entry = {"kernel": plain_name(params["kernel"]), **where, **params["evidence"]}
    kernel = _kernel_of(entry, module)
    outcome = lock_config(text, entry["kernel"] if kernel is None else place_name(kernel), **where)
    if isinstance(outcome, Refused) or kernel is None:
        return {"refused": outcome.reason if isinstance(outcome, Refused) else f"there is no kernel `{entry['kernel']}` any more"}
    edit = minimal_edit(text, outcome.text)
    told = labelled(entry, kernel)
    replaced = replaced_by(path, told, module)
    return {"edit": None if edit is None else [edit.start, edit.end, edit.new_text], "entry": told, "replaced": replaced}


def _kernel_of(entry: Mapping[str, Any], module: ModuleSyntax) -> KernelSyntax | None:
    """Also the only one of its last name, which may have been moved into a class meanwhile."""
    found = kernels_called(module, entry["kernel"])
    return kernel_to_lock(entry, module) or (found[0] if len(found) == 1 else None)
