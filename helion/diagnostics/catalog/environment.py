"""What is wrong with the names of environment variables that a file gives or reads."""

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
