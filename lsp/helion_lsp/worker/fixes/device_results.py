"""A device value that host code reads in, ways to keep it out: a tensor that each program stores its part into, or adds it to."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import torch

from helion.diagnostics.catalog.names import DeviceVariableReadOnHost
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.types.types import TensorType
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.slots import Slots, slots


def device_result_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: the value may be known in some rounds or branches alone."""
    if not isinstance(diagnostic, DeviceVariableReadOnHost) or diagnostic.defined_at is None:
        return
    name, defined = diagnostic.name, diagnostic.defined_at
    value = around.tensor(defined)
    place = None if value is None or value.rank is None else slots(value.dims, defined, around, of_each_index=True)
    if value is None or place is None:
        return
    new, language = _new_name(name, around), around.language()
    if not place.shared:
        stored = f"{new}[{', '.join(place.index) or '()'}] = {name}"
        made = _made(place, value, around)
        yield from _kept(f"Store `{name}` into a tensor of the host", diagnostic, place, (new, made, stored), around)
        return
    together = slots(value.dims, defined, around, of_each_index=False)
    if together is not None and _is_sum(name, defined, around):
        added = f"{language}.atomic_add({new}, [{', '.join(together.index)}], {name})"
        dtypes = _sum_dtypes(value)
        for dtype in dtypes:
            words = f"Add up `{name}` over {' and '.join(f'`{one}`' for one in together.shared)} in a tensor of the host"
            words = words if len(dtypes) == 1 else f"{words}, {around.torch()}.{dtype}"
            yield from _kept(words, diagnostic, together, (new, _zeros(together, dtype, around), added), around)


def _new_name(name: str, around: Around) -> str:
    wanted = f"{name}_out"
    while wanted in around.kernel.file.text:
        wanted += "_"
    return wanted


def _is_sum(name: str, defined: Span, around: Around) -> bool:
    """Whether what is assigned is a sum, so that the sum over all programs is what is left to do."""
    assigned = next((n for n in around.assignments(name) if around.span(n).encloses(defined)), None)
    value = None if assigned is None else assigned.value
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "sum"


def _sum_dtypes(value: TensorType) -> list[str]:
    """As torch adds up, but no 16 bits; both kinds of numbers where nothing says which."""
    if value.dtype is None:
        return ["float32", "int64"]
    if value.dtype.is_floating_point:
        return ["float64" if value.dtype == torch.float64 else "float32"]
    return ["int64"]


def _zeros(place: Slots, dtype: str, around: Around) -> str | None:
    source, module = next(around.host_tensors(place.loop), None), around.torch()
    return None if source is None else f"{module}.zeros([{', '.join(place.sizes)}], dtype={module}.{dtype}, device={source}.device)"


def _made(place: Slots, value: TensorType, around: Around) -> str | None:
    """Empty where every element is stored by some program: where the loop is not inside another one, and begins with 0."""
    source, module = next(around.host_tensors(place.loop), None), around.torch()
    if source is None:
        return None
    loop = place.loop.iter
    is_whole = around.outermost_loop(place.loop) is place.loop and isinstance(loop, ast.Call) and len(loop.args) == 1 and not loop.keywords
    word, sizes = "empty" if is_whole else "zeros", ", ".join(place.sizes)
    if value.dtype is None:
        return f"{source}.new_{word}([{sizes}])"
    return f"{module}.{word}([{sizes}], dtype={module}.{str(value.dtype).rpartition('.')[2]}, device={source}.device)"


def _kept(
    title: str, diagnostic: DeviceVariableReadOnHost, place: Slots, texts: tuple[str, str | None, str], around: Around
) -> Iterator[Fix]:
    """Made above the loops, filled where the innermost of the loops that it depends on ends a round, read wherever the host reads it."""
    new, made, filled = texts
    top, last = around.outermost_loop(place.loop), place.loop.body[-1]
    outer, inner = around.indent(top), around.indent(last)
    if made is None or outer is None or inner is None or last.end_lineno is None:
        return
    ending, starts = around.ending(), around.kernel.file.line_starts
    above, after = around.line_start(around.span(top).start), starts[last.end_lineno]
    reads = [d.span for d in around.typed.diagnostics if isinstance(d, DeviceVariableReadOnHost) and d.name == diagnostic.name]
    edits = [TextEdit(Span(above, above), f"{outer}{new} = {made}{ending}"), TextEdit(Span(after, after), f"{inner}{filled}{ending}")]
    yield Fix(title, (*edits, *(TextEdit(span, new) for span in dict.fromkeys(reads))), safe=False)
