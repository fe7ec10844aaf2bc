"""The names in force at one point of a check: host variables, device variables and the parameters of inlined helpers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from helion.signatures.from_values import Names
from helion.source import Span
from helion.types.types import Region, Type


@dataclass(frozen=True, eq=False)
class Variable:
    """What one assignment made of a local: `name` is what the typed tree calls it, which differs from the source's in inlined helpers.

    Two are never the same: what an unrolled loop assigns is alike in every round, at one place and of one type, and yet another value.
    """

    name: str
    type: Type
    region: Region
    span: Span


@dataclass
class Scope:
    """Locals of one function body and what its free names mean."""

    names: Names
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    prefix: str = ""

    def get(self, name: str) -> Variable | None:
        return self.variables.get(name)

    def bind(self, name: str, type_: Type, region: Region, span: Span) -> Variable:
        variable = Variable(f"{name}{self.prefix}", type_, region, span)
        self.variables[name] = variable
        return variable

    def copy(self) -> dict[str, Variable]:
        return dict(self.variables)

    def restore(self, variables: dict[str, Variable]) -> None:
        self.variables = dict(variables)

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.variables.pop(name, None)
