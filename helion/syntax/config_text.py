"""A config that somebody wrote as text in, its keys and values out; knows no kernel, and runs nothing."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

FORMS = "a config is written `helion.Config(block_sizes=[64], num_warps=4)` or as a JSON object"


def config_values(text: str) -> Mapping[str, Any] | None:
    """What a call of Config, its keywords alone, or a mapping in Python or JSON says; None when it is none of these."""
    try:
        loaded: Any = json.loads(text)
    except ValueError:
        loaded = None
    if isinstance(loaded, dict):
        return loaded  # pyright: ignore[reportUnknownVariableType]  # JSON has text keys only
    for form in (text, f"Config({text})"):
        try:
            node = ast.parse(form.strip(), mode="eval").body
            if isinstance(node, ast.Call) and _is_config(node) and all(k.arg is not None for k in node.keywords):
                return {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}
            if isinstance(node, ast.Dict):
                return ast.literal_eval(node)
        except (SyntaxError, ValueError):
            continue
    return None


def _is_config(call: ast.Call) -> bool:
    return not call.args and ast.unparse(call.func).rpartition(".")[2] == "Config"
