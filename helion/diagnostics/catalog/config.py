"""Configs that do not fit the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, Severity, TextEdit


@dataclass(frozen=True)
class UnknownConfigKey(Diagnostic):
    """A config has a key that no knob of this kernel has.

    Bad:
        >>> helion.Config(block_sizes=[64], num_warp=4)
    Good:
        >>> helion.Config(block_sizes=[64], num_warps=4)
    """

    code: ClassVar[str] = "unknown-config-key"
    exception: ClassVar[str] = "InvalidConfig"
    key: str
    suggestion: str | None = None

    def message(self) -> str:
        hint = "" if self.suggestion is None else f"; did you mean `{self.suggestion}`?"
        return f"`{self.key}` is not a config key of this kernel{hint}"

    def fixes(self) -> tuple[Fix, ...]:
        if self.suggestion is None:
            return ()
        return (Fix(f"Change to `{self.suggestion}`", (TextEdit(self.span, self.suggestion),)),)


@dataclass(frozen=True)
class ConfigListLength(Diagnostic):
    """A list of a config has more or fewer entries than the kernel has places for them.

    Bad:
        >>> helion.Config(block_sizes=[64, 64])        # three tuned dimensions
    Good:
        >>> helion.Config(block_sizes=[64, 64, 32])
    """

    code: ClassVar[str] = "config-list-length"
    exception: ClassVar[str] = "InvalidConfig"
    key: str
    expected: int
    given: int
    sites: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.key}` has {self.given} entries where this kernel has {self.expected}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("entries: " + ", ".join(self.sites)),) if self.sites else ()


@dataclass(frozen=True)
class ConfigValue(Diagnostic):
    """An entry of a config has a value that its knob does not take.

    Bad:
        >>> helion.Config(block_sizes=[48])
    Good:
        >>> helion.Config(block_sizes=[64])
    """

    code: ClassVar[str] = "config-value"
    exception: ClassVar[str] = "InvalidConfig"
    key: str
    value: str
    allowed: str
    site: str | None = None

    def message(self) -> str:
        where = "" if self.site is None else f" for {self.site}"
        return f"`{self.key}`{where} cannot be {self.value}: {self.allowed}"


@dataclass(frozen=True)
class BarrierNeedsPersistent(Diagnostic):
    """The programs of a kernel with `hl.barrier()` wait for each other, so all of them must be on the device at once.

    Bad:
        >>> helion.Config(block_sizes=[64, 64], pid_type="flat")
    Good:
        >>> helion.Config(block_sizes=[64, 64], pid_type="persistent_blocked")
    """

    code: ClassVar[str] = "barrier-needs-persistent"
    exception: ClassVar[str] = "BarrierRequiresPersistent"
    value: str

    def message(self) -> str:
        return f"`pid_type` of a kernel with `hl.barrier()` must be 'persistent_blocked', not {self.value}"


@dataclass(frozen=True)
class ConfigTooLarge(Diagnostic):
    """A config makes a value of more elements than Triton has, or keeps more operands of a product in shared memory than a
    multiprocessor has: it does not compile, or cannot be launched. The estimate leaves out what cannot be known from the text.

    Bad:
        >>> helion.Config(block_sizes=[256, 256, 128], num_stages=6)
    Good:
        >>> helion.Config(block_sizes=[256, 256, 64], num_stages=3)
    """

    code: ClassVar[str] = "config-too-large"
    exception: ClassVar[str] = "ConfigTooLarge"
    severity: ClassVar[Severity] = Severity.WARNING
    needs: str
    limit: str
    fitting_stages: int | None = None
    fitting_blocks: tuple[int, ...] | None = None

    def message(self) -> str:
        return f"this config needs {self.needs}, and {self.limit}"
