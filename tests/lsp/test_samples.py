"""Signatures to look at a kernel with, and the command lines that run it: found in the text, chosen through the server, run for real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from helion_lsp.worker.answers import Requests
from tests.lsp.conftest import URI, Client

KERNEL = """import torch
import helion
import helion.language as hl

N = 2 * 24


@helion.kernel(configs={"sm_90": {"f32[7,3]": helion.Config(block_sizes=[8])}})
def copy(x: torch.Tensor, scale: float = 2.0) -> torch.Tensor:
    n, d = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(n):
        out[tile, :] = x[tile, :] * scale
    return out


def main(big: bool) -> None:
    shape = (N, 5) if big else (3, 4)
    copy(torch.randn(shape, dtype=torch.float16), 3.0)
    copy(torch.randn(big, 4))
"""


def ask(method: str, text: str = KERNEL, **params: Any) -> Any:
    return Requests().answer({"method": method, "path": "copy.py", "text": text, "params": params}, lambda key: None)


def test_signatures_from_the_text_its_calls_and_its_locks() -> None:
    found = ask("signatures", kernel="copy")
    assert [(s["origin"], s["notation"]) for s in found] == [("inferred", None), ("call", "f16[48,5], ?"), ("recorded", "f32[7,3]")]
    assert found[1]["label"] == "the call at line 19"


def test_a_sample_makes_details_concrete_and_one_that_does_not_fit_says_so() -> None:
    (data,) = ask("details", samples={"copy": "f16[48,5], ?"})["kernels"].values()
    assert data["sample"] == "f16[48,5], ?"
    assert data["problem"] is None
    assert any("in the sample: `f16[48, 5]`" in line for _, _, lines in data["facts"] for line in lines)
    (data,) = ask("details", samples={"copy": "f16[48"})["kernels"].values()
    assert "f16[48" in data["problem"]
    (data,) = ask("details", samples={"copy": "f16[48]"})["kernels"].values()
    assert data["problem"]
    assert data["facts"], "what the text says still holds"


JAGGED = """import torch
import helion
import helion.language as hl


@helion.kernel
def longest(values: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    rows = offsets.size(0) - 1
    out = torch.zeros([rows], dtype=torch.float32, device=values.device)
    for tile in hl.tile(rows):
        starts, ends = offsets[tile], offsets[tile.index + 1]
        total = hl.zeros([tile], dtype=torch.float32)
        for inner in hl.tile(0, (ends - starts).amax()):
            at = starts[:, None] + inner.index[None, :]
            total += hl.load(values, [at, 0], extra_mask=at < ends[:, None]).to(torch.float32).sum(1)
        out[tile] = total
    return out
"""


def test_offsets_are_taken_for_integers_and_ranks_come_from_loads() -> None:
    (kernel,) = ask("details", JAGGED)["kernels"].values()
    assert kernel["tunable"] is not None
    shown = ask("preview", JAGGED, kernel="longest", kind="triton")["text"]
    assert "offsets is int64" in shown
    assert "values is bf16" in shown


def test_choosing_a_signature_changes_lenses_hovers_and_previews(drive: Any) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        found: Any = await client.protocol.send_request_async("helion/signatures", {"uri": URI, "kernel": "matmul"})
        assert [s["origin"] for s in found] == ["inferred", "call"]
        assert [s["chosen"] for s in found] == [True, False]
        command = lsp.ExecuteCommandParams(command="helion.chooseSignature", arguments=[URI, "matmul", "f32[64,32],f32[32,96]"])
        answer: Any = await client.workspace_execute_command_async(command)
        assert (answer["signature"], answer["problem"]) == ("f32[64,32],f32[32,96]", None)
        lenses: Any = await client.text_document_code_lens_async(lsp.CodeLensParams(lsp.TextDocumentIdentifier(URI)))
        assert "signature: f32[64,32],f32[32,96]" in [lens.command.title for lens in lenses]
        assert "in the sample: `f32[64, 96]`" in await client.hover("out = torch.empty")
        shown: Any = await client.protocol.send_request_async("helion/preview", {"uri": URI, "kernel": "matmul", "kind": "types"})
        assert "x: f32[64, 32]" in shown.text

    drive(scenario)


def test_the_command_line_of_a_run_runs(drive: Any, tmp_path: Path) -> None:
    path = tmp_path / "scaled_copy.py"
    path.write_text(KERNEL, encoding="utf-8")

    async def scenario(client: Client) -> None:
        client.open()
        unsaved: Any = await client.protocol.send_request_async("helion/runCommand", {"uri": URI, "kernel": "matmul", "mode": "interpret"})
        assert "not saved" in unsaved.message
        item = lsp.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=KERNEL)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        asked = {"uri": path.as_uri(), "kernel": "copy", "mode": "interpret"}
        found: Any = await client.protocol.send_request_async("helion/runCommand", asked)
        env = {**os.environ, **found.env._asdict()}
        run = subprocess.run(found.command, cwd=found.cwd, env=env, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert run.stdout.splitlines()[-1].startswith("bf16[64,64] min")
        debug: Any = await client.protocol.send_request_async("helion/runCommand", {**asked, "mode": "debug"})
        assert debug.launch.module == "helion"
        assert list(debug.launch.args) == ["run", f"{path}::copy"]

    drive(scenario)


def test_untrusted_workspaces_run_nothing(drive: Any) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        found: Any = await client.protocol.send_request_async("helion/runCommand", {"uri": URI, "kernel": "matmul", "mode": "debug"})
        assert "not trusted" in found.message

    drive(scenario, ready=False, trusted=False)


def test_run_takes_arguments_and_examples(tmp_path: Path) -> None:
    path = tmp_path / "scaled_copy.py"
    path.write_text(KERNEL, encoding="utf-8")
    command = [sys.executable, "-m", "helion", "run", f"{path}::copy", "--args", "f32[5,6], float(3.0)"]
    run = subprocess.run(command, env={**os.environ, "HELION_INTERPRET": "1"}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0] == "made-up arguments: f32[5,6], float(3.0)"
    assert run.stdout.splitlines()[1].startswith("f32[5,6] min")
