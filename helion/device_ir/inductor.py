"""The one adapter to `torch._inductor`: an ATen call in, the Triton expressions of its per-element function out; knows no tiles.

Inductor lowers the call to a `Pointwise` whose `inner_fn` computes one element with abstract ops. Replaying that function through a
recording ops handler, which asks Inductor's own Triton overrides for the text of each op, gives straight-line code.

Importing Inductor takes seconds: who needs it only for some calls asks `late_inductor` for this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from traceback import walk_tb
from types import MappingProxyType
from typing import Any, cast

import sympy
import torch
from torch._inductor import ir as inductor_ir
from torch._inductor.codegen.triton import TritonCSEVariable, TritonKernelOverrides, TritonOverrides
from torch._inductor.decomposition import select_decomp_table
from torch._inductor.dtype_propagation import DtypePropagationOpsHandler
from torch._inductor.graph import GraphLowering
from torch._inductor.lowering import fallbacks, lowerings
from torch._inductor.ops_handler import DefaultHandler
from torch._inductor.utils import upcast_compute_type
from torch._inductor.virtualized import V, ops
from torch.utils._sympy.value_ranges import ValueRanges

from helion.device_ir.element_code import ElementCall, ElementProgram, NotPointwise, Step, TensorOperand, Way
from helion.types.dtypes import triton_name
from helion.types.integer_range import wrapped
from helion.types.untyped import is_sequence

# Where Triton has the function itself it is preferred to libdevice: the same PTX or faster, and its interpreter knows it.
_TRITON_FUNCTIONS = MappingProxyType(
    {
        "exp": "tl.exp",
        "exp2": "tl.exp2",
        "log": "tl.log",
        "log2": "tl.log2",
        "sqrt": "tl.sqrt_rn",
        "rsqrt": "tl.rsqrt",
        "erf": "tl.erf",
        "sin": "tl.sin",
        "cos": "tl.cos",
        "floor": "tl.floor",
        "ceil": "tl.ceil",
        "abs": "tl.abs",
        "tanh": "libdevice.tanh",
        "atan": "libdevice.atan",
    }
)
# One instruction, where Inductor's helper compares twice and selects.
_EXTREMES = MappingProxyType({"maximum": "tl.maximum", "minimum": "tl.minimum"})
_LOGICAL = frozenset({"logical_and", "logical_or", "logical_xor", "logical_not"})
_DEVICE = torch.device("cuda", 0)
# What Inductor decomposes where it adds complex numbers alone, which no kernel has.
_OF_COMPLEX = frozenset({torch.ops.aten.add.Tensor, torch.ops.aten.add.Scalar})
# Where an overload takes a number; one that only the device has is an argument of the element's function like a tensor of no dimension.
_NUMBER_TYPES = (torch.NumberType, torch.FloatType, torch.IntType)
_NUMBER = "number."


class _Value(TritonCSEVariable):
    """A recorded value: its string form is a placeholder that the templates keep."""

    def __init__(self, key: str, dtype: torch.dtype) -> None:
        super().__init__(f"{{{key}}}", ValueRanges.unknown(), dtype, shape=())
        self.key = key


@dataclass
class _Recorder:
    """Collects the steps of one replay."""

    operands: Sequence[TensorOperand]
    steps: list[Step] = field(default_factory=list[Step])
    uses: list[str] = field(default_factory=list[str])

    def step(self, template: str, dtype: torch.dtype, args: Sequence[Any]) -> _Value:
        key = f"t{len(self.steps)}"
        self.steps.append(Step(template, tuple(a.key for a in args if isinstance(a, _Value)), dtype))
        return _Value(key, dtype)


class _RecordingHandler(DefaultHandler):
    def __init__(self, recorder: _Recorder) -> None:
        self._recorder = recorder
        # Inductor types none of the parameters of its overrides.
        self.triton: Any = TritonKernelOverrides()
        self._dtypes = DtypePropagationOpsHandler()
        self._scalars = frozenset(f"a{position}" for position, operand in enumerate(recorder.operands) if not operand.sizes)

    def _default(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if name in _LOGICAL:
            args = tuple(self._truth(arg) for arg in args)
        dtype = getattr(self._dtypes, name)(*args, **kwargs)
        function = _TRITON_FUNCTIONS.get(name)
        is_float = isinstance(dtype, torch.dtype) and dtype.is_floating_point
        if function is not None and is_float and not (name == "sqrt" and dtype != torch.float32):
            text = f"{function}({args[0]})"
        elif name in _EXTREMES and is_float:
            text = f"{_EXTREMES[name]}({args[0]}, {args[1]}, propagate_nan=tl.PropagateNan.ALL)"
        elif name == "signbit" and isinstance(args[0], _Value) and args[0].dtype is not None:
            # Inductor's text asks the value for its dtype, which a constant does not have.
            text = f"(libdevice.signbit({args[0]}) != 0)" if args[0].dtype.is_floating_point else f"({args[0]} < 0)"
        else:
            text = getattr(self.triton, name)(*args, **kwargs)
            inner = getattr(text, "value", text)
            if isinstance(inner, _Value):  # made of other ops, which need not be as narrow: `uint8 // 3` is computed with int32
                return inner if inner.dtype == dtype else self.to_dtype(inner, dtype)
        return self._recorder.step(str(text), dtype, args)

    def _truth(self, value: Any) -> Any:
        """A number as a bool: Inductor's text of logical ops is that of bits, and `add` of bools with `alpha` gives it integers."""
        if not isinstance(value, _Value) or value.dtype is None or value.dtype == torch.bool:
            return value
        return self._recorder.step(f"({value} != 0)", torch.bool, (value,))

    def load(self, name: str, index: Any) -> Any:
        position, element = cast("tuple[int, tuple[sympy.Expr, ...]]", index)
        operand = self._recorder.operands[position]
        own = [i for i, size in enumerate(operand.sizes) if size != 1]
        offset = self.rank - len(operand.sizes)
        if any(element[i] != self.variables[i + offset] for i in own):
            raise NotPointwise("an argument is not read at the element's own place")
        value = _Value(f"a{position}", operand.dtype)
        computed = upcast_compute_type(operand.dtype)
        if computed == operand.dtype:
            return value
        return self._recorder.step(self._cast(value, f"{value}.to({triton_name(computed)})"), computed, (value,))

    def _cast(self, value: Any, text: str) -> str:
        """Triton's text of a cast; a scalar may be a constant there, which has no methods."""
        is_method = text.startswith(f"{value}.to(") and text.endswith(")")
        return f"tl.cast({value}, {text.removeprefix(f'{value}.to(')}" if is_method and value.key in self._scalars else text

    def bind(self, variables: Sequence[sympy.Symbol]) -> None:
        self.variables = tuple(variables)
        self.rank = len(self.variables)

    def to_dtype(self, x: Any, dtype: torch.dtype, src_dtype: torch.dtype | None = None, use_compute_types: bool = True) -> Any:
        out = upcast_compute_type(dtype) if use_compute_types else dtype
        if isinstance(x, _Value) and x.dtype == out and (src_dtype is None or upcast_compute_type(src_dtype) == out):
            return x
        text = self.triton.to_dtype(x, dtype, None, use_compute_types=use_compute_types)
        return self._recorder.step(self._cast(x, text) if isinstance(x, _Value) else text, out, (x,))

    def constant(self, value: Any, dtype: torch.dtype) -> Any:
        computed = upcast_compute_type(dtype)
        return self._recorder.step(_literal(value, computed), computed, ())

    def masked(self, mask: Any, body: Callable[[], Any], other: Any) -> Any:
        raise NotPointwise("a masked body reads elsewhere")

    def indirect_indexing(self, *args: Any, **kwargs: Any) -> Any:
        raise NotPointwise("an index is computed")

    def index_expr(self, expr: Any, dtype: torch.dtype) -> Any:
        """The element's own position, in calls that make a value of none: with operands, the sizes in it would not be the true ones."""
        if str(expr).startswith(_NUMBER):
            place = int(str(expr).removeprefix(_NUMBER))
            computed = upcast_compute_type(dtype)
            value = _Value(f"a{place}", self._recorder.operands[place].dtype)
            return self._recorder.step(f"tl.cast({value}, {triton_name(computed)})", computed, (value,))
        places = [v for v in self.variables if expr.has(v)]
        if self._recorder.operands or not expr.is_polynomial(*places) or expr.free_symbols - set(places):
            raise NotPointwise("the element's own position is used")
        names = {place: sympy.Symbol(f"{{p{self.variables.index(place)}}}") for place in places}
        key = f"t{len(self._recorder.steps)}"
        text = f"({expr.xreplace(names)}).to({triton_name(dtype)})" if places else str(expr)
        self._recorder.steps.append(Step(text, tuple(f"p{self.variables.index(place)}" for place in places), dtype))
        return _Value(key, dtype)


