"""Uses of a kernel in other files of the workspace: found by their text, under the name that they import, within a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.surroundings import ALONE, Surroundings
from helion_lsp.worker.workspace_uses import WorkspaceUses
from tests.lsp.conftest import Client

HEAD = "import torch\nimport helion\nimport helion.language as hl\n"
KERNEL = f"""{HEAD}
@helion.kernel
def double(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out


double(torch.randn(8))
"""
CALLS = """raise SystemExit("imported")
import torch
from app.kernels import double as twice
from .other import double
twice(torch.randn(128, 256, dtype=torch.float16))
def f():
    'é🙂'; twice(torch.zeros([n]))
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    for folder in ("app", "app/build"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "app" / "kernels.py").write_text(KERNEL, encoding="utf-8")
    (tmp_path / "app" / "calls.py").write_text(CALLS, encoding="utf-8")
    (tmp_path / "app" / "build" / "copy.py").write_text(CALLS, encoding="utf-8")
    (tmp_path / "app" / "broken.py").write_text(CALLS + "f(", encoding="utf-8")
    return tmp_path


def test_uses_and_signatures_are_found(workspace: Path) -> None:
    (kernel,) = parse_module(SourceFile.read(workspace / "app" / "kernels.py")).kernels
    uses = WorkspaceUses()
    for _ in range(2):
        found = uses.uses(kernel, [str(workspace)], seconds=30)
        assert found["complete"]
        assert [(Path(u["path"]).name, u["line"], u["start"], u["end"]) for u in found["uses"]] == [
            ("calls.py", 4, 0, 5),
            ("calls.py", 6, 10, 15),
        ]
        assert found["signatures"] == [{"notation": "f16[128,256]", "label": "the call at calls.py:5"}]


def test_a_file_that_is_written_again_is_read_again(workspace: Path) -> None:
    (kernel,) = parse_module(SourceFile.read(workspace / "app" / "kernels.py")).kernels
    uses = WorkspaceUses()
    assert len(uses.uses(kernel, [str(workspace)], seconds=30)["uses"]) == 2
    calls = workspace / "app" / "calls.py"
    calls.write_text("from app.kernels import double\n", encoding="utf-8")
    assert uses.uses(kernel, [str(workspace)], seconds=30)["uses"] == []


def test_a_search_without_time_says_so(workspace: Path) -> None:
    (kernel,) = parse_module(SourceFile.read(workspace / "app" / "kernels.py")).kernels
    assert WorkspaceUses().uses(kernel, [str(workspace)], seconds=-1)["complete"] is False


def test_a_helper_that_is_saved_is_seen_by_its_importers(workspace: Path) -> None:
    helper, main = workspace / "app" / "act.py", workspace / "app" / "main.py"
    text = KERNEL.replace("x[tile] * 2", "act(x[tile])").replace(HEAD, f"{HEAD}from app.act import act\n")
    helper.write_text("def act(v):\n    return v * 2\n", encoding="utf-8")
    analyzer = Analyzer()
    assert analyzer.analyse(str(main), text)["kernels"][0]["diagnostics"] == []
    helper.write_text("def act(v):\n    return v.nothing\n", encoding="utf-8")
    (problem,) = analyzer.analyse(str(main), text)["kernels"][0]["diagnostics"]
    assert "nothing" in problem["message"]


UNSAID = """import helion
import helion.language as hl


@helion.kernel
def shift(x, y):
    out = x.new_empty(x.shape)
    for tile in hl.tile(out.size()):
        out[tile] = x[tile] + y
    return out
"""
SHIFTS = "import torch\nfrom app.shift import shift\nshift(torch.zeros([4, 8], dtype=torch.float16), 1.0)\n"


def test_a_file_that_leaves_types_open_learns_them_from_calls_elsewhere(drive: Callable[..., None], workspace: Path) -> None:
    """Also as they stand in an editor, saved or not; a helper's text in the editor counts like its file."""
    kernel, calls, helper = (workspace / "app" / name for name in ("shift.py", "tests_of_shift.py", "act.py"))
    kernel.write_text(UNSAID, encoding="utf-8")
    calls.write_text(SHIFTS, encoding="utf-8")
    helper.write_text("def act(v):\n    return v\n", encoding="utf-8")

    async def hover(client: Client, words: str) -> str:
        where = client.position(words, UNSAID)
        found = await client.text_document_hover_async(lsp.HoverParams(lsp.TextDocumentIdentifier(uri=kernel.as_uri()), where))
        return "" if found is None or not isinstance(found.contents, lsp.MarkupContent) else found.contents.value

    async def until_hover(client: Client, words: str, wanted: str) -> None:
        text = ""
        for _ in range(100):
            if wanted in (text := await hover(client, words)):
                return
            await asyncio.sleep(0.1)
        pytest.fail(text)

    def opened(client: Client, path: Path, text: str) -> None:
        item = lsp.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=text)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))

    def typed(client: Client, path: Path, version: int, text: str) -> None:
        document = lsp.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=version)
        change = lsp.TextDocumentContentChangeWholeDocument(text=text)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    async def scenario(client: Client) -> None:
        opened(client, kernel, UNSAID)
        await until_hover(client, "x, y", "`f16[")
        assert "the call at tests_of_shift.py:3" in await hover(client, "x, y")
        opened(client, calls, SHIFTS)
        typed(client, calls, 2, SHIFTS.replace("float16", "bfloat16"))
        await until_hover(client, "x, y", "`bf16[")
        assert calls.read_text(encoding="utf-8") == SHIFTS, "nothing was saved"

        main = workspace / "app" / "main.py"
        text = KERNEL.replace("x[tile] * 2", "act(x[tile])").replace(HEAD, f"{HEAD}from app.act import act\n")
        opened(client, main, text)
        await client.until(lambda: main.as_uri() in client.published and not client.published[main.as_uri()].diagnostics)
        opened(client, helper, "def act(v):\n    return v\n")
        typed(client, helper, 2, "def act(v):\n    return v.nothing\n")
        await client.until(lambda: any("nothing" in d.message for d in client.published[main.as_uri()].diagnostics))
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri=helper.as_uri())))
        await client.until(lambda: not client.published[main.as_uri()].diagnostics)

    drive(scenario, folders=[workspace])


