"""Variants in, the text of one module with all of them and their dispatcher out; the same variants give the same text."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping, Sequence

from helion.cli.export.dispatcher import dispatcher_text
from helion.cli.export.variants import Variant
from helion.codegen.standalone import WRITTEN_OUT, standalone_text
from helion.syntax.tree import KernelSyntax


def module_text(kernel: KernelSyntax, variants: Sequence[Variant], version: str) -> str:
    """Needs torch and triton only. Functions of each variant carry its number; those with the same code are written once."""
    imports: dict[str, None] = {"import collections": None}
    bodies: dict[str, int] = {}
    numbers: list[int] = []
    for variant in variants:
        head, body = _split(standalone_text(variant.module))
        imports.update(dict.fromkeys(head))
        numbers.append(bodies.setdefault(body, len(bodies)))
    shared, written = _shared(list(bodies))
    parts = [_renamed(body, {name: f"{name}_{number}" for name in _defined(body)}) for number, body in enumerate(written)]
    title = f'"""`{kernel.qualname}`, exported by helion-toolkit {version} from its locks: needs torch and triton only."""'
    host = {number: f"{variants[numbers.index(number)].module.launch.host_name}_{number}" for number in range(len(parts))}
    chosen = [(variant, host[number]) for variant, number in zip(variants, numbers, strict=True)]
    return "\n".join([title, "", *_ordered(imports), "", *shared, *parts, dispatcher_text(kernel, chosen)])


def _ordered(imports: Mapping[str, None]) -> list[str]:
    """`from __future__` first, as Python wants it."""
    ordered = sorted(imports, key=lambda line: (not line.startswith("from __future__"), line.startswith("from "), line))
    return [ordered[0], "", *ordered[1:]] if ordered[0].startswith("from __future__") else ordered


def _split(text: str) -> tuple[list[str], str]:
    """A module's import lines, and the rest."""
    tree = ast.parse(text)
    lines = text.split("\n")
    imported = {
        line
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    head = [lines[number - 1] for number in sorted(imported)]
    return head, "\n".join(line for number, line in enumerate(lines, 1) if number not in imported).strip("\n") + "\n"


def _shared(bodies: Sequence[str]) -> tuple[list[str], list[str]]:
    """The helpers that all bodies define alike (the launcher), once; and the bodies without them."""
    helpers: dict[str, str] = {}
    rest: list[str] = []
    for body in bodies:
        lines = body.split("\n")
        dropped: set[int] = set()
        for node in ast.parse(body).body:
            if isinstance(node, ast.FunctionDef) and node.name in WRITTEN_OUT:
                helpers[node.name] = ast.get_source_segment(body, node) or ""
                dropped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        rest.append("\n".join(line for number, line in enumerate(lines, 1) if number not in dropped).strip("\n") + "\n\n")
    return [f"\n{text}\n\n" for text in helpers.values()], rest


def _defined(body: str) -> set[str]:
    """The names that a body binds at its top level."""
    names = {node.name for node in ast.parse(body).body if isinstance(node, ast.FunctionDef)}
    assigned = (target for node in ast.parse(body).body if isinstance(node, ast.Assign) for target in node.targets)
    return names | {target.id for target in assigned if isinstance(target, ast.Name)}


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """Every use of those names, token by token, so that strings, comments and attributes stay."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    before = [tokens[0], *tokens]
    for previous, token in reversed(list(zip(before, tokens, strict=False))):
        if token.type == tokenize.NAME and token.string in names and previous.string != ".":
            (row, start), (_, end) = token.start, token.end
            lines[row - 1] = lines[row - 1][:start] + names[token.string] + lines[row - 1][end:]
    return "".join(lines)