def _literal(value: Any, dtype: torch.dtype) -> str:
    """A constant as Triton text: a plain literal where Triton gives it the right type, else a typed scalar."""
    if dtype == torch.float32 and (value == 0 or 1e-30 < abs(value) < 1e30) and math.copysign(1.0, value) * value >= 0:
        return repr(float(value))
    if dtype == torch.int32:
        return repr(int(value))
    if dtype == torch.float32 and math.isinf(value):
        return f'float("{value}")'
    value = wrapped(value, dtype) if isinstance(value, int) else value
    return TritonOverrides.constant(value, dtype)  # pyright: ignore[reportUnknownMemberType]  # Inductor types no parameter of it


def way_of(target: Any) -> Way:
    """How Inductor deals with calls of an ATen overload."""
    decomposition = None if target in _OF_COMPLEX else _decompositions().get(target)
    return Way(decomposition, target in lowerings and target not in fallbacks)


@cache
def _decompositions() -> Mapping[Any, Callable[..., Any]]:
    """Inductor's table of decompositions, fixed for the life of the process."""
    return MappingProxyType(dict(select_decomp_table()))


@cache
def element_program(call: ElementCall) -> ElementProgram:
    """The code of one element of a call's result. Raises NotPointwise when there is no such code."""
    target = call.target
    operands: list[TensorOperand] = []
    empty = torch.fx.Graph()
    node = empty.output(())
    graph = GraphLowering(torch.fx.GraphModule({}, empty))
    with V.set_graph_handler(graph), graph.set_current_device(_DEVICE), graph.set_current_node(node), V.set_current_node(node):
        of_numbers = {argument.name for argument in target._schema.arguments if isinstance(argument.type, _NUMBER_TYPES)}

        def lowered(arg: Any, name: str) -> Any:
            if isinstance(arg, TensorOperand):
                operands.append(arg)
                place = len(operands) - 1
                number = sympy.Symbol(f"{_NUMBER}{place}", integer=not arg.dtype.is_floating_point)
                return number if name in of_numbers else _input_box(arg, place)
            return [lowered(a, name) for a in arg] if is_sequence(arg) else arg

        inputs = [lowered(arg, argument.name) for arg, argument in zip(call.args, target._schema.arguments, strict=False)]
        options = {name: lowered(value, name) for name, value in call.kwargs}
        try:
            return _replay(lowerings[target](*inputs, **options), operands, call.rank)
        except NotPointwise:
            raise
        except Exception as problem:
            if _calls_torch(problem):
                raise NotPointwise("Inductor has torch's own kernel called for arguments of these dtypes") from problem
            raise NotPointwise(f"Inductor fails: {type(problem).__name__}: {problem}") from problem


