"""A text and a kernel's name in, the kernel with the place and the style that its options are written in out; changes nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from helion.source import SourceFile
from helion.syntax.followed import string_of
from helion.syntax.namesakes import in_order, kernels_called, place_name, plain_name
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion.syntax.unfollowed_kernels import unfollowed_words
from helion_codemods.bracketed import Bracketed, NotBracketed, bracketed
from helion_codemods.config_spelling import config_spelling
from helion_codemods.config_text import Spelling, Style
from helion_codemods.indented import indent_of_line
from helion_codemods.outcome import Refused, Rewritten, minimal_edit

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class KernelPlace:
    """One kernel of a text; `start` to `end` is its decorator behind the `@`, or the call of `helion.kernel` that makes it."""

    kernel: KernelSyntax
    text: str
    start: int
    end: int
    style: Style

    @property
    def module(self) -> ModuleSyntax:
        return self.kernel.module

    @property
    def call(self) -> ast.Call | None:
        return None if self.kernel.decorator is None else self.kernel.decorator.call

    @property
    def indent(self) -> str:
        """Of the line that the decorator stands on."""
        return indent_of_line(self.text, self.start)

    def items_of(self, node: ast.expr) -> Bracketed:
        """The items of a mapping, a list or a tuple, or the arguments of a call. Raises NotBracketed."""
        whole = span_of(self.kernel.file, node)
        start = self.text.find("(", span_of(self.kernel.file, node.func).end) if isinstance(node, ast.Call) else whole.start
        return bracketed(self.text, start, whole.end)

    def spelling(self) -> Spelling:
        """How the file would write `helion.Config(...)` here."""
        return config_spelling(self.kernel)


def find_place(text: str, name: str, *, options: bool = True) -> KernelPlace | Refused:
    """The kernel of a qualified name, or of a last name that is its alone; `name@line`, or `name#2`, tells kernels of one name apart.
    Refused where its `options` are to be changed and are not its own."""
    module = parse_module(SourceFile("", text))
    found = kernels_called(module, name)
    if len(found) == 0:
        return Refused("; ".join([f"there is no kernel `{name}`", *_told_instead(module, plain_name(name), in_order(module))]))
    if len(found) > 1:
        places = ", ".join(f"`{place_name(k)}`" for k in found)
        return Refused(f"there are several kernels `{name}`; say which by its line: {places}")
    (kernel,) = found
    assert kernel.decorator is not None, "kernels of a text have one"
    span = kernel.decorator.span
    shared = kernel.decorator.shared
    has_configs = shared is not None and any(keyword.arg in (None, "config", "configs") for keyword in shared.keywords)
    if options and (kernel.decorator.is_fixed or has_configs):
        where = "" if shared is None else f" at line {shared.lineno}"
        return Refused(f"the options of `{kernel.name}` stand in the call{where}, which may be of several kernels; give it one of its own")
    if any(repair.span.start < span.end and span.start < repair.span.end for repair in module.repairs):
        return Refused("the decorator has a syntax error; mend it first")
    return KernelPlace(kernel, text, span.start, span.end, Style(_unit(kernel), _quote(text, module)))


def _told_instead(module: ModuleSyntax, name: str, kernels: Sequence[KernelSyntax]) -> Iterator[str]:
    is_kernel = any(name in (kernel.name, kernel.qualname) for kernel in kernels)  # at another line than was said
    functions = (f.node for qualname, f in module.functions.items() if name in (qualname, f.name) and not is_kernel)
    if any(isinstance(node, ast.FunctionDef) and node.decorator_list for node in functions):
        yield "its decorator is not `helion.kernel` by a name that the file shows"
    unfollowed = unfollowed_words(module)
    if unfollowed is not None:
        yield unfollowed
    if kernels:
        yield f"the kernels are {', '.join(place_name(k) for k in kernels)}"


def with_place(text: str, name: str, change: Callable[[KernelPlace], Rewritten | Refused], *, options: bool = True) -> Rewritten | Refused:
    """A change of a kernel's text, of its `options` or of what else is in it, that knows one line ending only, run for texts of any. What
    comes out is parsed once more."""
    found = set(_LINE_END.findall(text))
    newline = found.pop() if len(found) == 1 else "\n"
    plain = text.replace(newline, "\n")
    place = find_place(plain, name, options=options)
    if isinstance(place, Refused):
        return place
    try:
        outcome = change(place)
    except NotBracketed:
        return Refused("the decorator is of a form that this cannot rewrite")
    if isinstance(outcome, Refused) or outcome.text == plain:
        return outcome if isinstance(outcome, Refused) else Rewritten(text, outcome.notes)
    if not _parses_still(place, outcome.text):
        return Refused("the text around the kernel is of a form that this cannot rewrite")
    return Rewritten(outcome.text.replace("\n", newline), outcome.notes)


def _parses_still(place: KernelPlace, new: str) -> bool:
    """Whether the statements of the file that a change touches are statements yet; the others need no look."""
    edit = minimal_edit(place.text, new)
    assert edit is not None
    file, body = place.kernel.file, place.module.tree.body
    starts = [_first_line(node) for node in body]
    first = max((line for line in starts if file.line_starts[line] <= edit.start), default=0)
    last = min((line for line in starts if file.line_starts[line] > edit.end), default=file.line_count())
    end = len(place.text) if last == file.line_count() else file.line_starts[last]
    try:
        ast.parse(new[file.line_starts[first] : end + len(new) - len(place.text)])
    except (SyntaxError, ValueError):
        return len(parse_module(SourceFile("", new)).repairs) <= len(place.module.repairs)
    return True


def _first_line(node: ast.stmt) -> int:
    """From 0, with decorators."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(d.lineno for d in decorators)]) - 1


