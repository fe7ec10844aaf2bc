"""A kernel's decorator in, the settings that it states as literals out; what must be run to be known is left out."""

from __future__ import annotations

import ast
from typing import Any

import torch

from helion.settings import DOT_PRECISIONS, FIELD_NAMES, Settings, refusal
from helion.syntax.tree import KernelSyntax


def written_settings(kernel: KernelSyntax) -> dict[str, Any]:
    """By field name: keywords of the decorator, or of the `Settings(...)` that it is given, over those that several kernels share."""
    if kernel.decorator is None:
        return {}
    shared = () if kernel.decorator.shared is None else kernel.decorator.shared.keywords
    keywords = {**{k.arg: k.value for k in shared if k.arg is not None}, **kernel.decorator.keywords}
    given = keywords.get("settings")
    if isinstance(given, ast.Call):
        keywords = {k.arg: k.value for k in given.keywords if k.arg is not None}
    found = {name: written_value(node) for name, node in keywords.items() if name in FIELD_NAMES}
    return {name: value for name, value in found.items() if value is not UNKNOWN}


def settings_as_written(kernel: KernelSyntax) -> Settings:
    """The decorator's settings over the usual ones, for the editor and for checks, which must not depend on the environment. A value
    that a setting cannot have counts as not given."""
    found: dict[str, Any] = {name: value for name, value in written_settings(kernel).items() if refusal(name, value) is None}
    if "dot_precision" in found:
        found["dot_precision"] = DOT_PRECISIONS.get(found["dot_precision"], found["dot_precision"])
    return Settings(**found)


UNKNOWN = object()


def written_value(node: ast.expr) -> Any:
    """What an option's value is, `UNKNOWN` where that takes more than reading it."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch":
        dtype = getattr(torch, node.attr, None)
        return dtype if isinstance(dtype, torch.dtype) else UNKNOWN
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return UNKNOWN
