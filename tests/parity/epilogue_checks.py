"""One example kernel whose epilogue runs in parts, compared with torch, in the interpreting process."""

from __future__ import annotations

import torch

import helion
from helion.runtime.bound_kernel import BoundKernel
from tests.parity.cases import CASE_BY_NAME

_COLUMNS = 64


def check_in_parts(name: str, parts: int, indexing: str, shapes: str) -> None:
    """Raises AssertionError when the result is not torch's, or the code has no parts; `shapes` are `static` or `dynamic`."""
    case = CASE_BY_NAME[name]
    kernel = helion.kernel(
        case.kernel.fn,
        static_shapes=shapes == "static",
        autotune_effort="none",
        dot_precision="ieee",
        ignore_warnings=[helion.exc.BaseWarning],
    )
    arguments = kernel.normalize_args(*case.arguments(1, torch.float16, "cpu"))
    bound = kernel.bind(arguments)
    assert isinstance(bound, BoundKernel)
    space = bound.config_spec
    blocks = [_COLUMNS if slot.accepts(_COLUMNS) else slot.default for key, slot in space.slots if key == "block_sizes"]
    config = space.normalize({"block_sizes": blocks, "epilogue_subtile": parts, "indexing": indexing})
    assert "_SUBTILE_" in bound.to_triton_code(config)
    actual = bound.compile_config(config)(*arguments)
    torch.testing.assert_close(actual, case.wanted(arguments, torch.float16), rtol=3e-3, atol=6e-3)
