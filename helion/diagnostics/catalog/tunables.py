"""Numbers that a kernel registers for configs to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note
from helion.source import Span


@dataclass(frozen=True)
class TunableNameConflict(Diagnostic):
    """The name of a tunable is a config key already: of a built-in knob, or of a tunable with another fragment.

    Bad:
        >>> warps = hl.register_tunable("num_warps", PowerOfTwoFragment(1, 8))
    Good:
        >>> splits = hl.register_tunable("split_k", PowerOfTwoFragment(1, 8))
    """

    code: ClassVar[str] = "tunable-name-conflict"
    exception: ClassVar[str] = "TunableNameConflict"
    name: str
    why: str
    first: Span | None = None

    def message(self) -> str:
        return f"`{self.name}` cannot be a tunable's name: {self.why}"

    def notes(self) -> tuple[Note, ...]:
        return () if self.first is None else (Note("it is registered here", self.first),)


@dataclass(frozen=True)
class RegisterTunableArguments(Diagnostic):
    """A tunable is registered with a literal name, which becomes its config key, and a fragment made of literals.

    Bad:
        >>> splits = hl.register_tunable("splits", [1, 2, 4])
    Good:
        >>> splits = hl.register_tunable("splits", EnumFragment((1, 2, 4)))
    """

    code: ClassVar[str] = "register-tunable-arguments"
    exception: ClassVar[str] = "RegisterTunableArgTypes"
    why: str

    def message(self) -> str:
        return self.why


@dataclass(frozen=True)
class FragmentArguments(Diagnostic):
    """A fragment cannot be made: its arguments are not literals, or do not fit together.

    Bad:
        >>> PowerOfTwoFragment(1, 100)
    Good:
        >>> PowerOfTwoFragment(1, 128)
    """

    code: ClassVar[str] = "fragment-arguments"
    exception: ClassVar[str] = "RegisterTunableArgTypes"
    fragment: str
    why: str

    def message(self) -> str:
        return f"this {self.fragment} cannot be made: {self.why}"


@dataclass(frozen=True)
class TunableTypeNotSupported(Diagnostic):
    """The values of a tunable are ints, floats or bools, all of one kind.

    Bad:
        >>> mode = hl.register_tunable("mode", EnumFragment(("fast", "exact")))
    Good:
        >>> is_fast = hl.register_tunable("is_fast", BooleanFragment())
    """

    code: ClassVar[str] = "tunable-type-not-supported"
    exception: ClassVar[str] = "TunableTypeNotSupported"
    fragment: str

    def message(self) -> str:
        return f"a tunable is an int, a float or a bool, which {self.fragment} does not give"
