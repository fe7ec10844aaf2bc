"""What editors complete in `helion.Config(...)` is what there is to configure."""

from __future__ import annotations

import ast
import inspect

from helion.config import config
from helion.config.knobs import KNOBS


def _for_type_checkers() -> ast.FunctionDef:
    tree = ast.parse(inspect.getsource(config))
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return next(s for block in blocks for s in block.body if isinstance(s, ast.FunctionDef) and s.name == "__init__")


def test_every_knob_is_a_keyword() -> None:
    """A knob added to `KNOBS` is added to the signature in `Config`, too, and one removed is removed."""
    keywords = [argument.arg for argument in _for_type_checkers().args.kwonlyargs]
    assert sorted(keywords) == sorted([*(k.key for k in KNOBS), *(k.alias for k in KNOBS if k.alias is not None)])
