"""The lines above the generated kernel name what it uses: descriptors only where there are any."""

from __future__ import annotations

from helion.config.config import Config
from tests.parity.generated_text import generated

COPY = """\
    for t, u in hl.tile(x.size()):
        out[t, u] = x[t, u]"""
SIGNATURE = "f32[64, 64], i32[2], f32[64, 64]"
IMPORT = "from triton.tools.tensor_descriptor import TensorDescriptor\n"


def test_descriptors_are_imported_where_they_are_used() -> None:
    text = generated(COPY, SIGNATURE, Config(block_sizes=[16, 16], indexing="tensor_descriptor"))
    header, _, rest = text.partition("@triton.jit")
    assert IMPORT in header
    assert "TensorDescriptor(" in rest


def test_and_not_where_pointers_are() -> None:
    assert "TensorDescriptor" not in generated(COPY, SIGNATURE, Config(block_sizes=[16, 16], indexing="pointer"))
