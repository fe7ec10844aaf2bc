"""The settings in, their reference page out: names, defaults and words are those of the code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from helion import settings
from helion.environment_names import variable_of
from helion.settings import WITHOUT_EFFECT


def settings_page() -> str:
    """Every field of `helion.Settings`."""
    lines = [
        "---",
        "hide: [toc]  # a wide table",
        "---",
        "",
        "# Settings",
        "",
        "Options of `@helion.kernel(...)`, or of `helion.Settings(...)` for all at once. What the decorator does not say is taken from the",
        "environment when the kernel is decorated; an empty variable says nothing. A setting that no kernel has is a TypeError, a value",
        "that it cannot have `exc.InvalidSetting`; [config keys](config.md) are what a tuning may change, settings it never does.",
        "",
        "| setting | default | environment | meaning |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{name}` | `{default}` | {_variable(name)} | {_meaning(name, words)} |" for name, default, words in _fields()]
    lines += [
        "",
        "## What is told while kernels compile",
        "",
        "`HELION_LOGS` is no setting of a kernel: a list, separated by commas, of loggers, or `all`. `HELION_LOGS=all` prints the",
        "generated code of each config and the file that holds it on stderr, `HELION_LOGS=+all` the types of the kernel besides.",
    ]
    return "\n".join(lines) + "\n"


def _variable(name: str) -> str:
    variable = variable_of(name)
    return "" if variable is None else f"`{variable}`"


def _meaning(name: str, words: str) -> str:
    reason = WITHOUT_EFFECT.get(name)
    return (words if reason is None else f"{words} Changes nothing: {reason}.").replace("|", "\\|")


def _fields() -> Iterator[tuple[str, str, str]]:
    """Each field with the text of its default and the docstring below it."""
    module = ast.parse(inspect.getsource(settings))
    cls = next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    for field, below in zip(cls.body, cls.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and field.value is not None:
            assert isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant), f"{ast.unparse(field.target)} has no docstring"
            yield ast.unparse(field.target), _default(field.value), " ".join(str(below.value.value).split())


def _default(value: ast.expr) -> str:
    text = ast.unparse(value)
    return {"field(default_factory=list[type[Exception]])": "[]", "field(default_factory=dict[str, object])": "{}"}.get(text, text)
