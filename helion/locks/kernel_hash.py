"""A kernel's syntax in, a hash out that changes only when what it computes may: not with decorators, comments, docstrings, formatting."""

from __future__ import annotations

import ast
import copy
import hashlib

from helion.syntax.tree import KernelSyntax


def kernel_hash(kernel: KernelSyntax) -> str:
    """16 hexadecimal digits of the SHA-256 of the normalised syntax tree."""
    node = copy.deepcopy(kernel.function.node)
    if isinstance(node, ast.FunctionDef):
        node.decorator_list = []
        first = node.body[0]
        is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        if is_text and len(node.body) > 1:
            del node.body[0]
    return hashlib.sha256(ast.dump(node, include_attributes=False).encode()).hexdigest()[:16]