def _calls_torch(problem: Exception) -> bool:
    """Whether a lowering failed where it would call torch's kernel, for which a graph of whole tensors is needed."""
    call: Any = inductor_ir.FallbackKernel.create
    return any(frame.f_code is call.__func__.__code__ for frame, _ in walk_tb(problem.__traceback__))


def _input_box(operand: TensorOperand, position: int) -> Any:
    def inner(index: Sequence[Any]) -> Any:
        return ops.load("", cast("Any", (position, tuple(index))))

    pointwise = inductor_ir.Pointwise(
        device=_DEVICE,
        dtype=operand.dtype,
        inner_fn=inner,
        ranges=[sympy.Integer(s) for s in operand.sizes],
    )
    return inductor_ir.TensorBox(pointwise)


def _replay(box: Any, operands: Sequence[TensorOperand], rank: int) -> ElementProgram:
    data = box
    while isinstance(data, inductor_ir.TensorBox | inductor_ir.StorageBox):
        data = data.data
    if not isinstance(data, inductor_ir.Pointwise | inductor_ir.BaseView):
        raise NotPointwise(f"Inductor gives {type(data).__name__}")
    variables = [sympy.Symbol(f"i{n}", integer=True, nonnegative=True) for n in range(rank)]
    recorder = _Recorder(operands)
    handler = _RecordingHandler(recorder)
    handler.bind(variables)
    sizes = data.get_size()
    index = [sympy.Integer(0) if size == 1 else variable for size, variable in zip(sizes, variables, strict=True)]
    with V.set_ops_handler(handler):
        value = data.make_loader()(index)
    value = getattr(value, "value", value)
    dtype = data.get_dtype()
    if not isinstance(value, _Value):
        value = recorder.step(str(value), dtype, ())
    if value.dtype != dtype:
        is_constant = not value.key.startswith("a") and not recorder.steps[int(value.key[1:])].uses
        narrowed = handler.triton.to_dtype(value, dtype, None, use_compute_types=False)
        value = recorder.step(f"tl.full([], {value}, {triton_name(dtype)})" if is_constant else narrowed, dtype, (value,))
    return ElementProgram(tuple(recorder.steps), value.key, dtype)
