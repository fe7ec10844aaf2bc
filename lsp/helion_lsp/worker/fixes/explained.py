"""A kernel's diagnostics in, the same as plain data with the fixes and the places that need the kernel around them out."""

from __future__ import annotations

import traceback
from typing import Any

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note
from helion.typed_kernel import tree
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.configs import config_fixes
from helion_lsp.worker.fixes.loops import loop_fixes
from helion_lsp.worker.fixes.operands import operand_notes
from helion_lsp.worker.fixes.values import value_fixes
from helion_lsp.worker.plain import diagnostic_data


def explained(typed: tree.TypedKernel, around: Around, start: int) -> list[dict[str, Any]]:
    """A fix or a note that cannot be made is left out: the diagnostic counts."""
    return [diagnostic_data(d, start, *_more(d, around)) for d in typed.diagnostics]


def _more(diagnostic: Diagnostic, around: Around) -> tuple[tuple[Note, ...], tuple[Fix, ...]]:
    try:
        found = (*value_fixes(diagnostic, around), *loop_fixes(diagnostic, around), *config_fixes(diagnostic, around))
        return tuple(operand_notes(diagnostic, around)), found
    except Exception:  # noqa: BLE001 - a bug of ours in a suggestion must not hide what is wrong
        traceback.print_exc()
        return (), ()
