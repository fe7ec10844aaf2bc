"""What a client says of its settings in, the server's options with those of them that need no new start out; knows no client."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from helion.types.untyped import is_mapping

SECTION = "helion"
_log = logging.getLogger(__name__)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# `trusted` is not one: settings may stand in the workspace itself. `semanticTokens` decides at the start what the server offers.
_LIVE: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "inlayHints": (is_mapping, "a table"),
    "completion": (is_mapping, "a table"),
    "hover": (is_mapping, "a table"),
    "decisions": (lambda value: isinstance(value, bool), "true or false"),
    "target": (lambda value: isinstance(value, str), "a text"),
    "tuneBudget": (_is_number, "a number"),
    "tuneHost": (lambda value: isinstance(value, str), "a text"),
    "tunePython": (lambda value: isinstance(value, str), "a text"),
}


def live_options(initial: Mapping[str, Any], settings: object) -> dict[str, Any]:
    """The options of the start with what the settings say now in their place, tables entry by entry; the wrong kind is told of."""
    options = dict(initial)
    if not is_mapping(settings):
        return options
    for name, (accepts, kind) in _LIVE.items():
        value = settings.get(name)
        if value is None:
            continue
        if not accepts(value):
            _log.warning("the setting %s.%s is not %s: %r", SECTION, name, kind, value)
        elif is_mapping(value):
            before = initial.get(name)
            options[name] = {**(before if is_mapping(before) else {}), **value}
        else:
            options[name] = value
    return options
