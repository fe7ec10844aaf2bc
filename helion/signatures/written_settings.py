"""A kernel's decorator in, the settings that it states as literals out; what must be run to be known is left out."""

from __future__ import annotations

import ast
from typing import Any

import torch

from helion.settings import FIELD_NAMES, Settings
from helion.syntax.tree import KernelSyntax


def written_settings(kernel: KernelSyntax) -> dict[str, Any]:
    """By field name: keywords of the decorator, or of the `Settings(...)` that it is given."""
    if kernel.decorator is None:
        return {}
    keywords = kernel.decorator.keywords
    given = keywords.get("settings")
    if isinstance(given, ast.Call):
        keywords = {k.arg: k.value for k in given.keywords if k.arg is not None}
    found = {name: _value(node) for name, node in keywords.items() if name in FIELD_NAMES}
    return {name: value for name, value in found.items() if value is not _UNKNOWN}


def settings_as_written(kernel: KernelSyntax) -> Settings:
    """The decorator's settings over the usual ones, for the editor and for checks, which must not depend on the environment."""
    return Settings(**written_settings(kernel))


_UNKNOWN = object()


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch":
        dtype = getattr(torch, node.attr, None)
        return dtype if isinstance(dtype, torch.dtype) else _UNKNOWN
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _UNKNOWN
