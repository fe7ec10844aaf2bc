"""A function or a class in, its signatures as a manual shows them out: every overload, annotations without quotes, defaults with theirs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_overloads

_WIDTH = 84


@dataclass(frozen=True)
class _Plain:
    """An annotation, which `str` of a signature shows by its repr."""

    text: str

    def __repr__(self) -> str:
        return self.text


def signatures(name: str, function: Callable[..., Any]) -> str:
    """A line each, or one a parameter where that is too long."""
    overloads = get_overloads(function) if inspect.isfunction(function) else []
    return "\n".join(_signature(name, one) for one in overloads or [function])


def _signature(name: str, function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=_plain(p.annotation)) for p in signature.parameters.values() if p.name != "self"]
    shown = str(signature.replace(parameters=parameters, return_annotation=_plain(signature.return_annotation)))
    if inspect.isclass(function):
        shown = shown.removesuffix(" -> None")
    if len(name + shown) <= _WIDTH:
        return name + shown
    end = shown.rindex(")")
    return f"{name}(\n" + "".join(f"    {part},\n" for part in _parts(parameters)) + shown[end:]


def _parts(parameters: list[inspect.Parameter]) -> list[str]:
    """Every parameter as text, with the marks of positional and keyword ones where they belong."""
    found: list[str] = []
    for before, after in zip([None, *parameters], [*parameters, None]):
        if before is not None and before.kind is before.POSITIONAL_ONLY and (after is None or after.kind is not after.POSITIONAL_ONLY):
            found.append("/")
        if (
            after is not None
            and after.kind is after.KEYWORD_ONLY
            and (before is None or before.kind not in (after.KEYWORD_ONLY, after.VAR_POSITIONAL))
        ):
            found.append("*")
        if after is not None:
            found.append(str(after))
    return found


def _plain(annotation: Any) -> Any:
    return _Plain(annotation.strip("'\"")) if isinstance(annotation, str) else annotation
