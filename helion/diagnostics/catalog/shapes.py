"""Shapes and dtypes that do not fit together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note


@dataclass(frozen=True)
class ShapeMismatch(Diagnostic):
    """Two values cannot be broadcast together. Tiles of different loops never have equal lengths, even where their extents are equal.

    Bad:
        >>> y = x[tile_m, tile_n] + bias[tile_m]
    Good:
        >>> y = x[tile_m, tile_n] + bias[tile_m][:, None]
    """

    code: ClassVar[str] = "shape-mismatch"
    exception: ClassVar[str] = "ShapeMismatch"
    left: str
    right: str

    def message(self) -> str:
        return f"{self.left} and {self.right} cannot be broadcast together"

    def notes(self) -> tuple[Note, ...]:
        shorter, longer = sorted((self.left, self.right), key=lambda shown: len(_dims(shown)))
        if _dims(shorter) and _dims(shorter) == _dims(longer)[:-1]:
            subscript = "[:, None]" if len(_dims(shorter)) == 1 else "[..., None]"
            return (Note(f"`{subscript}` gives {shorter} a last dim of length 1; a reduction keeps its own with `keepdim=True`"),)
        return ()


def _dims(shown: str) -> list[str]:
    """Of a value such as `f32[tile, n]`; none of a place, which is shown without a dtype and cannot be given dims."""
    dtype, _, dims = shown.partition("[")
    return dims.removesuffix("]").split(", ") if dtype and dims else []


@dataclass(frozen=True)
class DotShapeMismatch(Diagnostic):
    """The operands of a matrix product do not fit.

    Bad:
        >>> acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_n, tile_k])
    Good:
        >>> acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
    """

    code: ClassVar[str] = "dot-shape-mismatch"
    exception: ClassVar[str] = "ShapeMismatch"
    left: str
    right: str
    why: str

    def message(self) -> str:
        return f"cannot multiply {self.left} by {self.right}: {self.why}"


@dataclass(frozen=True)
class DotOperandType(Diagnostic):
    """`hl.dot` takes 16-bit and 32-bit floats, int8 and fp8 only.

    Bad:
        >>> hl.dot(x[tile_m, tile_k].to(torch.int64), y[tile_k, tile_n])
    Good:
        >>> hl.dot(x[tile_m, tile_k].to(torch.float16), y[tile_k, tile_n])
    """

    code: ClassVar[str] = "dot-operand-type"
    exception: ClassVar[str] = "TorchOpTracingError"
    operand: str

    def message(self) -> str:
        return f"{self.operand} is not a type that the tensor cores multiply"


@dataclass(frozen=True)
class TorchError(Diagnostic):
    """Torch rejects the call; the message is torch's, with sizes as they are named here.

    Bad:
        >>> v = x[tile].reshape(3, -1, -1)
    Good:
        >>> v = x[tile].reshape(tile, 1)
    """

    code: ClassVar[str] = "torch-error"
    exception: ClassVar[str] = "TorchOpTracingError"
    call: str
    words: str

    def message(self) -> str:
        return f"torch rejects `{self.call}`: {self.words}"


@dataclass(frozen=True)
class DataDependentShape(Diagnostic):
    """How many elements the call gives is known only when it runs, so a device value cannot have that shape.

    Bad:
        >>> places = torch.nonzero(x[tile])
    Good:
        >>> is_place = x[tile] != 0
    """

    code: ClassVar[str] = "data-dependent-shape"
    exception: ClassVar[str] = "DataDependentOutputShapeNotSupported"
    call: str

    def message(self) -> str:
        return f"how many elements `{self.call}` gives depends on the values it is given"

    def notes(self) -> tuple[Note, ...]:
        return (Note("masks keep a tile's shape; the call itself can stand on the host"),)


@dataclass(frozen=True)
class UnsupportedTorchCall(Diagnostic):
    """The call has no device code: TorchInductor cannot lower it to work on each element of a tile.

    Bad:
        >>> out[tile] = torch.digamma(x[tile])
    Good:
        >>> out[tile] = torch.lgamma(x[tile])
    """

    code: ClassVar[str] = "unsupported-torch-call"
    exception: ClassVar[str] = "InductorLoweringError"
    call: str
    why: str
    is_call: bool = True

    def message(self) -> str:
        return f"`{self.call}` has no device code: {self.why}" if self.is_call else f"{self.call} cannot be compiled: {self.why}"

    def notes(self) -> tuple[Note, ...]:
        if not self.is_call:
            return (Note("types and sizes are those of the arguments, and what host code that can be followed makes of them"),)
        return (Note("calls on whole tensors can stand on the host, before or after the device loops"),)


@dataclass(frozen=True)
class ConditionNotScalar(Diagnostic):
    """A branch is taken by a whole program or not at all, so a tile of truth values cannot decide it.

    Bad:
        >>> if x[tile] > 0:
        ...     out[tile] = x[tile]
    Good:
        >>> out[tile] = torch.where(x[tile] > 0, x[tile], 0)
    """

    code: ClassVar[str] = "condition-not-scalar"
    exception: ClassVar[str] = "TypeInferenceError"
    condition: str

    def message(self) -> str:
        return f"a branch needs one truth value, not {self.condition}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("choose per element with `torch.where`, or reduce first with `.sum()`, `.amax()` or `.any()`"),)
