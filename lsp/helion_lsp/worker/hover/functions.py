"""A function that a kernel calls in, its documentation and where it may run out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import lru_cache

import torch

from helion.ops.operation import Op, OpTable
from helion.ops.table import OPS
from helion.types.types import FunctionType, MethodType, Region, TensorType
from helion_lsp.hover_parts import with_documentation
from helion_lsp.worker.language_facts import documentation

_ROLE = re.compile(r":\w+:`([^`<]*?)(?: <[^>]*>)?`")
_PLACES = {Region.HOST: "host only", Region.DEVICE: "device only", None: "host and device"}


@lru_cache(maxsize=256)
def function_text(type_: FunctionType, ops: OpTable = OPS) -> str | None:
    """Name and where it may run with what no docstring says, then the documentation; None of what has none."""
    op = ops.find(type_.function)
    if op is not None and op.name.startswith("hl."):
        known = "\n\n".join([f"`{op.name}` · {_place(op)}", *_facts(op)])
        return with_documentation(known, f"{_form(op.name, op.function)}\n\n{documentation(op.function)}")
    summary = _summary(type_.function)
    name = _dotted(type_)
    if op is None:
        return with_documentation("", f"`{name}`\n\n{summary}") if summary else None
    place = f"{_place(op)}; code of its own" if op.emit is not None else _place(op)
    return with_documentation("\n\n".join([f"`{name}` · {place}", *_facts(op)]), summary)


def method_text(type_: MethodType, ops: OpTable = OPS) -> str | None:
    """The same for a tensor's method, which is a function of torch."""
    function = getattr(torch.Tensor, type_.name, None) if isinstance(type_.owner, TensorType) else None
    if function is None:
        return None
    op, summary = ops.find(function), _summary(function)
    place = "" if op is None else f" · {_place(op)}"
    return "\n\n".join([f"`Tensor.{type_.name}`{place}", *([summary] if summary else []), *(() if op is None else _facts(op))])


def _dotted(type_: FunctionType) -> str:
    module = getattr(type_.function, "__module__", None) or ""
    return (
        f"torch.{type_.name}" if "." not in type_.name and (module.startswith("torch") or "torch" in repr(type_.function)) else type_.name
    )


def _place(op: Op) -> str:
    if op.iterates is not None:
        return "the iterator of a `for`"
    if op.needs_interpreter:
        return "device only, where Python runs it (`HELION_INTERPRET=1`)"
    return _PLACES[op.region]


def _form(name: str, function: object) -> str:
    assert callable(function)
    parameters = [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in inspect.signature(function).parameters.values()]
    return f"```python\n{name}({', '.join(parameters)})\n```"


def _facts(op: Op) -> Iterator[str]:
    """What no docstring says."""
    inputs = {} if op.masks is None else {name: value for name, value in op.masks.inputs.items() if value is not None}
    lines = [f"- lanes outside a partial tile count as `{value}` in `{name}`" for name, value in inputs.items()]
    lines += ["- asks for block sizes of a least length"] if op.requires is not None else []
    lines += ["- draws from torch's generator"] if op.draws else []
    if lines:
        yield "\n".join(lines)


def _summary(function: object) -> str:
    """The first paragraph that is not a signature."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    first = next((p.replace("\n", " ") for p in paragraphs if p.strip() and "->" not in p.split("\n")[0]), "")
    return _ROLE.sub(r"`\1`", first)
