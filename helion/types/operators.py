"""Python's operators as functions with types, the very objects of `operator`: typeshed leaves half of them without."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

Operator = Callable[..., Any]

_untyped: Any = operator
add: Operator = _untyped.add
sub: Operator = _untyped.sub
mul: Operator = _untyped.mul
truediv: Operator = _untyped.truediv
floordiv: Operator = _untyped.floordiv
mod: Operator = _untyped.mod
pow: Operator = _untyped.pow
matmul: Operator = _untyped.matmul
neg: Operator = _untyped.neg
pos: Operator = _untyped.pos
invert: Operator = _untyped.invert
and_: Operator = _untyped.and_
or_: Operator = _untyped.or_
xor: Operator = _untyped.xor
lshift: Operator = _untyped.lshift
rshift: Operator = _untyped.rshift
eq: Operator = _untyped.eq
ne: Operator = _untyped.ne
lt: Operator = _untyped.lt
le: Operator = _untyped.le
gt: Operator = _untyped.gt
ge: Operator = _untyped.ge
not_: Operator = _untyped.not_
is_: Operator = _untyped.is_
is_not: Operator = _untyped.is_not
getitem: Operator = _untyped.getitem
