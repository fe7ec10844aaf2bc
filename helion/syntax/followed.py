"""An expression of a decorator in, what it stands for as far as the text says out: constants of the file that nothing changes, and `**`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.syntax.tree import ModuleSyntax

_DEEPEST = 8


def followed(module: ModuleSyntax, node: ast.expr) -> ast.expr:
    """What a name of the file's top level holds, if the text says it; any other expression itself."""
    found = node
    for _ in range(_DEEPEST):  # `A = B` and `B = A` is a text, too
        if not isinstance(found, ast.Name) or found.id in module.unsettled or found.id in module.imports:
            return found
        value = module.constants.get(found.id) or _annotated(module, found.id)
        if value is None:
            return found
        found = value
    return node


def string_of(module: ModuleSyntax, node: ast.expr | None) -> str | None:
    """The string that an expression is: a literal, an f-string without values, or a name of one."""
    match None if node is None else followed(module, node):
        case ast.Constant(value=str() as value):
            return value
        case ast.JoinedStr(values=parts) if all(isinstance(part, ast.Constant) for part in parts):
            return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case _:
            return None


def items_of(module: ModuleSyntax, node: ast.Dict) -> list[tuple[ast.expr, ast.expr]]:
    """Keys and values of a mapping, those of `**` parts at their places: of a key that comes again the last value, as Python has it. Parts
    that the text does not say are left out."""
    found: dict[str, tuple[ast.expr, ast.expr]] = {}
    for key, value in _pairs(module, node, _DEEPEST):
        name = string_of(module, key)
        place = f"={name}" if name is not None else ast.dump(key, include_attributes=True)
        found[place] = (key, value)
    return list(found.values())


def _pairs(module: ModuleSyntax, node: ast.Dict, deepest: int) -> Iterator[tuple[ast.expr, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            yield key, value
        elif deepest and isinstance(part := followed(module, value), ast.Dict):
            yield from _pairs(module, part, deepest - 1)


def _annotated(module: ModuleSyntax, name: str) -> ast.expr | None:
    """Of `name: dict[str, Config] = {...}`."""
    found = (node for node in module.tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name))
    return next((node.value for node in found if isinstance(node.target, ast.Name) and node.target.id == name), None)
