"""The options that editors complete in `@helion.kernel(...)` are the fields of Settings."""

from __future__ import annotations

import ast
import inspect

from helion import settings
from helion.runtime.kernel import KernelOptions, kernel


def _annotations(name: str) -> dict[str, str]:
    tree = ast.parse(inspect.getsource(settings))
    cls = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    return {ast.unparse(s.target): ast.unparse(s.annotation) for s in cls.body if isinstance(s, ast.AnnAssign)}


def test_every_setting_is_an_option_of_the_same_type() -> None:
    """A field added to `Settings` is added to `SettingOptions`, too."""
    assert _annotations("SettingOptions") == _annotations("Settings")


def test_every_other_option_is_a_parameter() -> None:
    own = set(KernelOptions.__annotations__) - set(_annotations("Settings"))
    assert own == {*inspect.signature(kernel).parameters} - {"fn"}