def test_what_a_file_says_itself_is_stronger(workspace: Path) -> None:
    path = workspace / "app" / "shift.py"
    own = f"import torch\n{UNSAID}\n\nshift(torch.zeros([4, 8, 2], dtype=torch.float32), 1.0)\n"
    path.write_text(own, encoding="utf-8")
    (workspace / "app" / "tests_of_shift.py").write_text(SHIFTS, encoding="utf-8")
    (kernel,) = parse_module(SourceFile.read(path)).kernels
    sites, complete = WorkspaceUses().calls(kernel, [str(workspace)], 30, ALONE)
    assert complete
    assert [site.place for site in sites] == ["tests_of_shift.py:3"]
    around = Surroundings(calls={(str(path), "shift"): sites})
    assert str(around.signature(kernel).parameters["x"].type).startswith("f32[")


def test_references_of_a_kernel_are_those_of_the_workspace(drive: Callable[..., None], workspace: Path) -> None:
    path = workspace / "app" / "kernels.py"
    uri = path.as_uri()

    async def scenario(client: Client) -> None:
        item = lsp.TextDocumentItem(uri=uri, language_id="python", version=1, text=KERNEL)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        at = client.position("double(torch", KERNEL)
        params = lsp.ReferenceParams(lsp.ReferenceContext(include_declaration=True), lsp.TextDocumentIdentifier(uri=uri), at)
        found = await client.text_document_references_async(params)
        assert [(place.uri.rpartition("/")[2], place.range.start.line, place.range.start.character) for place in found or []] == [
            ("kernels.py", 5, 4),
            ("kernels.py", 12, 0),
            ("calls.py", 4, 0),
            ("calls.py", 6, 11),  # in UTF-16 units
        ]

    drive(scenario, folders=[workspace])
