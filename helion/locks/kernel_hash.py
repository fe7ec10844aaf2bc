"""A kernel's syntax in, a hash out that changes only when what it computes may: not with decorators, comments, docstrings, formatting,
nor with what annotations say of tensors and of what comes back."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator

from helion.syntax.tree import KernelSyntax
from helion.types.untyped import is_sequence


def kernel_hash(kernel: KernelSyntax, name: str | None = None) -> str:
    """16 hexadecimal digits of the SHA-256 of the normalised syntax tree; with a name, as if its `def` had that one."""
    node = copy.deepcopy(kernel.function.node)
    if isinstance(node, ast.FunctionDef):
        node.name = name or node.name
        node.decorator_list = []
        first = node.body[0]
        is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        if is_text and len(node.body) > 1:
            del node.body[0]
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None and _is_of_a_tensor(argument.annotation):
                argument.annotation = None
    return hashlib.sha256(_text(node).encode()).hexdigest()[:16]


def _is_of_a_tensor(annotation: ast.expr) -> bool:
    """Calls decide of what shape a tensor is, whatever is written; of an integer an annotation may decide that it is baked in."""
    return "Tensor" in ast.unparse(annotation)


def _text(value: object) -> str:
    """A syntax tree as text that every version of Python writes alike: `ast.dump` shows empty fields or not, and new ones, as it pleases,
    and a lock must not go stale with an interpreter."""
    if isinstance(value, ast.AST):
        return f"{type(value).__name__}({', '.join(f'{name}={_text(field)}' for name, field in _said_fields(value))})"
    return f"[{', '.join(map(_text, value))}]" if is_sequence(value) else repr(value)


def _said_fields(node: ast.AST) -> Iterator[tuple[str, object]]:
    if isinstance(node, ast.JoinedStr):  # Python 3.12 ends the format of one with an empty string
        yield "values", [part for part in node.values if not (isinstance(part, ast.Constant) and part.value == "")]
    else:
        yield from ((name, field) for name, field in ast.iter_fields(node) if field is not None and field != [])
