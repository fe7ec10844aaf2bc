"""Text in, `ModuleSyntax` out, also for text that is broken mid-edit: a statement that does not parse is blanked, the rest is kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from helion.diagnostics.catalog.python import SyntaxProblem
from helion.diagnostics.diagnostic import Diagnostic
from helion.source import SourceFile, Span
from helion.syntax.tree import DecoratorSyntax, FunctionSyntax, ImportedName, KernelSyntax, ModuleSyntax, span_of

_MAX_REPAIRS = 12
_DECORATORS = frozenset({"kernel", "jit"})
_BLOCK_OPENER = re.compile(r"\s*(for|if|while|with|def|class|else|elif|try|except|finally|async)\b")


def parse_module(file: SourceFile) -> ModuleSyntax:
    """The module's syntax; `diagnostics` name what did not parse."""
    tree, diagnostics, blanked = _parse_with_repair(file)
    module = ModuleSyntax(file, tree, diagnostics=diagnostics, blanked=blanked)
    module.imports = dict(_imports(file, tree.body))
    module.constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    functions = list(_functions(tree.body, ""))
    module.functions = {qualname: function_syntax(file, node) for qualname, node in functions}
    module.kernels = tuple(_kernels(module, functions))
    return module


def function_syntax(file: SourceFile, node: ast.FunctionDef | ast.Lambda) -> FunctionSyntax:
    """The syntax of one `def` or `lambda`."""
    span = span_of(file, node)
    if isinstance(node, ast.Lambda):
        return FunctionSyntax(file, "<lambda>", node, span, span)
    start = file.text.index(node.name, file.text.index("def", span.start) + 3)
    return FunctionSyntax(file, node.name, node, span, Span(start, start + len(node.name)))


# -- repair ---------------------------------------------------------------------------------------------------------


def _parse_with_repair(file: SourceFile) -> tuple[ast.Module, tuple[Diagnostic, ...], tuple[Span, ...]]:
    text = file.text.replace("\f", " ")
    diagnostics: list[Diagnostic] = []
    blanked: list[Span] = []
    for _ in range(_MAX_REPAIRS):
        try:
            return ast.parse(text), tuple(diagnostics), tuple(blanked)
        except (SyntaxError, ValueError) as problem:
            line = _line_of(problem, file)
            if len(diagnostics) < _MAX_REPAIRS and not any(line == file.position(s.start).line for s in blanked):
                diagnostics.append(SyntaxProblem(_problem_span(file, problem, line), getattr(problem, "msg", str(problem))))
            text, span = _blank(file, text, line, blanked)
            blanked.append(span)
    return ast.Module(body=[], type_ignores=[]), tuple(diagnostics), tuple(blanked)


def _line_of(problem: Exception, file: SourceFile) -> int:
    line = (getattr(problem, "lineno", None) or 1) - 1
    return max(0, min(line, file.line_count() - 1))


def _problem_span(file: SourceFile, problem: Exception, line: int) -> Span:
    whole = file.line_span(line)
    column = (getattr(problem, "offset", None) or 1) - 1
    start = min(whole.start + max(0, column), whole.end)
    return Span(start, max(start, whole.end)) if start < whole.end else whole


def _blank(file: SourceFile, text: str, line: int, blanked: list[Span]) -> tuple[str, Span]:
    """Replace a line by `pass` at its indentation, keeping its length; a line already blanked takes the one before it along."""
    while line > 0 and (_is_blank(text, file, line) or any(file.position(s.start).line == line for s in blanked)):
        line -= 1
    span = file.line_span(line)
    old = text[span.start : span.end]
    indent = old[: len(old) - len(old.lstrip())]
    room = len(old) - len(indent)
    if _BLOCK_OPENER.match(old) and room >= 8:
        new = indent + "if True:" + " " * (room - 8)
    elif room >= 4:
        new = indent + "pass" + " " * (room - 4)
    elif room >= 1:
        new = indent + "0" + " " * (room - 1)
    else:
        new = old
    return text[: span.start] + new + text[span.end :], span


def _is_blank(text: str, file: SourceFile, line: int) -> bool:
    span = file.line_span(line)
    return not text[span.start : span.end].strip()


# -- what a module holds --------------------------------------------------------------------------------------------


def _imports(file: SourceFile, body: list[ast.stmt]) -> Iterator[tuple[str, ImportedName]]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                module = alias.name if alias.asname else alias.name.split(".")[0]
                yield name, ImportedName(module, None, span_of(file, alias))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, ImportedName(node.module, alias.name, span_of(file, alias))
        elif isinstance(node, ast.If | ast.Try):
            yield from _imports(file, [*node.body, *node.orelse])


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
            yield from _functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For):
            yield from _functions([*node.body, *getattr(node, "orelse", [])], prefix)


def _kernels(module: ModuleSyntax, functions: list[tuple[str, ast.FunctionDef]]) -> Iterator[KernelSyntax]:
    for qualname, node in functions:
        for decorator in node.decorator_list:
            if not is_kernel_decorator(decorator, module.imports):
                continue
            call = decorator if isinstance(decorator, ast.Call) else None
            syntax = DecoratorSyntax(span_of(module.file, decorator), call)
            yield KernelSyntax(module.file, node.name, qualname, function_syntax(module.file, node), syntax, module)
            break


def is_kernel_decorator(node: ast.expr, imports: Mapping[str, ImportedName]) -> bool:
    """Whether an expression names `helion.kernel` or `helion.jit`, called or not, under the file's import aliases."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        found = imports.get(target.value.id)
        return target.attr in _DECORATORS and found is not None and found.module in ("helion", "helion.runtime") and not found.attribute
    if isinstance(target, ast.Name):
        found = imports.get(target.id)
        return found is not None and found.module.split(".")[0] == "helion" and found.attribute in _DECORATORS
    return False
