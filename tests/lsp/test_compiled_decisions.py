"""What compiled code does, as information where decisions are shown: in the background, for the text as it is, and never in the way."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion_lsp.worker.compiled import Compiled
from tests.lsp.conftest import TEXT, URI, Client
from tests.lsp.test_facts_features import PRODUCT


def test_each_place_says_what_became_of_it() -> None:
    asked = {"kernel": "product", "sample": "bf16[128,256], bf16[256,512]"}
    found = Compiled().decisions("product.py", PRODUCT, asked)
    assert found is not None
    assert {d["severity"] for d in found} == {"information"}
    start = PRODUCT.index("@helion.kernel")
    texts = {(PRODUCT[start + d["span"][0] : start + d["span"][1]], d["message"].split(":")[0]) for d in found}
    assert ("torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])", "runs on tensor cores") in texts
    assert ("x[tile_m, tile_k]", "moves by the copy engine (TMA)") in texts


def test_a_kernel_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, asked = Compiled(), {"kernel": "product"}
    first = compiled.decisions("product.py", PRODUCT, asked)
    monkeypatch.setattr("helion_lsp.worker.compiled.prepare", None)
    assert compiled.decisions("product.py", PRODUCT, asked) is first
    assert compiled.decisions("product.py", PRODUCT, {"kernel": "gone"}) is None


def test_without_triton_there_is_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.import_module

    def missing(name: str) -> Any:
        if name.startswith("helion.offline."):
            raise ImportError(name)
        return found(name)

    monkeypatch.setattr("helion_lsp.worker.compiled.importlib.import_module", missing)
    (word,) = Compiled().decisions("product.py", PRODUCT, {"kernel": "product"}) or [{}]
    assert "triton is not installed here" in word["message"]


def test_what_does_not_fit_the_device_says_so() -> None:
    huge = PRODUCT.replace("@helion.kernel", "@helion.kernel(config=helion.Config(block_sizes=[256, 256, 256], num_stages=4))")
    (word,) = Compiled().decisions("product.py", huge, {"kernel": "product", "sample": "bf16[4096,4096], bf16[4096,4096]"}) or [{}]
    assert "with the config in the decorator it does not compile for sm_90" in word["message"]
    assert "shared memory" in word["message"]


def test_shown_after_the_pause_and_gone_when_switched_off(drive: Callable[..., None]) -> None:
    def codes(client: Client) -> set[Any]:
        return {d.code for d in client.published[URI].diagnostics} if URI in client.published else set()

    async def scenario(client: Client) -> None:
        client.open()
        toggle = lsp.ExecuteCommandParams(command="helion.toggleDecisions")
        await client.until(lambda: URI in client.published)
        assert not codes(client) & {"decision-instructions", "decision-spills"}
        assert await client.workspace_execute_command_async(toggle) is True
        await client.until(lambda: {"decision-instructions", "decision-spills", "decision-occupancy"} <= codes(client))
        await client.edit("# above\n" + TEXT)
        await client.until(lambda: "decision-instructions" in codes(client))
        (first, *_) = [d for d in client.published[URI].diagnostics if d.code == "decision-spills"]
        assert first.range.start.line == ("# above\n" + TEXT).splitlines().index(next(t for t in TEXT.splitlines() if "def matmul" in t))
        assert await client.workspace_execute_command_async(toggle) is False
        await client.until(lambda: codes(client) == set())

    drive(scenario)
