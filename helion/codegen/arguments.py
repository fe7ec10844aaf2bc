"""The arguments of the generated kernel, collected while its body is written: pointers, sizes, strides, scalars, constants."""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

import sympy
import torch

from helion.codegen.layout import Layout
from helion.codegen.multiples import divisor_of
from helion.codegen.saved_values import SavedValues
from helion.codegen.signs import is_length
from helion.codegen.triton_module import KernelArgument
from helion.codegen.writer import Names
from helion.types.dims import ConfigSymbol, Dim, NextPowerOfTwo, SizeSymbol, TunableSymbol, constant, substitute
from helion.types.types import NumberType, TensorType, Tunable

_MOST_THAT_TRITON_USES = 16


@dataclass
class KernelArguments:
    """One argument per distinct value; asking again gives the same name."""

    layout: Layout
    names: Names
    saved: SavedValues
    arguments: dict[object, KernelArgument] = field(default_factory=dict[object, KernelArgument])
    constants: dict[object, KernelArgument] = field(default_factory=dict[object, KernelArgument])
    unread: frozenset[str] = frozenset()

    def all(self) -> tuple[KernelArgument, ...]:
        return (*(a for a in self.arguments.values() if a.name not in self.unread), *self.constants.values())

    def keep(self, words: Container[str]) -> None:
        """Leave out sizes and strides that nothing written reads: a descriptor has them, too."""
        self.unread = frozenset(a.name for a in self.arguments.values() if not a.is_specialized and a.name not in words)

    def tensor(self, expression: str, type_: TensorType) -> str:
        key = ("tensor", expression)
        if key not in self.arguments:
            name = self.names.fresh(expression)
            self.arguments[key] = KernelArgument(name, "tensor", expression, type_.dtype, divisible_by_16=True)
        return self.arguments[key].name

    def counter(self, host: str) -> str:
        """An int32 tensor of one element that a host expression makes anew for each launch."""
        key = ("counter",)
        if key not in self.arguments:
            self.arguments[key] = KernelArgument(self.names.fresh("counter"), "tensor", host, torch.int32, divisible_by_16=True)
        return self.arguments[key].name

    def launch_seed(self, device: str) -> str:
        """An int64 tensor of one element that torch's generator draws anew for each launch."""
        key = ("launch seed",)
        if key not in self.arguments:
            host = f"torch.randint(-(2**63), 2**63 - 1, [1], dtype=torch.int64, device={device})"
            self.arguments[key] = KernelArgument(self.names.fresh("launch_seed"), "tensor", host, torch.int64, divisible_by_16=True)
        return self.arguments[key].name

    def descriptor(self, expression: str, type_: TensorType, block_shape: tuple[int, ...], order: tuple[int, ...] | None = None) -> str:
        """A host tensor descriptor for one block shape, of the tensor with its dims in another order if one is given."""
        key = ("descriptor", expression, block_shape, order)
        if key not in self.arguments:
            name = self.names.fresh(f"{expression}_desc")
            block = list(block_shape)
            host = f"TensorDescriptor({expression}, {expression}.shape, {expression}.stride(), {block})"
            if order is not None:
                host = f"TensorDescriptor.from_tensor({expression}.permute({list(order)}), {block})"
            self.arguments[key] = KernelArgument(name, "descriptor", host, type_.dtype, block_shape=block_shape)
        return self.arguments[key].name

    def number(self, expression: str, type_: NumberType) -> str:
        key = ("number", expression)
        if key not in self.arguments:
            is_specialized = not (type_.kind is int and self.layout.ir.kernel.options.do_not_specialize)
            name = self.names.fresh(expression)
            self.arguments[key] = KernelArgument(name, type_.kind.__name__, expression, is_specialized=is_specialized)
        return self.arguments[key].name

    def tunable(self, tunable: Tunable) -> str:
        """A number that the config decides, as a compile-time constant."""
        return self.constexpr(f"_TUNABLE_{tunable.name}", self.layout.tunable_value(tunable.symbol))

    def constexpr(self, name: str, value: float | int | bool, host_expression: str | None = None) -> str:
        """A compile-time constant, named as given."""
        key = ("constexpr", name)
        if key not in self.constants:
            self.names.taken.add(name)
            self.constants[key] = KernelArgument(name, "constexpr", host_expression or name, value=value)
        return name

    def size(self, dim: Dim) -> str:
        """A true length as text: a literal, an argument, or arithmetic on these."""
        value = constant(dim)
        if value is not None:
            return str(value)
        replacements: dict[sympy.Symbol, sympy.Symbol] = {}
        signed: set[str] = set()
        for symbol in sorted(dim.free_symbols, key=str):  # a set's order is another in each process, and caches go by the text
            replacements[symbol] = sympy.Symbol(self._symbol(symbol))
            if not isinstance(symbol, ConfigSymbol) and not is_length(symbol, self.layout.ir.kernel.dim_origins):
                signed.add(str(replacements[symbol]))
        return _text(substitute(dim, replacements), frozenset(signed))

    def _symbol(self, symbol: sympy.Symbol) -> str:
        block = self.layout.block_of(symbol)
        if block is not None:
            name = "_SUBTILE" if block.index in self.layout.parts else "_BLOCK_SIZE"
            return self.constexpr(f"{name}_{block.index}", self.layout.block_length(block))
        if isinstance(symbol, TunableSymbol):
            return self.tunable(self.layout.tunable_of(symbol))
        key = ("size", symbol)
        if key not in self.arguments:
            assert isinstance(symbol, SizeSymbol)
            origin = self.layout.ir.kernel.dim_origins.get(symbol)
            name = self.names.fresh((origin.host_expression if origin is not None else None) or str(symbol))
            self.arguments[key] = self._integer(name, self.host_size(symbol), symbol)
        return self.arguments[key].name

    def _integer(self, name: str, host: str, value: Dim | None) -> KernelArgument:
        """A size or a stride. What specializations tell of it is written into the code, and Triton need not ask at each launch."""
        kernel = self.layout.ir.kernel
        divisor = None if value is None or kernel.static_shapes else divisor_of(self.layout.with_config(value), kernel.dim_origins)
        if divisor is not None:
            return KernelArgument(name, "int", host, is_specialized=False, multiple=math.gcd(divisor, _MOST_THAT_TRITON_USES))
        if kernel.options.do_not_specialize:
            return KernelArgument(name, "int", host, is_specialized=False)
        return KernelArgument(name, "int", host, divisible_by_16=value is not None and self.layout.ir.hint(value) % 16 == 0)

    def host_size(self, symbol: sympy.Symbol) -> str:
        """The Python by which the host function obtains a named size."""
        known_as = self.saved.name_of(symbol)
        if known_as is not None:
            return known_as
        origin = self.layout.ir.kernel.dim_origins.get(symbol)
        if origin is None or origin.host_expression is None:
            return str(symbol)
        return self.saved.expression(origin)

    def host_dim(self, dim: Dim) -> str:
        """Python text of a dim in the host function; block sizes are its constants."""
        value = constant(self.layout.with_config(dim))
        if value is not None:
            return str(value)
        replaced = self.layout.with_config(dim)
        names = {s: sympy.Symbol(self.host_size(s)) for s in replaced.free_symbols}
        return _text(substitute(replaced, names))

    def stride(self, expression: str, type_: TensorType, position: int) -> str:
        """A stride as text: a literal when it is known, else an argument."""
        if type_.stride is not None:
            value = constant(type_.stride[position])
            if value is not None:
                return str(value)
        key = ("stride", expression, position)
        if key not in self.arguments:
            name = self.names.fresh(f"{expression}_stride_{position}")
            host = f"{expression}.stride()[{position}]"  # half as long as `stride(0)`
            self.arguments[key] = self._integer(name, host, None if type_.stride is None else type_.stride[position])
        return self.arguments[key].name


