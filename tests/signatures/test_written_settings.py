"""Settings are read from the text of a decorator without running it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from helion import compiler
from helion.signatures.written_settings import written_settings
from helion.source import SourceFile


@pytest.mark.parametrize(
    ("decorator", "settings"),
    [
        ("@helion.kernel", {}),
        ("@helion.kernel()", {}),
        ("@helion.kernel(static_shapes=False, dot_precision='ieee')", {"static_shapes": False, "dot_precision": "ieee"}),
        ("@helion.kernel(index_dtype=torch.int64)", {"index_dtype": torch.int64}),
        ("@helion.kernel(autotune_config_overrides={'num_warps': 8})", {"autotune_config_overrides": {"num_warps": 8}}),
        ("@helion.kernel(settings=helion.Settings(autotune_effort='quick'))", {"autotune_effort": "quick"}),
        ("@helion.kernel(autotune_seed_configs=[helion.Config(block_sizes=[1])], static_shapes=flag(), index_dtype=torch.nothing)", {}),
        ("@helion.kernel(config=helion.Config(block_sizes=[1]), key=lambda x: 0)", {}),
    ],
)
def test_written_settings(decorator: str, settings: dict[str, Any]) -> None:
    text = f"import torch\nimport helion\nimport helion.language as hl\n\n\n{decorator}\ndef k(x: torch.Tensor):\n    return x\n"
    (kernel,) = compiler.parse(SourceFile("k.py", text)).kernels
    assert written_settings(kernel) == settings
