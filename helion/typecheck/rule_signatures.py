"""An op's rule or stub in, its signature out; each is read once, since every call of every check asks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def signature_of(rule: Callable[..., Any]) -> inspect.Signature:
    """For functions of the toolkit, which live as long as the process."""
    return inspect.signature(rule)


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The parameters of a rule after its context."""
    return tuple(signature_of(function).parameters)[1:]
