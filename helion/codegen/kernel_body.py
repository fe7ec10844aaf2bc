"""Device graphs and a config in, the body of one `@triton.jit` function out: walks nodes, asks ops to emit themselves."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import sympy
import torch
from torch import fx

from helion.codegen.access import Access, indexed_shape, resolve_access
from helion.codegen.arguments import KernelArguments
from helion.codegen.axes import AxisText, index_vector
from helion.codegen.control_flow import emit_branch, emit_loop, emit_repeat
from helion.codegen.counters import emit_counter
from helion.codegen.elementwise import emit_elementwise
from helion.codegen.foreign import ForeignText
from helion.codegen.functions import ModuleFunctions, emit_function
from helion.codegen.host_device import device_expression
from helion.codegen.indexing import emit_load, emit_store
from helion.codegen.indexing.atomic import emit_atomic
from helion.codegen.indexing.stack import emit_stack_load, emit_stack_store
from helion.codegen.layout import LANES_OF_EMPTY, Layout
from helion.codegen.masks import NONE_MERGED, dim_mask, masked_value, shape_mask
from helion.codegen.phases import holds_chunks
from helion.codegen.reductions import emit_reduction, emit_reduction_with_place
from helion.codegen.rolled import run_rolled
from helion.codegen.scalar_arithmetic import emit_scalar
from helion.codegen.shares import Share
from helion.codegen.subtiles import epilogue_in_parts, run_in_parts
from helion.codegen.writer import Names, Writer
from helion.device_ir.computed import is_computed
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, NodeInfo
from helion.device_ir.structure import FunctionGraph, branch, element, grid_index, host_number, host_tensor, loop, repeat, scalar, size
from helion.device_ir.upcasts import narrowest_bits
from helion.integers import next_power_of_2
from helion.ops.reductions import ReductionKind
from helion.ops.scalars import SCALAR_OPERATORS
from helion.ops.table import OPS
from helion.target import Target
from helion.types.dims import BlockSymbol, Dim
from helion.types.dtypes import triton_name
from helion.types.types import Axis, NumberType, TensorType, Type, number_type


@dataclass
class KernelBody:
    """The state of writing one kernel; implements `helion.ops.contexts.EmitContext` for the node at hand."""

    ir: DeviceIR
    target: Target
    layout: Layout
    names: Names
    arguments: KernelArguments
    writer: Writer
    values: dict[fx.Node, str] = field(default_factory=dict[fx.Node, str])
    captured: dict[fx.Node, Any] = field(default_factory=dict[fx.Node, Any])
    open_axes: list[AxisText] = field(default_factory=list[AxisText])
    full_indices: dict[Dim, AxisText] = field(default_factory=dict[Dim, AxisText])
    prologue: Writer = field(default_factory=Writer)
    node: fx.Node | None = None
    parts: dict[fx.Node, tuple[str, ...]] = field(default_factory=dict[fx.Node, tuple[str, ...]])
    read_at_top: dict[str, str] = field(default_factory=dict[str, str])
    padded: dict[Dim, str] = field(default_factory=dict[Dim, str])
    functions: ModuleFunctions = field(default_factory=ModuleFunctions)
    seeded: dict[fx.Node, int] = field(default_factory=dict[fx.Node, int])
    choices: frozenset[fx.Node] = frozenset()
    idle: frozenset[fx.Node] = frozenset()
    shares: dict[int, Share] = field(default_factory=dict[int, Share])

    # -- walking ----------------------------------------------------------------------------------------------------

    def run_graph(self, index: int) -> tuple[Any, ...]:
        """Write a graph's nodes; the result is the graph's outputs, as FX arguments."""
        graph = self.ir.graphs[index].graph
        nodes = [n for n in graph.nodes if n.op == "call_function"]
        output = next(n for n in graph.nodes if n.op == "output")
        extents = [extent for extent in self.layout.rolled if any(holds_chunks(n, extent) for n in nodes)]
        in_parts = epilogue_in_parts(self.ir, self.layout, index)
        if extents:
            run_rolled(self, nodes, extents[0])
        elif in_parts is not None:
            run_in_parts(self, nodes, *in_parts)
        else:
            self.run_nodes(nodes)
        return cast("tuple[Any, ...]", output.args[0])

    def run_nodes(self, nodes: Iterable[fx.Node]) -> None:
        for node in nodes:
            self.run_node(node)

    @contextmanager
    def taking(self, choices: frozenset[fx.Node], idle: frozenset[fx.Node]) -> Generator[None]:
        """Within, each of `choices` is its first value (see `codegen/split_loops.py`), and nobody reads the nodes in `idle`."""
        before = self.choices, self.idle
        self.choices, self.idle = choices, idle
        yield
        self.choices, self.idle = before

    def run_node(self, node: fx.Node) -> None:
        if node in self.idle:
            return
        info = info_of(node)
        with self.writer.at(info.span):
            previous, self.node = self.node, node
            self._dispatch(node, info)
            self.node = previous

    def _dispatch(self, node: fx.Node, info: NodeInfo) -> None:
        args: Any = node.args
        match node.target:
            case _ if node.target is host_tensor:
                self.values[node] = args[0]
            case _ if node.target is host_number:
                assert isinstance(info.type, NumberType)
                self.values[node] = self.arguments.number(args[0], info.type)
            case _ if node.target is size:
                self.values[node] = self.size(args[0])
            case _ if node.target is scalar:
                self.values[node] = self.literal(args[0])
            case _ if node.target is grid_index:
                self.values[node] = self.axis(args[0]).offset
            case _ if node.target is element:
                self._element(node, args[0], args[1])
            case _ if node.target is loop:
                emit_loop(self, node)
            case _ if node.target is branch:
                emit_branch(self, node)
            case _ if node.target is repeat:
                emit_repeat(self, node)
            case _ if node in self.choices:
                self.values[node] = self.aligned(args[1], info.type.dims) if isinstance(info.type, TensorType) else self.text(args[1])
            case _:
                self._operation(node, info)

    def _element(self, node: fx.Node, source: fx.Node, index: int) -> None:
        parts = self.parts.get(source)
        self.values[node] = parts[index] if parts is not None else f"{self.values[source]}[{index}]"

    def _operation(self, node: fx.Node, info: NodeInfo) -> None:
        op = OPS.find(node.target)
        if op is not None and op.emit is not None:
            text = op.emit(self, *node.args, **node.kwargs)
            if isinstance(text, tuple):
                self.parts[node] = cast("tuple[str, ...]", text)
                return
        elif node.target in SCALAR_OPERATORS:
            text = emit_scalar(self, node)
        else:
            text = emit_elementwise(self, node)
        if text is not None:
            self.values[node] = text if text.isidentifier() or text.lstrip("-").isdigit() else self.assign(text)
            self._assert_dtype(self.values[node], info)

    def _assert_dtype(self, name: str, info: NodeInfo) -> None:
        """When asked for, hold Triton's dtype to the one that the check found: a value of several lanes has one in Triton, too."""
        type_ = info.type
        if self.ir.kernel.options.debug_dtype_asserts and isinstance(type_, TensorType) and type_.dtype and self.physical_dims(type_.dims):
            expected = triton_name(type_.dtype)
            self.writer.line(f'tl.static_assert({name}.dtype == {expected}, "{name} is not {expected}")')

    # -- EmitContext ------------------------------------------------------------------------------------------------

    @property
    def result_type(self) -> Any:
        assert self.node is not None
        return info_of(self.node).type

    @property
    def dot_precision(self) -> str:
        return self.ir.kernel.options.dot_precision if self.target.has_tensor_float else "ieee"

    @property
    def minimum_dot(self) -> tuple[int, int, int]:
        return self.target.minimum_dot

    def narrowest_bits(self, *operands: Any) -> int:
        return narrowest_bits(self.ir, (value for value in operands if isinstance(value, fx.Node)))

    @property
    def multiplies_from_shared_memory(self) -> bool:
        return self.target.multiplies_from_shared_memory

    def is_computed(self, value: Any) -> bool:
        return isinstance(value, fx.Node) and is_computed(value)

    @property
    def index_dtype(self) -> str:
        return "tl.int64" if self.ir.kernel.index_bits == 64 else "tl.int32"

    def type_of(self, value: Any) -> Type:
        return info_of(value).type if isinstance(value, fx.Node) else number_type(value)

    def text(self, value: Any) -> str:
        if isinstance(value, fx.Node):
            return self.values[value]
        if isinstance(value, sympy.Expr):
            return self.size(value)
        return self.literal(value)

    def literal(self, value: Any) -> str:
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            return f'float("{value}")'
        if isinstance(value, float) and value != value:
            return 'float("nan")'
        return repr(value)

    def assign(self, expression: str) -> str:
        assert self.node is not None
        info = info_of(self.node)
        name = self.names.fresh(info.name or self._default_name())
        self.writer.line(f"{name} = {expression}")
        return name

    def _default_name(self) -> str:
        assert self.node is not None
        target = self.node.target
        name = getattr(target, "overloadpacket", target)
        return getattr(name, "__name__", "v").split(".")[0]

    def temporary(self, hint: str, expression: str) -> str:
        """Bind an expression to a fresh name unless it is one."""
        if expression.isidentifier():
            return expression
        name = self.names.fresh(hint)
        self.writer.line(f"{name} = {expression}")
        return name

    def statement(self, line: str) -> None:
        self.writer.line(line)

    def decide(self, kind: str, text: str) -> None:
        self.writer.decide(kind, text)

    def dim(self, dim: Dim) -> str:
        if dim in self.layout.rolled:
            return self.chunk(dim)
        if isinstance(dim, BlockSymbol):
            return self.size(dim)
        length = self.layout.length(dim)
        if length is not None:
            return str(length)
        if dim not in self.padded:
            least = max(LANES_OF_EMPTY, self.ir.size_minimums.get(dim, 1))
            # Not `triton.next_power_of_2`, which is for kernels as well and takes the host 3 µs a call; nor, for two lanes at least, `max`,
            # which takes as long as all the rest.
            extent = self.arguments.host_dim(dim)
            host = f"1 << ({extent} - 1 | 1).bit_length()" if least == LANES_OF_EMPTY else f"max(1 << ({extent} - 1).bit_length(), {least})"
            name = f"_SIZE_{len(self.padded)}"
            lanes = max(next_power_of_2(self.ir.hint(self.layout.with_config(dim))), least)
            self.padded[dim] = self.arguments.constexpr(name, lanes, host)
        return self.padded[dim]

    def chunk(self, extent: Dim) -> str:
        """The length of the chunks in which a `:` dim is walked."""
        position = list(self.layout.rolled).index(extent)
        return self.arguments.constexpr(f"_REDUCTION_BLOCK_{position}", self.layout.rolled[extent])

    def length(self, dim: Dim) -> int | None:
        return self.layout.length(dim)

    def size(self, dim: Dim) -> str:
        return self.arguments.size(dim)

    def stride(self, expression: str, type_: TensorType, position: int) -> str:
        return self.arguments.stride(expression, type_, position)

    def is_padded(self, dim: Dim) -> bool:
        return self.layout.is_padded(dim)

    def physical_dims(self, shape: tuple[Dim, ...]) -> tuple[int, ...]:
        return self.layout.physical(shape)

    def physical_shape(self, shape: tuple[Dim, ...]) -> str:
        return f"[{', '.join(self.dim(shape[i]) for i in self.physical_dims(shape))}]"

    def expanded(self, text: str, own: tuple[int, ...], shape: tuple[Dim, ...]) -> str:
        """`text`, whose physical dims are at positions `own` of `shape`, with new axes for the other physical dims of `shape`."""
        kept = self.physical_dims(shape)
        if not own or kept == own:
            return text
        subscript = ", ".join(":" if i in own else "None" for i in kept)
        return f"{text}[{subscript}]" if text.isidentifier() else f"({text})[{subscript}]"

    def aligned(self, value: Any, shape: tuple[Dim, ...]) -> str:
        type_ = self.type_of(value)
        if not isinstance(type_, TensorType):
            return self.text(value)
        lead = len(shape) - len(type_.dims)
        own = tuple(i + lead for i in self.physical_dims(type_.dims))
        return self.expanded(self.text(value), own, shape)

    def cast(self, text: str, from_dtype: Any, to_dtype: Any) -> str:
        if from_dtype == to_dtype:
            return text
        if to_dtype == torch.bool:
            return f"({text} != 0)"
        return (
            f"{text}.to({triton_name(to_dtype)})" if text.isidentifier() or text.endswith(")") else f"({text}).to({triton_name(to_dtype)})"
        )

    def masked(self, value: Any, other: float | bool, dims: tuple[int, ...], computed: torch.dtype | None = None) -> str:
        return masked_value(self, value, other, dims, computed)

    def mask_of(
        self, shape: tuple[Dim, ...], only: tuple[int, ...] | None = None, merged: Mapping[Dim, tuple[Dim, ...]] = NONE_MERGED
    ) -> str | None:
        return shape_mask(self, shape, only, merged)

    def dim_mask(self, dim: Dim) -> str | None:
        return dim_mask(self, dim)

    def scalar_of_tensor(self, expression: str, type_: TensorType) -> str:
        """The one element of a host tensor, read once at the top of the kernel."""
        if expression not in self.read_at_top:
            name = self.read_at_top[expression] = self.names.fresh(f"{expression}_value")
            self.prologue.line(f"{name} = tl.load({self.arguments.tensor(expression, type_)})")
        return self.read_at_top[expression]

    def valid_count(self, dim: Dim) -> str:
        """How many lanes of a dim are inside, as text; `None` for all of them."""
        if self.dim_mask(dim) is None:
            return "None"
        axis = next((a for a in reversed(self.open_axes) if a.symbol == dim), None)
        return self.size(dim) if axis is None else f"{axis.end} - {axis.offset}"

    def full_index(self, dim: Dim) -> str:
        """The index vector of a `:` dim (scalar 0 when its length is 1)."""
        if dim not in self.full_indices:
            self.full_indices[dim] = index_vector(self, dim)
        return self.full_indices[dim].index

    def full_start(self, dim: Dim) -> str:
        """The first index of a `:` dim: 0, or where the chunk at hand begins."""
        self.full_index(dim)
        return self.full_indices[dim].offset

    def axis(self, axis: Axis) -> AxisText:
        return next(a for a in reversed(self.open_axes) if a.axis is not None and a.axis.index == axis.index)

    def load(self, tensor: Any, index: Any, extra_mask: Any, eviction_policy: str | None) -> str:
        return emit_load(self, self.access(tensor, index, self.result_type.dims), extra_mask, eviction_policy)

    def store(self, tensor: Any, index: Any, value: Any, extra_mask: Any) -> None:
        emit_store(self, tensor, index, value, extra_mask)

    def load_stack(self, example: Any, pointers: Any, index: Any, extra_mask: Any, eviction_policy: str | None) -> str:
        return emit_stack_load(self, example, pointers, index, extra_mask, eviction_policy)

    def store_stack(self, example: Any, pointers: Any, index: Any, value: Any, extra_mask: Any) -> None:
        emit_stack_store(self, example, pointers, index, value, extra_mask)

    def atomic(self, function: str, tensor: Any, index: Any, operands: tuple[Any, ...], sem: str) -> str | None:
        return emit_atomic(self, function, tensor, index, operands, sem)

    def access(self, tensor: fx.Node, index: Any, shape: tuple[Dim, ...]) -> Access:
        type_ = info_of(tensor).type
        assert isinstance(type_, TensorType)
        return resolve_access(self, self.values[tensor], type_, index, shape)

    def stored_shape(self, tensor: fx.Node, index: Any) -> tuple[Dim, ...]:
        """The logical shape of a store's index."""
        type_ = info_of(tensor).type
        assert isinstance(type_, TensorType)
        return indexed_shape(type_, index)

    def counter(self, shape: tuple[Dim, ...], *, across_loops: bool) -> str:
        return emit_counter(self, shape, across_loops=across_loops)

    def first_element(self, tensor: fx.Node) -> str:
        type_ = info_of(tensor).type
        assert isinstance(type_, TensorType)
        return f"tl.load({self.arguments.tensor(self.values[tensor], type_)})"

    def launch_seed(self) -> str:
        assert self.node is not None
        position = self.seeded.setdefault(self.node, len(self.seeded))
        drawn = f"tl.load({self.arguments.launch_seed(device_expression(self.ir))})"
        return f"{drawn} + {position}" if position else drawn

    def function(self, function: FunctionGraph, dtypes: tuple[Any, ...]) -> str:
        return emit_function(self, function, dtypes)

    @property
    def foreign(self) -> ForeignText:
        return ForeignText(self)

    def module_function(self, hint: str, parameters: tuple[str, ...], body: tuple[str, ...]) -> str:
        return self.functions.written(f"_combine_{hint}", parameters, body)

    def reduce(self, value: Any, dims: tuple[int, ...], kind: ReductionKind) -> str:
        return emit_reduction(self, value, dims, kind)

    def reduce_with_place(self, value: Any, dims: tuple[int, ...], kind: ReductionKind) -> tuple[str, str]:
        return emit_reduction_with_place(self, value, dims, kind)
