"""Functions at module scope of the generated text: what reductions and scans combine elements with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from helion.codegen.writer import Names, Writer
from helion.device_ir.graph_builder import info_of
from helion.device_ir.structure import FunctionGraph
from helion.types.dtypes import triton_name
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


@dataclass
class ModuleFunctions:
    """The functions written so far. Those of the user's are called `_helion_fn_...`, the ops' own `_combine_...`: no names that host
    statements read, and Triton's interpreter knows the ops' own by them."""

    names: Names = field(default_factory=Names)
    writer: Writer = field(default_factory=Writer)
    by_text: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    def written(self, hint: str, parameters: tuple[str, ...], body: tuple[str, ...]) -> str:
        """The name of the function with this body."""
        key = (*parameters, "", *body)
        if key not in self.by_text:
            name = f"_{self.names.fresh(hint)}"
            self.by_text[key] = name
            self.writer.line("@triton.jit")
            self.writer.line(f"def {name}({', '.join(parameters)}):")
            with self.writer.indented():
                for line in body:
                    self.writer.line(line)
            self.writer.line("")
            self.writer.line("")
        return self.by_text[key]

    def verbatim(self, lines: tuple[str, ...]) -> None:
        """Lines of the user's, once."""
        if lines not in self.by_text:
            self.by_text[lines] = ""
            for line in (*lines, "", ""):
                self.writer.line(line)


def emit_function(body: KernelBody, function: FunctionGraph, dtypes: tuple[torch.dtype, ...]) -> str:
    """Write a traced function; the result is its name. Its results are cast to `dtypes`."""
    arguments = replace(body.arguments, names=Names(), arguments={}, constants={})
    inner = replace(
        body,
        names=arguments.names,
        arguments=arguments,
        writer=Writer(),
        prologue=Writer(),
        values={},
        parts={},
        open_axes=[],
        full_indices={},
        padded={},
        node=None,
    )
    graph = body.ir.graphs[function.graph].graph
    placeholders = [node for node in graph.nodes if node.op == "placeholder"]
    for node in placeholders:
        inner.values[node] = arguments.names.fresh(info_of(node).name)
    outputs = inner.run_graph(function.graph)
    assert not arguments.all(), "a traced function reads its parameters only"
    results = [_result(inner, value, dtype) for value, dtype in zip(outputs, dtypes, strict=True)]
    lines = (*inner.writer.lines, f"return {', '.join(results)}")
    hint = f"_helion_fn_{'combine' if function.name == '<lambda>' else function.name}"
    return body.functions.written(hint, tuple(inner.values[node] for node in placeholders), lines)


def _result(body: KernelBody, value: Any, dtype: torch.dtype) -> str:
    type_ = info_of(value).type if isinstance(value, fx.Node) else None
    if isinstance(type_, TensorType):
        return body.cast(body.text(value), type_.dtype, dtype)
    return f"tl.full([], {body.text(value)}, {triton_name(dtype)})"
