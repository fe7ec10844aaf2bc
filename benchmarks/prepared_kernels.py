"""The kernels that tuning is benchmarked on, each brought to device IR and config space from its file, without running it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helion import compiler
from helion.config.space import ConfigSpace
from helion.device_ir.ir import DeviceIR
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import Target
from helion.typecheck.global_names import FileGlobals

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class BenchmarkedKernel:
    """`flops` are of one call, 0 where bandwidth counts."""

    name: str
    file: str
    qualname: str
    arguments: str
    flops: float = 0.0

    @property
    def path(self) -> Path:
        return ROOT / self.file


@dataclass(frozen=True)
class PreparedKernel:
    ir: DeviceIR
    space: ConfigSpace


def prepare(kernel: BenchmarkedKernel, target: Target) -> PreparedKernel:
    """Raises RuntimeError with the first diagnostics when the kernel does not check."""
    module = compiler.parse(SourceFile.read(kernel.path))
    syntax = next(k for k in module.kernels if k.qualname == kernel.qualname)
    signature = signature_from_notation(syntax, kernel.arguments)
    if not isinstance(signature, KernelSignature):
        raise RuntimeError(f"{kernel.name}: {signature}")
    typed = compiler.check(syntax, signature, FileGlobals(module), Settings())
    if typed.has_errors:
        raise RuntimeError(f"{kernel.name}: " + "; ".join(d.message() for d in typed.diagnostics))
    ir = compiler.lower(typed)
    return PreparedKernel(ir, compiler.config_space(ir, target))