def only_use(place: KernelPlace, name: str) -> ast.expr | Refused:
    """What a variable of the file's top level holds, when this kernel alone reads it and nothing changes it."""
    tree = place.module.tree
    stores = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)]
    loads = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
    if name in place.module.imports:
        return Refused(f"`{name}` is imported from {place.module.imports[name].module}; it must be changed there")
    value = place.module.constants.get(name)
    annotated = [n.value for n in tree.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name) and n.target.id == name]
    value = value or next((v for v in annotated if v is not None), None)
    if value is None or len(stores) != 1:
        return Refused(f"`{name}` is not a variable that is assigned once at the top of the file")
    if len(loads) != 1:
        return Refused(f"`{name}` is used in more places than this decorator")
    if name in place.module.unsettled:
        return Refused(f"`{name}` is a parameter, too, and may be that one here")
    return value


def unpacked_constant(place: KernelPlace, name: str) -> ast.expr | None:
    """What a variable of the file's top level holds that is assigned once, and only ever unpacked: nothing changes it afterwards."""
    nodes = list(ast.walk(place.module.tree))
    uses = [n for n in nodes if isinstance(n, ast.Name) and n.id == name]
    unpacked = [k.value for n in nodes if isinstance(n, ast.Call) for k in n.keywords if k.arg is None]
    others = [n for n in uses if n not in unpacked]
    is_settled = name not in place.module.unsettled and len(others) == 1 and isinstance(others[0].ctx, ast.Store)
    return place.module.constants.get(name) if is_settled else None


def literal_keys(place: KernelPlace, node: ast.Dict) -> Mapping[int, str]:
    """The keys of a mapping that the text says, by position; a name stands for the string it was assigned, once, at the top."""
    found = {number: string_of(place.module, key) for number, key in enumerate(node.keys)}
    return {number: key for number, key in found.items() if key is not None}


def _unit(kernel: KernelSyntax) -> str:
    """One step of indentation, as the function's body has it."""
    node = kernel.function.node
    if isinstance(node, ast.Lambda):
        return Style().unit
    text = kernel.file.text
    body = span_of(kernel.file, node.body[0]).start
    outer = indent_of_line(text, kernel.function.span.start)
    inner = indent_of_line(text, body)
    return inner.removeprefix(outer) if inner.startswith(outer) and len(inner) > len(outer) else Style().unit


def _quote(text: str, module: ModuleSyntax) -> str:
    """Single quotes only in a file whose strings are all written with them."""
    nodes = (node for statement in module.tree.body for node in ast.walk(statement))
    strings = (n for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and '"' not in n.value and "\n" not in n.value)
    quotes: set[str] = set()
    for node in strings:
        start = text[span_of(module.file, node).start]
        if start == '"':
            return start
        quotes.add(start)
    return "'" if "'" in quotes else Style().quote
