"""A check calls torch's functions that compute on tensors, and never one that reads or writes files or changes how torch works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals
from helion.typecheck.pure_torch import is_pure_torch

_KERNEL = """
import torch
import helion
import helion.language as hl

@helion.kernel
def scaled(x: torch.Tensor):
    out = torch.empty_like(x)
    {host}
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        {device}
        out[tile] = v
    return out
"""
_EFFECTS = (
    "torch.save({value}, {path!r})",
    "torch.from_file({path!r}, True, 4)",
    "torch.manual_seed(3)",
    "torch.seed()",
    "torch.set_default_dtype(torch.float64)",
    "torch.set_grad_enabled(False)",
    "torch.use_deterministic_algorithms(True)",
    "torch.set_printoptions(precision=1)",
    "torch.hub.set_dir({path!r})",
    "torch._C.PyTorchFileWriter({path!r})",
)


def _state() -> tuple[Any, ...]:
    flags = torch.get_default_dtype(), torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled(), torch.hub.get_dir()
    return (*flags, torch.initial_seed(), str(torch.tensor(1 / 3)))


@pytest.mark.parametrize("where", ["host", "device"])
@pytest.mark.parametrize("effect", _EFFECTS)
def test_checking_has_no_effect(effect: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "written"
    line = effect.format(value="x" if where == "host" else "v", path=str(path))
    module = parse_module(SourceFile("kernel.py", _KERNEL.format(**{"host": "pass", "device": "pass", where: line})))
    signature = signature_from_notation(module.kernels[0], "f32[64]")
    assert isinstance(signature, KernelSignature)
    before = _state()
    typed = check_kernel(module.kernels[0], signature, FileGlobals(module), Settings())
    assert _state() == before
    assert not path.exists()
    codes = [d.code for d in typed.diagnostics]
    assert codes == (["not-allowed-on-device"] if where == "device" else [])


@pytest.mark.parametrize(
    "function",
    [torch.add, torch.where, torch.Tensor.add, torch.einsum, torch.broadcast_tensors, torch.promote_types, F.gelu, F.max_pool2d, F.linear]
    + [torch.linalg.norm, torch.fft.fft, torch.special.erf, torch.sym_max, torch.finfo, torch.Size, torch.ops.aten.add.Tensor, torch.randn],
)
def test_what_computes_is_called(function: Any) -> None:
    assert is_pure_torch(function)


@pytest.mark.parametrize(
    "function", [torch.load, torch.hub.load, torch.from_file, torch.compile, torch.cuda.synchronize, torch.set_num_threads]
)
def test_what_does_more_is_not(function: Any) -> None:
    assert not is_pure_torch(function)
