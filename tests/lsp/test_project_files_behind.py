"""Files that a kernel's names lead to through other files: what changes there is checked again, in the editor, on the disk or beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.project_files import files_behind
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.surroundings import Surroundings
from tests.lsp import conftest
from tests.lsp.conftest import Client

KERNEL = """import torch
import helion
import helion.language as hl
from app.outer import act


@helion.kernel(configs={"sm_90": helion.Config(block_sizes=[64])})
def double(x: torch.Tensor) -> torch.Tensor:
    (n,) = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(n):
        out[tile] = act(x[tile])
    return out
"""
FILES = {
    "outer": "from app.middle import middle as through\nfrom app.unrelated import nothing\n\n\ndef act(v):\n    return through(v)\n",
    "middle": "from .inner import FACTOR, inner\n\n\ndef middle(v):\n    return inner(v) * FACTOR\n",
    "inner": "FACTOR = 2\n\n\ndef inner(v):\n    return v\n",
    "unrelated": "from app.far import nothing\n",
    "far": "nothing = 1\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_only_what_names_lead_to_is_behind_a_file(app: Path) -> None:
    module = parse_module(SourceFile(str(app / "kernels.py"), KERNEL))
    assert [path.stem for path in files_behind(module)] == ["inner", "middle", "outer"]


def test_a_circle_of_imports_ends(app: Path) -> None:
    (app / "inner.py").write_text("from app.outer import act\n\n\ndef inner(v):\n    return act(v)\n\n\nFACTOR = 2\n", encoding="utf-8")
    module = parse_module(SourceFile(str(app / "kernels.py"), KERNEL))
    assert [path.stem for path in files_behind(module)] == ["inner", "middle", "outer"]


def test_a_text_three_imports_away_counts_as_it_stands_in_the_editor(app: Path) -> None:
    analyzer, path = Analyzer(), str(app / "kernels.py")
    first = analyzer.analyse(path, KERNEL)
    assert first["kernels"][0]["diagnostics"] == []
    assert [Path(found).stem for found in first["files"]] == ["inner", "middle", "outer"]
    around = Surroundings(texts={str(app / "inner.py"): FILES["inner"].replace("return v", "return v.nothing")})
    second = analyzer.analyse(path, KERNEL, around=around)
    assert second["kernels"][0]["key"] != first["kernels"][0]["key"]
    assert any("nothing" in d["message"] for d in second["kernels"][0]["diagnostics"])


def watching() -> lsp.ClientCapabilities:
    files = lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    return lsp.ClientCapabilities(workspace=lsp.WorkspaceClientCapabilities(did_change_watched_files=files))


def changed(path: Path) -> lsp.DidChangeWatchedFilesParams:
    return lsp.DidChangeWatchedFilesParams([lsp.FileEvent(uri=path.as_uri(), type=lsp.FileChangeType.Changed)])


def test_what_changes_outside_the_editor_is_seen(drive: Callable[..., None], app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[str] = []
    path = app / "kernels.py"
    path.write_text(KERNEL, encoding="utf-8")
    uri = path.as_uri()

    new_client = conftest.new_client

    def client_that_watches() -> Client:
        client = new_client()

        @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)  # pyright: ignore[reportUntypedFunctionDecorator]  # pygls has no type for it
        def register(params: lsp.RegistrationParams) -> None:
            registered.extend(registration.method for registration in params.registrations)

        return client

    monkeypatch.setattr(conftest, "new_client", client_that_watches)

    async def scenario(client: Client) -> None:
        await client.until(lambda: registered == ["workspace/didChangeWatchedFiles"])
        item = lsp.TextDocumentItem(uri=uri, language_id="python", version=1, text=KERNEL)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        await client.until(lambda: uri in client.published)

        def says(word: str) -> bool:
            return any(word in f"{d.code} {d.message}" for d in client.published[uri].diagnostics)

        inner = app / "inner.py"
        inner.write_text(FILES["inner"].replace("return v", "return v.nothing"), encoding="utf-8")
        client.workspace_did_change_watched_files(changed(inner))
        await client.until(lambda: says("attribute `nothing`"))
        inner.write_text(FILES["inner"], encoding="utf-8")
        client.workspace_did_change_watched_files(changed(inner))
        await client.until(lambda: not says("attribute `nothing`"))

        entry = {"kernel": "double", "device": "sm_90", "signature": None, "config": {"block_sizes": [64]}, "kernel_hash": "another"}
        sidecar = app / "kernels.py.helion.lock"
        sidecar.write_text(json.dumps({"version": 1, "entries": [entry]}), encoding="utf-8")
        client.workspace_did_change_watched_files(changed(sidecar))
        await client.until(lambda: says("lock-kernel-changed"))
        sidecar.unlink()
        client.workspace_did_change_watched_files(changed(sidecar))
        await client.until(lambda: not says("lock-kernel-changed"))

    drive(scenario, capabilities=watching())
