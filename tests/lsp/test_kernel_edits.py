"""Edits of a kernel that no diagnostic asks for: calls of similar sizes share code, and an operator of torch.library; both are run."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from lsprotocol import types as lsp

from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.rewrites import rewrites
from tests.lsp.conftest import TEXT, URI, Client
from tests.lsp.test_hover import HEAD

SCALED = """@helion.kernel
def scaled(x: torch.Tensor, factor: float = 2.0) -> torch.Tensor:
    m, n = x.size()
    assert n > 0
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile in hl.tile(m):
        out[tile, :] = x[tile, :] * factor
    return out
"""
INTO = """@helion.kernel()
def into(x: torch.Tensor, out: torch.Tensor):
    m = x.size(0)
    for tile in hl.tile(m):
        out[tile] = x[tile] + 1
    return out
"""
BOTH = """@helion.kernel(static_shapes=False, config=helion.Config(block_sizes=[4]))
def both(x):
    m, n = x.size()
    sums = x.new_empty([m], dtype=torch.float32)
    copied = torch.empty_like(x)
    for tile in hl.tile(m):
        values = x[tile, :]
        sums[tile] = values.to(torch.float32).sum(-1)
        copied[tile, :] = values
    return copied, sums
"""
SHARED = INTO.replace("return out", "return view").replace("    for", "    view = out.view(-1)\n    for").replace("out[tile]", "view[tile]")
EARLY = SCALED.replace("    assert n > 0\n", "    if n == 0:\n        return x\n")


def edits(text: str, kernel: str) -> dict[str, str]:
    """By title, the text with the edit."""
    found = [one for one in rewrites("/nowhere/ops.py", text, kernel) if "edit" in one]
    return {one["title"]: text[: one["edit"][0]] + one["edit"][2] + text[one["edit"][1] :] for one in found}


def run(folder: Path, name: str, text: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(text.replace('"ops::', f'"{name}::'), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "kernel", "arguments"),
    [(SCALED, "scaled", (torch.ones(8, 4), 3.0)), (INTO, "into", (torch.ones(8), torch.zeros(8))), (BOTH, "both", (torch.ones(8, 4),))],
)
def test_an_operator_is_what_torch_asks_of_one(
    text: str, kernel: str, arguments: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELION_INTERPRET", "1")
    new = edits(f"{HEAD}{text}", kernel)[f"Register {kernel} as a torch.library.custom_op"]
    assert not [d for k in Analyzer().analyse("/nowhere/ops.py", new)["kernels"] for d in k["diagnostics"]]
    module = run(tmp_path, f"registered_{kernel}", new)
    torch.library.opcheck(getattr(module, f"{kernel}_op"), arguments)


@pytest.mark.parametrize("text", [SHARED, EARLY, f"{SCALED}\n\nscaled_op = 1\n", SCALED.replace("torch.empty", "hl.zeros")])
def test_no_operator_is_offered_where_its_schema_could_not_say_what_the_kernel_does(text: str) -> None:
    kernel = "into" if "def into" in text else "scaled"
    assert not [title for title in edits(f"{HEAD}{text}", kernel) if title.startswith("Register")]


@pytest.mark.parametrize(
    ("text", "kernel", "decorator"),
    [
        (SCALED, "scaled", "@helion.kernel(static_shapes=False, key=lambda x, factor: (x.size(0) - 1).bit_length())"),
        (INTO, "into", "@helion.kernel(static_shapes=False, key=lambda x, out: (x.size(0) - 1).bit_length())"),
        (BOTH, "both", "@helion.kernel(key=lambda x: (x.size(0) - 1).bit_length(), static_shapes=False, config="),
    ],
)
def test_sizes_are_bucketed_by_a_key(text: str, kernel: str, decorator: str) -> None:
    new = edits(f"{HEAD}{text}", kernel)["Bucket m by powers of two"]
    assert decorator in new
    assert not [d for k in Analyzer().analyse("/nowhere/ops.py", new)["kernels"] for d in k["diagnostics"]]
    assert "Bucket m by powers of two" not in edits(new, kernel), "there is a key already"
    static = f"{HEAD}{text}".replace("static_shapes=False", "static_shapes=True")
    assert kernel != "both" or "Bucket m by powers of two" not in edits(static, kernel)


def test_calls_of_one_bucket_are_one_specialization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_INTERPRET", "1")
    module = run(tmp_path, "bucketed", edits(f"{HEAD}{SCALED}", "scaled")["Bucket m by powers of two"])
    keys = [module.scaled.specialization_key((torch.ones(m, 4), 2.0)) for m in (65, 100, 128, 129)]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_they_are_offered_on_the_def_line_as_versioned_edits(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.hover("acc = ")
        at = client.position("def matmul")
        asked = lsp.CodeActionParams(
            text_document=lsp.TextDocumentIdentifier(uri=URI),
            range=lsp.Range(start=at, end=at),
            context=lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.RefactorRewrite]),
        )
        titles: dict[str, lsp.WorkspaceEdit | None] = {}
        for _ in range(60):
            found = await client.text_document_code_action_async(asked)
            titles = {a.title: a.edit for a in found or () if isinstance(a, lsp.CodeAction)}
            if titles:
                break
            await asyncio.sleep(1)
        edit = titles["Register matmul as a torch.library.custom_op"]
        assert edit is not None
        (change,) = edit.document_changes or ()
        assert isinstance(change, lsp.TextDocumentEdit)
        assert change.text_document.version == 1
        assert "Bucket m by powers of two" in titles

    assert "def matmul" in TEXT
    drive(scenario)
