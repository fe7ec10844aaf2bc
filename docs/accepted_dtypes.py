"""An example in, the dtypes of its tensors with which it checks out, as a cell of a table: each is tried."""

from __future__ import annotations

from dataclasses import replace

import torch

from docs.example_file import whole_file
from helion import compiler
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax
from helion.typecheck.global_names import FileGlobals
from helion.types.dtypes import short_name
from helion.types.types import TensorType

_FLOATS = (torch.float32, torch.bfloat16, torch.float16, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2)
_INTEGERS = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool)


def accepted_dtypes(example: str) -> str:
    """The dtypes, `any`, or that it is another kind of operand that decides."""
    module = compiler.parse(SourceFile("example.py", whole_file(example)))
    tried = (*_FLOATS, *_INTEGERS)
    found = [dtype for dtype in tried if all(_checks(kernel, FileGlobals(module), dtype) for kernel in module.kernels)]
    if len(found) == len(tried):
        return "any"
    return ", ".join(short_name(dtype) for dtype in found) or "as in the example"


def _checks(kernel: KernelSyntax, names: FileGlobals, dtype: torch.dtype) -> bool:
    """Whether a kernel has no error where tensors whose dtype the text leaves open are of this one."""
    signature = infer_signature(kernel, names)
    parameters = {
        name: replace(p, type=replace(p.type, dtype=dtype)) if isinstance(p.type, TensorType) and p.type.dtype is None else p
        for name, p in signature.parameters.items()
    }
    typed = compiler.check(kernel, replace(signature, parameters=parameters), names, Settings())
    return not any(found.severity.value == "error" for found in typed.diagnostics)
