"""A kernel's diagnostics in, the same as plain data with the fixes and the places that need the kernel around them out."""

from __future__ import annotations

import traceback
from typing import Any

from helion.diagnostics.catalog.config import ConfigTooLarge
from helion.diagnostics.catalog.decorator import NothingToRun
from helion.diagnostics.diagnostic import Diagnostic, Fix, Note
from helion.syntax.namesakes import editor_name
from helion.typecheck.interpreted_only import interpreted_only
from helion.typed_kernel import tree
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.buffers import buffer_fixes
from helion_lsp.worker.fixes.configs import config_fixes
from helion_lsp.worker.fixes.decorators import decorator_fixes
from helion_lsp.worker.fixes.guessed import can_be_guessed
from helion_lsp.worker.fixes.kernel_calls import kernel_call_fixes
from helion_lsp.worker.fixes.operand_shapes import operand_shape_fixes
from helion_lsp.worker.fixes.operands import operand_notes
from helion_lsp.worker.fixes.rearranged import rearranging_fixes
from helion_lsp.worker.fixes.values import value_fixes
from helion_lsp.worker.plain import diagnostic_data

# Each looks for the diagnostics that it knows something about.
_FIXES = (
    value_fixes,
    operand_shape_fixes,
    rearranging_fixes,
    buffer_fixes,
    kernel_call_fixes,
    config_fixes,
    decorator_fixes,
)


def explained(typed: tree.TypedKernel, around: Around, start: int) -> list[dict[str, Any]]:
    """A fix or a note that cannot be made is left out: the diagnostic counts. `guessed` says that there may be fixes which take a check
    each to know whether they are right: nobody waits for those here (`tried_fixes`)."""
    found = [diagnostic_data(d, start, *_more(d, around)) | _commands(d, around) | _guessed(d) for d in typed.diagnostics]
    return [*found, *_breakpoints(typed, around, start)]


def _more(diagnostic: Diagnostic, around: Around) -> tuple[tuple[Note, ...], tuple[Fix, ...]]:
    try:
        found = tuple(fix for fixes in _FIXES for fix in fixes(diagnostic, around))
        return tuple(operand_notes(diagnostic, around)), found
    except Exception:  # noqa: BLE001 - a bug of ours in a suggestion must not hide what is wrong
        traceback.print_exc()
        return (), ()


def _guessed(diagnostic: Diagnostic) -> dict[str, Any]:
    return {"guessed": True} if can_be_guessed(diagnostic) else {}


def _commands(diagnostic: Diagnostic, around: Around) -> dict[str, Any]:
    """What only a command can do about a diagnostic."""
    if not isinstance(diagnostic, NothingToRun | ConfigTooLarge):
        return {}
    name = editor_name(around.kernel)
    return {"commands": [{"title": f"Tune {name} and lock", "command": "helion.tuneAndLock", "arguments": [name, {}]}]}


def _breakpoints(typed: tree.TypedKernel, around: Around, start: int) -> list[dict[str, Any]]:
    """Whether a breakpoint stops depends on the process that will run the kernel, so it is no error here."""
    name = editor_name(around.kernel)
    debug = {"title": f"Debug {name} in the interpreter", "command": "helion.debugInInterpreter", "arguments": [name]}
    found = () if typed.has_errors else interpreted_only(typed)
    return [{**diagnostic_data(d, start), "severity": "information", "commands": [debug]} for d in found]
