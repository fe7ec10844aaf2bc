"""Matrix products whose operands, accumulator or place do not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note, Severity


@dataclass(frozen=True)
class DotBatchMismatch(Diagnostic):
    """The batch dimensions of a product of rank 3 must be equal, or one of them 1.

    Bad:
        >>> hl.dot(x[tile_b, tile_m, tile_k], y[tile_m, tile_k, tile_n])
    Good:
        >>> hl.dot(x[tile_b, tile_m, tile_k], y[tile_b, tile_k, tile_n])
    """

    code: ClassVar[str] = "dot-batch-mismatch"
    exception: ClassVar[str] = "DotBatchDimensionMismatch"
    left: str
    right: str
    left_batch: str
    right_batch: str

    def message(self) -> str:
        return f"cannot multiply {self.left} by {self.right}: the batch sizes {self.left_batch} and {self.right_batch} differ"


@dataclass(frozen=True)
class DotAccumulatorType(Diagnostic):
    """An accumulator is float16 or float32 (int32 for int8 operands) and has the shape of the result.

    Bad:
        >>> acc = hl.dot(a, b, acc=hl.zeros([tile_m, tile_n], dtype=torch.bfloat16))
    Good:
        >>> acc = hl.dot(a, b, acc=hl.zeros([tile_m, tile_n], dtype=torch.float32))
    """

    code: ClassVar[str] = "dot-accumulator-type"
    exception: ClassVar[str] = "TorchOpTracingError"
    accumulator: str
    needed: str

    def message(self) -> str:
        return f"the accumulator of this product is {self.needed}, not {self.accumulator}"


@dataclass(frozen=True)
class DotOperandsDiffer(Diagnostic):
    """fp8 has no common dtype with any other: convert one operand.

    Bad:
        >>> hl.dot(x_fp8[tile_m, tile_k], y_bf16[tile_k, tile_n])
    Good:
        >>> hl.dot(x_fp8[tile_m, tile_k].to(torch.bfloat16), y_bf16[tile_k, tile_n])
    """

    code: ClassVar[str] = "dot-operands-differ"
    exception: ClassVar[str] = "TorchOpTracingError"
    left: str
    right: str

    def message(self) -> str:
        return f"{self.left} and {self.right} have no common dtype to be multiplied in"


@dataclass(frozen=True)
class Float8Matmul(Diagnostic):
    """`@` gives the operands' dtype, and fp8 cannot hold a product: `hl.dot` gives float32.

    Bad:
        >>> acc += x_fp8[tile_m, tile_k] @ y_fp8[tile_k, tile_n]
    Good:
        >>> acc = hl.dot(x_fp8[tile_m, tile_k], y_fp8[tile_k, tile_n], acc=acc)
    """

    code: ClassVar[str] = "float8-matmul"
    exception: ClassVar[str] = "TorchOpTracingError"
    left: str
    right: str

    def message(self) -> str:
        return f"{self.left} by {self.right} would give fp8, which cannot hold a product: use `hl.dot`"


@dataclass(frozen=True)
class RoundedAccumulation(Diagnostic):
    """A product is rounded to the operands' dtype before it is added up, in every iteration over K: slower and less exact than adding
    inside the product. So is a sum in an accumulator of 16 bits: begin with `hl.zeros(..., dtype=torch.float32)`.

    Bad:
        >>> acc = acc + x[tile_m, tile_k] @ y[tile_k, tile_n]
    Good:
        >>> acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
    """

    code: ClassVar[str] = "rounded-accumulation"
    exception: ClassVar[str] = "TiledKMatmulAccumulationWarning"
    severity: ClassVar[Severity] = Severity.WARNING
    accumulator: str
    dtype: str | None = None

    def message(self) -> str:
        if self.dtype is not None:
            return f"`{self.accumulator}` is {self.dtype}: the sum is rounded in every iteration"
        return f"each product is rounded before it is added to `{self.accumulator}`"

    def notes(self) -> tuple[Note, ...]:
        name = self.accumulator
        if self.dtype is not None:
            return (Note(f"begin `{name}` with `dtype=torch.float32`; a store rounds the result to the output's dtype"),)
        return (Note(f"write `{name} = torch.addmm({name}, a, b)`, `torch.baddbmm` or `hl.dot(a, b, acc={name})`"),)


@dataclass(frozen=True)
class ScaledDotArguments(Diagnostic):
    """`hl.dot_scaled` multiplies `[m, k]` by `[k, n]` (`e2m1` packed two a byte along k), with a uint8 scale for each 32 elements along
    k: `[m, k // 32]` and `[n, k // 32]`.

    Bad:
        >>> hl.dot_scaled(x[tile_m, :], x_scale[tile_m, :], "fp8", y[:, tile_n], y_scale[tile_n, :], "fp8")
    Good:
        >>> hl.dot_scaled(x[tile_m, :], x_scale[tile_m, :], "e4m3", y[:, tile_n], y_scale[tile_n, :], "e4m3")
    """

    code: ClassVar[str] = "scaled-dot-arguments"
    exception: ClassVar[str] = "TorchOpTracingError"
    why: str

    def message(self) -> str:
        return self.why
