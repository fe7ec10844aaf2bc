"""Python that kernels do not speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit


@dataclass(frozen=True)
class SyntaxProblem(Diagnostic):
    """The text is not Python here; everything else is still checked.

    Bad:
        >>> acc = torch.addmm(acc,
    Good:
        >>> acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
    """

    code: ClassVar[str] = "syntax-error"
    exception: ClassVar[str] = "StatementNotSupported"
    words: str

    def message(self) -> str:
        return self.words


@dataclass(frozen=True)
class UnsupportedStatement(Diagnostic):
    """A statement has no meaning in a kernel, or none in device code.

    Bad:
        >>> for tile in hl.tile(n):
        ...     try: out[tile] = x[tile]
        ...     except ValueError: pass
    Good:
        >>> for tile in hl.tile(n):
        ...     out[tile] = x[tile]
    """

    code: ClassVar[str] = "unsupported-statement"
    exception: ClassVar[str] = "StatementNotSupported"
    what: str
    where: str

    def message(self) -> str:
        return f"{self.what} cannot be used in {self.where}"


@dataclass(frozen=True)
class NotAllowedOnDevice(Diagnostic):
    """Something of Python's that needs the host is used in device code.

    Bad:
        >>> for tile in hl.tile(n):
        ...     return x[tile]
    Good:
        >>> for tile in hl.tile(n):
        ...     out[tile] = x[tile]
        >>> return out
    """

    code: ClassVar[str] = "not-allowed-on-device"
    exception: ClassVar[str] = "NotAllowedOnDevice"
    what: str

    def message(self) -> str:
        return f"{self.what} is not allowed in device code"


@dataclass(frozen=True)
class FailingArithmetic(Diagnostic):
    """Arithmetic on constants of device code fails, whatever the arguments are: a division by zero, the square root of a negative number,
    a number of thousands of digits.

    Bad:
        >>> out[tile] = x[tile] * (1 // 0)
    Good:
        >>> out[tile] = x[tile] * (1 // 2)
    """

    code: ClassVar[str] = "failing-arithmetic"
    exception: ClassVar[str] = "TypeInferenceError"
    text: str
    why: str

    def message(self) -> str:
        return f"`{self.text}` has no value: {self.why}"


@dataclass(frozen=True)
class IntegerTooLarge(Diagnostic):
    """An integer of device code does not fit into 64 bits, the most that a GPU computes with.

    Bad:
        >>> out[tile] = x[tile] % 2**64
    Good:
        >>> out[tile] = x[tile] & (2**63 - 1)
    """

    code: ClassVar[str] = "integer-too-large"
    exception: ClassVar[str] = "TorchOpTracingError"
    number: int

    def message(self) -> str:
        return f"{_shortened(self.number)} does not fit into 64 bits, the most that device code computes with"


def _shortened(number: int) -> str:
    """All digits of what people read, the order of what they do not."""
    most = 1 << 128
    return str(number) if -most < number < most else f"an integer of {number.bit_length()} bits"


@dataclass(frozen=True)
class UpdateInPlace(Diagnostic):
    """A method that updates a tensor in place is called on a device value: names hold values there, not memory that others see.

    Bad:
        >>> v = x[tile]
        >>> v.mul_(2)
    Good:
        >>> v = x[tile]
        >>> v = v.mul(2)
    """

    code: ClassVar[str] = "update-in-place"
    exception: ClassVar[str] = "InductorLoweringError"
    owner: str
    method: str
    replacement: str | None = None

    def message(self) -> str:
        name = self.method.removesuffix("_")
        return f"`{self.method}` updates in place, and a device value has no place: write `{self.owner} = {self.owner}.{name}(...)`"

    def fixes(self) -> tuple[Fix, ...]:
        if self.replacement is None:
            return ()
        return (Fix(f"Change to `{self.replacement}`", (TextEdit(self.span, self.replacement),)),)


@dataclass(frozen=True)
class FailedToUnpack(Diagnostic):
    """A value has another number of parts than there are names for them, or none.

    Bad:
        >>> low, high = 1, 2, 3
    Good:
        >>> low, middle, high = 1, 2, 3
    """

    code: ClassVar[str] = "failed-to-unpack"
    exception: ClassVar[str] = "FailedToUnpackTupleAssign"
    value: str
    targets: int

    def message(self) -> str:
        return f"{self.value} cannot be unpacked into {self.targets} names"


@dataclass(frozen=True)
class CallMismatch(Diagnostic):
    """The arguments do not fit the function's signature.

    Bad:
        >>> acc = hl.zeros()
    Good:
        >>> acc = hl.zeros([tile_m, tile_n])
    """

    code: ClassVar[str] = "call-mismatch"
    exception: ClassVar[str] = "InvalidAPIUsage"
    function: str
    words: str

    def message(self) -> str:
        return f"`{self.function}`: {self.words}"


@dataclass(frozen=True)
class UnknownAttribute(Diagnostic):
    """A module, tensor or tile has no attribute of this name.

    Bad:
        >>> first = tile.start
    Good:
        >>> first = tile.begin
    """

    code: ClassVar[str] = "unknown-attribute"
    exception: ClassVar[str] = "UndefinedVariable"
    owner: str
    name: str
    suggestion: str | None = None

    def message(self) -> str:
        hint = "" if self.suggestion is None else f"; did you mean `{self.suggestion}`?"
        return f"{self.owner} has no attribute `{self.name}`{hint}"


@dataclass(frozen=True)
class NestedKernelCall(Diagnostic):
    """A kernel cannot call another kernel: each is a launch of its own.

    Bad:
        >>> for tile in hl.tile(n):
        ...     out[tile] = other_kernel(x)
    Good:
        >>> def doubled(v):              # a plain function is compiled into its caller
        ...     return v * 2
        >>> for tile in hl.tile(n):
        ...     out[tile] = doubled(x[tile])
    """

    code: ClassVar[str] = "nested-kernel-call"
    exception: ClassVar[str] = "NestedKernelCallsNotSupported"
    kernel: str

    def message(self) -> str:
        return f"a kernel cannot call the kernel `{self.kernel}`"


@dataclass(frozen=True)
class BreakpointNeedsInterpreter(Diagnostic):
    """A GPU has no debugger to stop in: a breakpoint in device code needs Python to run it.

    Bad:
        >>> for tile in hl.tile(n):
        ...     breakpoint()               # without HELION_INTERPRET=1 or TRITON_INTERPRET=1
    Good:
        >>> for tile in hl.tile(n):
        ...     hl.device_print("x", x[tile])
    """

    code: ClassVar[str] = "breakpoint-needs-interpreter"
    exception: ClassVar[str] = "BreakpointInDeviceLoopRequiresInterpret"

    def message(self) -> str:
        return "a breakpoint in device code stops only with HELION_INTERPRET=1 or TRITON_INTERPRET=1"
