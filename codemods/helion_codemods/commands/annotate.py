"""Writes what is known of a kernel's tensors into its signature, as jaxtyping annotations, or into its body, as asserts."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from sympy import Symbol

from helion import compiler
from helion.signatures.infer import infer_signature
from helion.signatures.written_settings import settings_as_written
from helion.source import SourceFile
from helion.syntax.tree import ModuleSyntax, span_of
from helion.typecheck.global_names import FileGlobals
from helion.types.dims import Assumption, Dim, SizeSymbol, constant
from helion.types.types import TensorType
from helion_codemods.bracketed import Code
from helion_codemods.bracketed import parameters as written_parameters
from helion_codemods.examples.annotate import EXAMPLES as EXAMPLES
from helion_codemods.indented import indent_of_line
from helion_codemods.jaxtyping_names import exact_name, kind_name, with_import
from helion_codemods.kernel_place import KernelPlace, with_place
from helion_codemods.outcome import Refused, Rewritten
from helion_codemods.written_options import replaced

DESCRIPTION = "Write the inferred shapes of a kernel's tensors as jaxtyping annotations, or as asserts."

FORMS = ("jaxtyping", "asserts")


def annotate(text: str, kernel: str, *, form: str = "jaxtyping", dtypes: bool = False) -> Rewritten | Refused:
    """`text` with shapes said. A size has the name that the kernel gives it, `_` when it is nobody else's, and stays a number where the
    kernel only works for that one. `dtypes` says the dtype of the file's own calls; otherwise only whether it is a float.

    What is annotated already stays. Refused when the checker understands the result worse than what it was.
    """
    if form not in FORMS:
        return Refused(f"`{form}` is not a form of annotations; one of {', '.join(FORMS)}")
    return with_place(text, kernel, lambda place: _annotated(place, form, dtypes=dtypes), options=False)


@dataclass(frozen=True)
class _Parameter:
    """One tensor of a kernel of which the rank is known."""

    node: ast.arg
    dims: tuple[Dim, ...]
    dtype: torch.dtype | None


def _annotated(place: KernelPlace, form: str, *, dtypes: bool) -> Rewritten | Refused:
    if any(d.severity.value == "error" for d in place.module.diagnostics):
        return Refused("the file has a syntax error; mend it first")
    parameters = _tensors(place)
    new = _with_asserts(place, parameters) if form == "asserts" else _with_annotations(place, parameters, dtypes=dtypes)
    worse = () if new == place.text else _problems(new) - _problems(place.text)
    return Refused(f"the checker would then say: {next(iter(worse))[1]}") if worse else Rewritten(new)


def _problems(text: str) -> Counter[tuple[str | None, str]]:
    return Counter((name, found.message()) for name, found in compiler.check_file(SourceFile("", text)))


def _tensors(place: KernelPlace) -> list[_Parameter]:
    kernel, names = place.kernel, FileGlobals(place.module)
    typed = compiler.check(kernel, infer_signature(kernel, names), names, settings_as_written(kernel))
    arguments = kernel.function.node.args
    nodes = {a.arg: a for a in (*arguments.posonlyargs, *arguments.args)}
    equal = _equalities(typed.assumptions)
    found: list[_Parameter] = []
    for parameter in typed.parameters:
        type_ = parameter.binding.type
        if parameter.binding.name in nodes and isinstance(type_, TensorType) and type_.rank is not None:
            found.append(_Parameter(nodes[parameter.binding.name], tuple(d.xreplace(equal) for d in type_.dims), type_.dtype))
    return found


def _equalities(assumptions: Sequence[Assumption]) -> dict[Symbol, Dim]:
    """Sizes that must be equal for the kernel to run, each to the one of the two that has a name, or came first."""
    found: dict[Symbol, Dim] = {}
    for assumed in assumptions:
        left, right = assumed.left.xreplace(found), assumed.right.xreplace(found)
        if isinstance(left, SizeSymbol) and isinstance(right, SizeSymbol) and left != right:
            kept, gone = sorted((left, right), key=lambda symbol: ("." in str(symbol), len(str(symbol))))
            found = {**{symbol: size.xreplace({gone: kept}) for symbol, size in found.items()}, gone: kept}
    return found


def _size_name(symbol: object, count: int) -> str:
    """A size that nobody named gets a name only where others must be equal to it."""
    name = str(symbol)
    return name if "." not in name else "_" if count == 1 else name.replace(".", "_")


# -- annotations -----------------------------------------------------------------------------------------------------------


def _with_annotations(place: KernelPlace, parameters: Sequence[_Parameter], *, dtypes: bool) -> str:
    shared = Counter(symbol for p in parameters for d in p.dims for symbol in d.free_symbols)
    names = {symbol: _size_name(symbol, count) for symbol, count in shared.items()}
    function = place.kernel.function
    assert isinstance(function.node, ast.FunctionDef)
    body = span_of(place.kernel.file, function.node.body[0]).start
    group = written_parameters(place.text, place.text.find("(", function.name_span.end), body)
    numbers = {item.start: number for number, item in enumerate(group.items)}
    changes: dict[int, Code | None] = {}
    heads: set[str] = set()
    for parameter in parameters:
        base = _tensor_name(parameter.node.annotation, place.module)
        if base is not None:
            head = exact_name(parameter.dtype) if dtypes else kind_name(parameter.dtype)
            words = f"{head}[{base}, {place.style.literal(' '.join(_dim_word(d, names) for d in parameter.dims))}]"
            number = numbers[span_of(place.kernel.file, parameter.node).start]
            changes[number] = _annotated_item(group.items[number].code, parameter.node, words)
            heads.add(head)
    return with_import(replaced(place, group, changes), heads) if changes else place.text


def _annotated_item(code: str, node: ast.arg, words: str) -> Code:
    _, sign, default = code.partition("=")
    text = f"{node.arg}: {words}{f' = {default.strip()}' if sign else ''}"
    return lambda indent, explode: text


def _dim_word(size: Dim, names: Mapping[Symbol, str]) -> str:
    number = constant(size)
    return str(number) if number is not None else names[size] if isinstance(size, SizeSymbol) else "_"


def _tensor_name(annotation: ast.expr | None, module: ModuleSyntax) -> str | None:
    """How the annotation, or the file, says `torch.Tensor`; None when the annotation says more, or the file has no name for it."""
    if annotation is not None:
        text = ast.unparse(annotation)
        return text if text in ("torch.Tensor", "Tensor") else None
    for name, imported in module.imports.items():
        if (imported.module, imported.attribute) == ("torch", "Tensor"):
            return name
    found = next((n for n, i in module.imports.items() if (i.module, i.attribute) == ("torch", None)), None)
    return None if found is None else f"{found}.{torch.Tensor.__name__}"


# -- asserts ---------------------------------------------------------------------------------------------------------------


def _with_asserts(place: KernelPlace, parameters: Sequence[_Parameter]) -> str:
    """Before the first statement behind the docstring: ranks, sizes that are numbers, sizes that are equal."""
    node = place.kernel.function.node
    assert isinstance(node, ast.FunctionDef)
    known = {ast.unparse(s.test) for s in node.body if isinstance(s, ast.Assert)}
    known |= {" == ".join(reversed(text.split(" == "))) for text in known}
    wanted = [condition for condition in _conditions(parameters) if condition not in known]
    first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
    start = span_of(place.kernel.file, first).start
    if not wanted or place.text.rfind("\n", 0, start) < place.kernel.function.span.start:
        return place.text
    indent = indent_of_line(place.text, start)
    return place.text[:start] + "".join(f"assert {condition}\n{indent}" for condition in wanted) + place.text[start:]


def _conditions(parameters: Sequence[_Parameter]) -> Iterator[str]:
    first: dict[object, str] = {}
    for parameter in parameters:
        name = parameter.node.arg
        yield f"{name}.ndim == {len(parameter.dims)}"
        for number, size in enumerate(parameter.dims):
            here = f"{name}.size({number})"
            if constant(size) is not None:
                yield f"{here} == {constant(size)}"
            elif isinstance(size, SizeSymbol) and size in first:
                yield f"{here} == {first[size]}"
            elif isinstance(size, SizeSymbol):
                first[size] = here
