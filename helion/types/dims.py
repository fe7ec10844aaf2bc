"""One algebra for sizes: integers, named sizes, block sizes and arithmetic on them, and what is known to be equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

Dim = sympy.Expr
MOST_ELEMENTS = 1 << 20  # of a value, in Triton


class SizeSymbol(sympy.Symbol):
    """A size that is not known: `m`, or `x.0` where nobody named it."""


class LateSymbol(SizeSymbol):
    """A size that only running tells, of a host value that has no name yet: giving the value a name names the size."""


class CallSymbol(LateSymbol):
    """A late size as a call's type has it, which says nothing of other calls: the first, the second, ... that only this call tells."""


class ConfigSymbol(sympy.Symbol):
    """A number that the config decides: constant within one config, unknown before."""


class BlockSymbol(ConfigSymbol):
    """The length of a tile."""


class TunableSymbol(ConfigSymbol):
    """The value of an integer that `hl.register_tunable` registered."""


class NextPowerOfTwo(sympy.Function):
    """The smallest power of two that is not less than a size."""

    is_integer = True
    is_positive = True

    @classmethod
    def eval(cls, value: sympy.Expr) -> sympy.Integer | None:
        return sympy.Integer(1 << max(int(value) - 1, 0).bit_length()) if value.is_Integer else None

    def _sympystr(self, printer: StrPrinter) -> str:
        return f"next_power_of_2({printer.doprint(self.args[0])})"


def size_symbol(name: str) -> SizeSymbol:
    return SizeSymbol(name, integer=True, nonnegative=True)


def late_symbol(number: int) -> LateSymbol:
    return LateSymbol(f"late.{number}", integer=True, nonnegative=True)


def call_symbol(position: int) -> CallSymbol:
    return CallSymbol(f"call.{position}", integer=True, nonnegative=True)


def block_symbol(name: str) -> BlockSymbol:
    return BlockSymbol(name, integer=True, positive=True)


def tunable_symbol(name: str) -> TunableSymbol:
    return TunableSymbol(name, integer=True)


def dim(value: int | sympy.Expr) -> Dim:
    return sympy.Integer(value) if isinstance(value, int) else value


def constant(value: Dim | None) -> int | None:
    """The integer a dim is known to be, or None."""
    return int(value) if isinstance(value, sympy.Integer) else None


@lru_cache(maxsize=4096)
def dim_text(value: Dim) -> str:
    """A dim as people write it: `(m*k)//32`, not `floor(k*m/32)`. Sympy prints slowly, and the same sizes are printed again and again."""
    return _DimPrinter().doprint(value) if value.has(sympy.floor) else str(value)


class _DimPrinter(StrPrinter):
    """Sympy's text with quotients as Python's floor division."""

    def _print_floor(self, expr: sympy.Expr) -> str:
        numerator, denominator = sympy.fraction(sympy.together(expr.args[0]))
        return f"{self._operand(numerator)}//{self._operand(denominator)}"

    def _operand(self, expr: sympy.Expr) -> str:
        return self.doprint(expr) if expr.is_Atom else f"({self.doprint(expr)})"


def ceil_div(a: Dim, b: Dim) -> Dim:
    return (a + b - 1) // b


def substitute(value: Dim, replacements: Mapping[Any, Any]) -> Dim:
    """The dim with symbols replaced."""
    return value.xreplace(replacements)


class Verdict(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Assumption:
    """Two sizes that checking took to be equal: a guard at run time, `requires k = k2` in the editor."""

    left: Dim
    right: Dim

    @property
    def enough(self) -> tuple[Dim, Dim] | None:
        """A size and what it is at least, where that is what was taken: that the smaller one of the two is the latter."""
        others = [size for size in self.right.args if size != self.left] if isinstance(self.right, sympy.Min) else []
        return (others[0], self.left) if len(others) == 1 else None

    def __str__(self) -> str:
        if self.enough is not None:
            return " >= ".join(map(dim_text, self.enough))
        return f"{dim_text(self.left)} = {dim_text(self.right)}"


def _is_generated(value: Dim) -> bool:
    """Whether a size is called by its position (`x.0`), not by a name that somebody chose."""
    return isinstance(value, SizeSymbol) and "." in value.name


class AllLearned(Exception):
    """Raised where the last of the equalities that were awaited has been learned."""


@dataclass
class DimFacts:
    """The equalities of one check. `require_equal` unifies named sizes; what a config decides never unifies with anything.

    `equalities` are all that were learned, `assumptions` those that nothing makes sure of. Once exactly those that are `awaited` have been
    learned, in their order, `AllLearned` is raised.
    """

    assumptions: list[Assumption] = field(default_factory=list[Assumption])
    replacements: dict[sympy.Symbol, Dim] = field(default_factory=dict[sympy.Symbol, Dim])
    equalities: list[Assumption] = field(default_factory=list[Assumption])
    awaited: tuple[Assumption, ...] = ()

    def copy(self) -> DimFacts:
        """To try something with, which waits for nothing."""
        return DimFacts(list(self.assumptions), dict(self.replacements), list(self.equalities))

    def resolve(self, value: Dim) -> Dim:
        """The dim with every unified symbol replaced by its representative."""
        if not self.replacements:
            return value
        previous = None
        while previous != value:
            previous, value = value, substitute(value, self.replacements)
        return value

    def known_equal(self, left: Dim, right: Dim) -> bool:
        left, right = self.resolve(left), self.resolve(right)
        return left == right or sympy.expand(left - right) == 0

    def learn_equal(self, left: Dim, right: Dim) -> None:
        """Two sizes that the program itself makes sure are equal: unified without an assumption. Sizes that differ are left alone."""
        count = len(self.assumptions)
        verdict = self._unify(left, right)
        del self.assumptions[count:]
        self._stop_if_all_learned(verdict)

    def require_all_equal(self, pairs: Iterable[tuple[Dim, Dim]]) -> bool:
        """Whether all may be equal, and then they are; nothing is assumed where one pair differs."""
        trial = self.copy()
        verdicts = [trial.require_equal(left, right) for left, right in pairs]
        if Verdict.DIFFERENT in verdicts:
            return False
        self.assumptions, self.replacements, self.equalities = trial.assumptions, trial.replacements, trial.equalities
        if Verdict.ASSUMED in verdicts:
            self._stop_if_all_learned(Verdict.ASSUMED)
        return True

    def require_equal(self, left: Dim, right: Dim) -> Verdict:
        verdict = self._unify(left, right)
        self._stop_if_all_learned(verdict)
        return verdict

    def _stop_if_all_learned(self, verdict: Verdict) -> None:
        if verdict is Verdict.ASSUMED and self.awaited and tuple(self.equalities) == self.awaited:
            raise AllLearned

    def _unify(self, left: Dim, right: Dim) -> Verdict:
        left, right = self.resolve(left), self.resolve(right)
        if left == right or sympy.expand(left - right) == 0:
            return Verdict.EQUAL
        if left.has(ConfigSymbol) or right.has(ConfigSymbol):
            return Verdict.DIFFERENT
        if not left.free_symbols and not right.free_symbols:
            return Verdict.DIFFERENT
        self.assumptions.append(Assumption(left, right))
        self.equalities.append(self.assumptions[-1])
        if isinstance(right, SizeSymbol) and _is_generated(right) < _is_generated(left):
            left, right = right, left
        if isinstance(right, SizeSymbol) and not left.has(right):
            self.replacements[right] = left
        elif isinstance(left, SizeSymbol) and not right.has(left):
            self.replacements[left] = right
        return Verdict.ASSUMED
