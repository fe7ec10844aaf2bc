"""Numbers that stand for unknown sizes while torch is asked about a call, and back: sizes in, probe numbers out, results decoded.

Each symbol is given a prime of its own times 16, so that a product of sizes factors back into them, and `k // 4` divides.
A decoding is trusted only when a second set of primes gives the same answer. A quotient that is one number under both has a prime too.
What is decoded as a quotient is asked for again with sizes that nothing divides: `(n - 1) // 2` and half of n rounded up are others there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from typing import Any, TypeVar

import sympy
from sympy.core.function import Application

from helion.types.dims import Dim, size_symbol, substitute

_SCALE = 16
_FIRST_PRIME, _SECOND_PRIME = 52, 300
# For tensors of many dims, whose product has to be a number of 64 bits: `k // 4` is no size there then.
_SMALL_SCALE, _SMALL_SECOND_PRIME = 1, 101
_OVERFLOW = re.compile("overflow", re.IGNORECASE)
_NEGATIVE = re.compile("negative dimension")
_LARGE = 1 << 16
_FIRST_UNKNOWN, _SECOND_UNKNOWN = 3, 5
_OFFSETS = (0, 1, -1, 2, -2)
_MOST_SUMMED = 12
T = TypeVar("T")


@cache
def _primes(start: int, count: int) -> tuple[int, ...]:
    found: list[int] = []
    candidate = start
    while len(found) < count:
        candidate = int(sympy.nextprime(candidate))
        found.append(candidate)
    return tuple(found)


@dataclass(frozen=True)
class Probes:
    """One assignment of numbers to symbols. `given` are the sizes of the call that are sums or quotients, found again as they are;
    `offsets` what may have been added to a size: small numbers, and the constants of the call. `stand_ins` are symbols of the probes' own
    for quotients that would look like a constant; `unknown` stands for an int without a name, for the same reason another in each.
    `is_reversed`: what lies in memory in an order that is not known lies there with its first dim innermost."""

    numbers: tuple[tuple[sympy.Symbol, int], ...]
    given: tuple[Dim, ...] = ()
    offsets: tuple[int, ...] = _OFFSETS
    stand_ins: tuple[tuple[Dim, sympy.Symbol], ...] = ()
    unknown: int = _FIRST_UNKNOWN
    scale: int = _SCALE
    is_reversed: bool = False

    def number(self, dim: Dim | int) -> int:
        """What stands for a dim."""
        if isinstance(dim, int):
            return dim
        return int(substitute(substitute(dim, dict(self.stand_ins)), {symbol: sympy.Integer(value) for symbol, value in self.numbers}))

    def candidates(self, number: int) -> Iterator[Dim]:
        """What a number may stand for, the likeliest first: a size of the call, a product of symbols with a small constant, itself."""
        yield from (d for d in self.given if self.number(d) == number)
        for offset in self.offsets:
            found = self._product(number - offset)
            if found is not None and found.free_symbols:
                size = substitute(found, {symbol: quotient for quotient, symbol in self.stand_ins})
                yield size + offset
                if isinstance(found, sympy.floor):
                    yield -sympy.floor(-found.args[0]) + offset
        if number < 0:
            yield from (-size for size in self.candidates(-number))
        else:
            yield sympy.Integer(number)

    def sums(self) -> Iterator[Dim]:
        """Sums of two and of three sizes, as tensors one behind the other have."""
        sizes = (*self.given, *(symbol for symbol, _ in self.numbers))
        if len(sizes) <= _MOST_SUMMED:
            yield from dict.fromkeys(
                sum(parts, sympy.Integer(0)) for count in (2, 3) for parts in combinations_with_replacement(sizes, count)
            )

    def _product(self, number: int) -> Dim | None:
        if number <= 0:
            return None
        product: Dim = sympy.Integer(1)
        scale = 1
        for symbol, value in self.numbers:
            factor = self.scale if value % self.scale == 0 else 1
            prime = value // factor
            while prime > 1 and number % prime == 0:
                number //= prime
                scale *= factor
                product = product * symbol
        coefficient = Fraction(number, scale)
        if coefficient.denominator == 1:
            return product * coefficient.numerator
        if self.scale % coefficient.denominator:
            return None
        return sympy.floor(product * coefficient.numerator / coefficient.denominator)


def probed(dims: Iterable[Dim], ask: Callable[[Probes], T]) -> tuple[T, T, tuple[Probes, Probes]]:
    """What `ask` says of two assignments; they are smaller ones where tensors of the usual ones would be too large for torch to
    describe, and give the sizes another order where one is the difference of two, of which the larger one comes first."""
    known = list(dims)
    usual = two_probes(known)
    try:
        return ask(usual[0]), ask(usual[1]), usual
    except (RuntimeError, TypeError) as problem:
        if _OVERFLOW.search(str(problem)) is not None:
            others = two_probes(known, is_small=True)
        elif is_negative(problem):
            others = two_probes(known, is_falling=True)
        else:
            raise
    return ask(others[0]), ask(others[1]), others


def is_negative(problem: Exception) -> bool:
    """Whether torch minds a size that is the difference of two and came out negative."""
    return _NEGATIVE.search(str(problem)) is not None


def two_probes(dims: Iterable[Dim], *, is_small: bool = False, is_falling: bool = False) -> tuple[Probes, Probes]:
    """Two assignments for all symbols in `dims`, with primes that divide none of the constants among them. Those that come first get the
    smaller ones, or the larger ones where it `is_falling`."""
    scale = _SMALL_SCALE if is_small else _SCALE
    second_prime = _SMALL_SECOND_PRIME if is_small else _SECOND_PRIME
    symbols: dict[Any, None] = {}
    constants: set[int] = set()
    given: dict[Dim, None] = {}
    for dim in dims:
        if any(not part.is_Symbol and not part.is_Integer for part in sympy.Mul.make_args(dim)):
            given[dim] = None
        for symbol in sorted(dim.free_symbols, key=str):
            symbols[symbol] = None
        constants.update(int(c) for c in dim.atoms(sympy.Integer))

    offsets = tuple(dict.fromkeys((*_OFFSETS, *(sign * c for c in sorted(constants) for sign in (1, -1)))))

    def assign(start: int, unknown: int, stand_ins: tuple[tuple[Dim, sympy.Symbol], ...] = ()) -> Probes:
        names = (*symbols, *(symbol for _, symbol in stand_ins))
        usable = [p for p in _primes(start, len(names) + 24) if not any(c and c % p == 0 for c in constants)]
        primes = usable[: len(names)][::-1] if is_falling else usable
        numbers = tuple((symbol, prime * scale) for symbol, prime in zip(names, primes, strict=False))
        return Probes(numbers, tuple(given), offsets, stand_ins, unknown, scale)

    probes = assign(_FIRST_PRIME, _FIRST_UNKNOWN), assign(second_prime, _SECOND_UNKNOWN)
    alike = [q for q in dict.fromkeys(q for d in given for q in _quotients(d)) if probes[0].number(q) == probes[1].number(q)]
    if not alike:
        return probes
    stand_ins = tuple((quotient, size_symbol(f"quotient.{i}")) for i, quotient in enumerate(alike))
    return assign(_FIRST_PRIME, _FIRST_UNKNOWN, stand_ins), assign(second_prime, _SECOND_UNKNOWN, stand_ins)


def _quotients(dim: Dim) -> Iterator[Dim]:
    """The outermost parts of a dim that are neither sums nor products: a tile of a row of 70 has `70 // block` parts, 0 for both probes."""
    if isinstance(dim, Application):
        yield dim
        return
    for part in dim.args:
        yield from _quotients(part)


def is_quotient(size: Dim | None, given: Iterable[Dim]) -> bool:
    """Whether a decoded size was rounded, and is none of the call's own."""
    return size is not None and size.has(sympy.floor) and size not in given


