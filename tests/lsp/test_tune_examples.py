"""A kernel with `inputs=` is tuned for each of its examples; the editor gets a result for each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from helion_lsp.commands.tuning import TuningRequest, tune

pytest.importorskip("triton")

TEXT = """
import torch
import helion
import helion.language as hl


def example_inputs():
    return {"small": (torch.randn(64, device="cuda"),), "large": (torch.randn(4096, device="cuda"),)}


@helion.kernel(inputs=example_inputs)
def doubled(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
"""


def test_every_example_has_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    events: list[dict[str, Any]] = []

    async def progress(event: dict[str, Any]) -> None:
        events.append(event)

    request = TuningRequest(str(tmp_path / "doubled.py"), TEXT, "doubled", args=None, target="sm_90", budget=1.0)
    found = asyncio.run(tune(request, progress))
    assert [one.signature for one in found] == ["f32[64]", "f32[4096]"]
    assert all(one.estimated and one.device == "sm_90" for one in found)
    assert sum(event.get("event") == "started" for event in events) == 2
