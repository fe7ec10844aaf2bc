"""A kernel of `kernels.py` and shapes in, its device IR and space out, from the file's text alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from helion import compiler
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.device_ir.ir import DeviceIR
from helion.settings import Settings
from helion.signatures.from_values import type_of_value
from helion.signatures.signature import KernelSignature, ParameterType
from helion.source import SourceFile
from helion.target import DEFAULT_TARGET
from helion.typecheck.global_names import FileGlobals


@dataclass(frozen=True)
class Lowered:
    ir: DeviceIR
    space: ConfigSpace

    def config(self, **values: object) -> Config:
        """The default config with some values changed."""
        return self.space.normalize({**self.space.default().config, **values})


def lowered(name: str, *shapes: tuple[int, ...], dtype: torch.dtype = torch.bfloat16) -> Lowered:
    module = compiler.parse(SourceFile.read(Path(__file__).with_name("kernels.py")))
    syntax = next(kernel for kernel in module.kernels if kernel.qualname == name)
    tensors = [torch.empty(shape, dtype=dtype, device="meta") for shape in shapes]
    names = [argument.arg for argument in syntax.function.node.args.args]
    types = {name: ParameterType(type_of_value(tensor, name), "test") for name, tensor in zip(names, tensors, strict=True)}
    typed = compiler.check(syntax, KernelSignature(types), FileGlobals(module), Settings())
    assert not typed.has_errors, [diagnostic.message() for diagnostic in typed.diagnostics]
    ir = compiler.lower(typed)
    return Lowered(ir, compiler.config_space(ir, DEFAULT_TARGET))
