"""Names: not defined, or used on the wrong side of the border between host and device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, TextEdit
from helion.source import Span


@dataclass(frozen=True)
class UndefinedName(Diagnostic):
    """A name is read that nothing defines.

    Bad:
        >>> out[tile] = x[tile] * scale   # nothing is called `scale`
    Good:
        >>> scale = 2.0
        >>> out[tile] = x[tile] * scale
    """

    code: ClassVar[str] = "undefined-name"
    exception: ClassVar[str] = "UndefinedVariable"
    name: str
    suggestion: str | None = None

    def message(self) -> str:
        return f"`{self.name}` is not defined"

    def fixes(self) -> tuple[Fix, ...]:
        if self.suggestion is None:
            return ()
        return (Fix(f"Change to `{self.suggestion}`", (TextEdit(self.span, self.suggestion),), safe=False),)


@dataclass(frozen=True)
class HostVariableModifiedOnDevice(Diagnostic):
    """Device code assigns a variable of the host: programs run in parallel, so there is no one value it could have.

    The editor offers to make it a tensor of the host, which programs store into or, of a number that they add to, update by an atomic.

    Bad:
        >>> total = 0
        >>> for tile in hl.tile(n):
        ...     total = total + x[tile].sum()
    Good:
        >>> total = torch.zeros([], device=x.device)
        >>> for tile in hl.tile(n):
        ...     hl.atomic_add(total, [], x[tile].sum())   # a tensor made on the host
    """

    code: ClassVar[str] = "host-variable-modified-on-device"
    exception: ClassVar[str] = "CannotModifyHostVariableOnDevice"
    name: str
    defined_at: Span | None = None
    is_tensor: bool = False

    def message(self) -> str:
        return f"`{self.name}` belongs to the host and cannot be assigned in device code"

    def notes(self) -> tuple[Note, ...]:
        found = () if self.defined_at is None else (Note(f"`{self.name}` is defined on the host here", self.defined_at),)
        help_text = f"store into it with a subscript: `{self.name}[tile] = ...`" if self.is_tensor else "store the value into a tensor"
        return (*found, Note(help_text))


@dataclass(frozen=True)
class DeviceVariableReadOnHost(Diagnostic):
    """Host code reads a variable of a device loop: it lived in the registers of many programs and is gone.

    The editor offers a tensor of the host that each program stores its part into.

    Bad:
        >>> for tile in hl.tile(n):
        ...     y = x[tile] * 2
        >>> return y
    Good:
        >>> for tile in hl.tile(n):
        ...     out[tile] = x[tile] * 2
        >>> return out
    """

    code: ClassVar[str] = "device-variable-read-on-host"
    exception: ClassVar[str] = "CannotReadDeviceVariableOnHost"
    name: str
    defined_at: Span | None = None

    def message(self) -> str:
        return f"`{self.name}` is a device value and cannot be read on the host"

    def notes(self) -> tuple[Note, ...]:
        found = () if self.defined_at is None else (Note(f"`{self.name}` is assigned in device code here", self.defined_at),)
        return (*found, Note("store it into an output tensor inside the loop"))


@dataclass(frozen=True)
class DeviceApiOnHost(Diagnostic):
    """An operation that only exists in device code is called on the host.

    Bad:
        >>> acc = hl.zeros([m, n])
        >>> for tile in hl.tile([m, n]): ...
    Good:
        >>> for tile_m, tile_n in hl.tile([m, n]):
        ...     acc = hl.zeros([tile_m, tile_n])
        ...     out[tile_m, tile_n] = acc
    """

    code: ClassVar[str] = "device-api-on-host"
    exception: ClassVar[str] = "DeviceAPIOnHost"
    api: str

    def message(self) -> str:
        return f"`{self.api}` can only be used in device code, inside a `hl.tile` or `hl.grid` loop"


@dataclass(frozen=True)
class HostApiOnDevice(Diagnostic):
    """An operation that decides something before the kernel runs is called in device code.

    Bad:
        >>> for tile in hl.tile(n):
        ...     size = hl.specialize(x.size(0))
    Good:
        >>> size = hl.specialize(x.size(0))
        >>> for tile in hl.tile(n): ...
    """

    code: ClassVar[str] = "host-api-on-device"
    exception: ClassVar[str] = "SpecializeOnDevice"
    api: str

    def message(self) -> str:
        return f"`{self.api}` can only be used in host code, before the device loops"