def undivided_probes(dims: Iterable[Dim], probes: tuple[Probes, ...]) -> tuple[Probes, ...]:
    """The same symbols with primes that leave 1 and 15 when divided by 16: what is rounded down, up, or after something was added are
    different numbers there."""
    constants = {abs(int(c)) for size in dims for c in size.atoms(sympy.Integer)}
    primes = _primes(_SECOND_PRIME, 400)
    names = [symbol for symbol, _ in probes[0].numbers]

    def assign(rest: int, unknown: int) -> Probes:
        usable = [p for p in primes if p % _SCALE == rest and not any(c and c % p == 0 for c in constants)]
        return replace(probes[0], numbers=tuple(zip(names, usable, strict=False)), unknown=unknown, scale=1)

    return assign(1, _SECOND_UNKNOWN + 2), assign(_SCALE - 1, _SECOND_UNKNOWN + 4)


def loose_probes(loose: Collection[sympy.Symbol], probes: tuple[Probes, ...]) -> tuple[Probes, ...]:
    """The same sizes with other numbers for those that are none of a tensor's, and for ints without a name: small ones in two orders, and
    larger ones than any size. What a call cuts off at a tensor's end, or counts, is told by one of them."""
    largest = max((value for one in probes for _, value in one.numbers), default=0)
    small, large = _primes(2, len(loose) + 3), _primes(max(largest, _LARGE), len(loose) + 1)
    drawn = (small, small[1:], small[::-1], large, (1,) * len(large), (0,) * len(large))

    def assign(probes: Probes, numbers: Sequence[int]) -> Probes:
        others = dict(zip(loose, numbers[1:], strict=False))
        return replace(probes, numbers=tuple({**dict(probes.numbers), **others}.items()), unknown=numbers[0])

    return tuple(assign(probes[i % len(probes)], numbers) for i, numbers in enumerate(drawn))


def restrided_probes(strides: Iterable[sympy.Symbol], probes: Probes) -> tuple[Probes, ...]:
    """The same sizes in tensors whose dims lie in memory in the opposite order, and in expanded ones: how torch lays out what it makes of a
    tensor depends on that."""
    numbers = dict(probes.numbers)
    names = [symbol for symbol in strides if symbol in numbers]
    opposite = dict(zip(names, [numbers[symbol] for symbol in reversed(names)], strict=True))
    assigned = (numbers | opposite, numbers | dict.fromkeys(names, 0)) if names else (numbers,)
    return tuple(replace(probes, numbers=tuple(one.items()), is_reversed=True) for one in assigned)


def decoded(probes: tuple[Probes, ...], *numbers: int) -> Dim | None:
    """The dim that the numbers, one a probe, all stand for; None when there is none, or when sizes of the call that have nothing to do
    with each other all are: quotients by a size are small numbers, which may be the same by chance."""

    def fits(size: Dim) -> bool:
        return all(p.number(size) == number for p, number in zip(probes, numbers, strict=True))

    if len({frozenset(size.free_symbols) for size in probes[0].given if fits(size)}) > 1:
        return None
    found = next((size for size in probes[0].candidates(numbers[0]) if fits(size)), None)
    return found if found is not None else _only([size for size in probes[0].sums() if fits(size)])


def _only(sizes: list[Dim]) -> Dim | None:
    return sizes[0] if len(sizes) == 1 else None
