"""Kernel text in, the typed kernel and its types by name out, for tests."""

from __future__ import annotations

from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.queries import bindings
from helion.typed_kernel.tree import TypedKernel

HEAD = "import math\nimport torch\nimport helion\nimport helion.language as hl\n"


def check(text: str, signature: str | None = None) -> TypedKernel:
    """The only kernel of a file that has the usual imports, checked from its text or for a signature in notation."""
    module = parse_module(SourceFile("kernel.py", HEAD + text))
    (kernel,) = module.kernels
    names = FileGlobals(module)
    found = infer_signature(kernel, names) if signature is None else signature_from_notation(kernel, signature)
    assert isinstance(found, KernelSignature)
    return check_kernel(kernel, found, names, Settings())


def body(host: str, device: str, parameters: str = "x: torch.Tensor, y: torch.Tensor") -> str:
    """A kernel with host statements, then a loop over rows with device statements, each given one a line."""
    indented = "\n".join(f"    {line}" for line in ["m, n = x.size()", *host.strip().splitlines()])
    inner = "\n".join(f"        {line}" for line in device.strip().splitlines())
    return f"@helion.kernel\ndef kernel({parameters}):\n{indented}\n    for tile_m in hl.tile(m):\n{inner}\n    return x\n"


def types(kernel: TypedKernel) -> dict[str, str]:
    """The last type of each name."""
    return {b.name: str(b.type) for b in bindings(kernel)}


def codes(kernel: TypedKernel) -> list[tuple[str, str]]:
    """The code of each diagnostic and the text it underlines."""
    return [(d.code, kernel.file.text_of(d.span)) for d in kernel.diagnostics]
