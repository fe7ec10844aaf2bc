"""What is wrong with the environment variables that a file gives or reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Severity, TextEdit


@dataclass(frozen=True)
class UnknownVariable(Diagnostic):
    """A string names an environment variable that the toolkit does not read, and is nearly one that it does.

    Nobody else would say so: a variable of any name can be set. Names that are like none of ours are left alone, as yours.

    Bad:
        >>> variables = {"HELION_AUTOTUNE_EFFORTS": "none"}
    Good:
        >>> variables = {"HELION_AUTOTUNE_EFFORT": "none"}
    """

    code: ClassVar[str] = "unknown-variable"
    exception: ClassVar[str] = "BaseWarning"
    severity: ClassVar[Severity] = Severity.WARNING
    name: str
    likely: str

    def message(self) -> str:
        return f"the toolkit reads no variable `{self.name}`; did you mean `{self.likely}`?"

    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(f"Change to `{self.likely}`", (TextEdit(self.span, self.likely),), safe=False),)


@dataclass(frozen=True)
class VariableValue(Diagnostic):
    """An environment variable is given a text that it cannot have: the first kernel would fail, far from here.

    Bad:
        >>> variables = {"HELION_AUTOTUNE_EFFORT": "fast"}
    Good:
        >>> variables = {"HELION_AUTOTUNE_EFFORT": "quick"}
    """

    code: ClassVar[str] = "variable-value"
    exception: ClassVar[str] = "BaseWarning"
    severity: ClassVar[Severity] = Severity.WARNING
    name: str
    text: str
    allowed: str
    likely: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.name}` cannot be `{self.text}`: it takes {self.allowed}"

    def fixes(self) -> tuple[Fix, ...]:
        return tuple(Fix(f"Change to `{one}`", (TextEdit(self.span, one),), safe=False) for one in self.likely)
