"""A view of an analysis, a range and the user's choice in, inlay hints out. Quiet unless asked: assumptions on, the rest off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helion_lsp.features.view import View

_DEFAULTS = {"shapes": False, "loops": False, "specializations": False, "assumptions": True}


def wanted_kinds(options: Mapping[str, Any]) -> frozenset[str]:
    """The kinds that `initializationOptions.inlayHints` leaves on."""
    return frozenset(kind for kind, default in _DEFAULTS.items() if options.get(kind, default))


def inlay_hints(view: View, start: int, end: int, kinds: frozenset[str]) -> Iterator[tuple[int, str]]:
    """`(offset, label)` of each hint within `[start, end]`."""
    for kernel in view.kernels():
        if view.speaker_for(kernel) is not kernel:
            continue
        for relative, label, kind in (*kernel["hints"], *view.details_of(kernel).get("hints", ())):
            span = view.span(kernel, (relative, relative))
            if kind in kinds and span is not None and start <= span[0] <= end:
                yield span[0], label
