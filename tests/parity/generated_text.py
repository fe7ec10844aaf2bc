"""A loop's body and its kernel's signature in, the Triton text of one config out, for tests that read it."""

from __future__ import annotations

from helion import compiler
from helion.config.config import Config
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.representative import representative
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.target import DEFAULT_TARGET
from helion.typecheck.global_names import FileGlobals
from tests.typecheck.kernels import HEAD as IMPORTS

HEAD = f"{IMPORTS}@helion.kernel(static_shapes=True)\ndef kernel(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor):\n"


def generated(body: str, signature: str, config: Config) -> str:
    """The module of `kernel(x, idx, out)` with this body."""
    module = parse_module(SourceFile("kernel.py", HEAD + body))
    (kernel,) = module.kernels
    types, _ = representative(signature_from_notation(kernel, signature))
    typed = compiler.check(kernel, types, FileGlobals(module), Settings())
    assert not typed.diagnostics
    ir = compiler.lower(typed)
    return compiler.generate(ir, compiler.config_space(ir, DEFAULT_TARGET).normalize(config), DEFAULT_TARGET).text