def _text(expr: sympy.Expr, signed: frozenset[str] | None = None) -> str:
    """Text of integer arithmetic: `floor(a / b)` is written `a // b`.

    `signed` is None for Python; for Triton, which rounds towards zero, it names the symbols that may be negative.
    """
    if isinstance(expr, NextPowerOfTwo):
        return f"triton.next_power_of_2({_text(expr.args[0], signed)})"
    if isinstance(expr, sympy.floor):
        numerator, denominator = sympy.fraction(sympy.together(expr.args[0]))
        return _quotient(numerator, denominator, signed)
    if isinstance(expr, sympy.Min | sympy.Max):
        parts = ", ".join(_text(part, signed) for part in expr.args)
        return f"{'min' if isinstance(expr, sympy.Min) else 'max'}({parts})"
    if isinstance(expr, sympy.Add | sympy.Mul) and expr.has(sympy.floor, sympy.Min, sympy.Max, NextPowerOfTwo):
        joiner = " + " if isinstance(expr, sympy.Add) else " * "
        return "(" + joiner.join(_text(part, signed) for part in expr.args) + ")"
    return f"({expr})" if expr.args else str(expr)


def _terms(expr: Any) -> list[Any]:
    """What a sum adds; anything else is its own only term."""
    whole: Any = sympy.expand(expr)
    return list(whole.args) if isinstance(whole, sympy.Add) else [whole]


def _quotient(numerator: sympy.Expr, denominator: sympy.Expr, signed: frozenset[str] | None) -> str:
    """A quotient rounded down; what can only be negative or zero is the other way round, which Triton rounds alike."""
    above, below = _text(numerator, signed), _text(denominator, signed)
    if signed is not None:
        terms = _terms(numerator)
        is_signed = any(str(symbol) in signed for symbol in numerator.free_symbols)
        negative = [term for term in terms if term.could_extract_minus_sign()]
        if not is_signed and len(negative) == len(terms):
            return f"(-({_text(denominator - 1 - numerator, signed)} // ({below})))"
        if is_signed or negative:
            return f"triton_helpers.div_floor_integer({above}, {below})"
    return f"(({above}) // ({below}))"
