"""The overview of a workspace's locks: every state from text and sidecars, open texts before files, little by little, and refreshing it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import read_entries, sidecar_path, sidecar_text
from helion.locks.versions import current_versions
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.worker.lock_overview import LockOverview
from tests.lsp.conftest import Client

H200, SMALL, WIDE = "NVIDIA H200", "f32[64,32], float", "f32[64,512], float"
HEAD = "import torch\nimport helion\nimport helion.language as hl\n"
BODY = """def scale(x: torch.Tensor, by: float) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * by
    return out
"""
CONFIG = "helion.Config(block_sizes=[32, 32])"
LOCKED = f"""{HEAD}raise RuntimeError("nobody imports this")


@helion.kernel(
    configs={{
        "{H200}": {{"{SMALL}": {CONFIG}, "{WIDE}": {CONFIG}}},
        "sm_80": {{"{SMALL}": {CONFIG}}},
    }}
)
{BODY}"""
FREE = f"{HEAD}\n\n@helion.kernel\n{BODY.replace('scale', 'free')}"


def record(path: Path, device: str, signature: str, **more: Any) -> dict[str, Any]:
    (kernel,) = parse_module(SourceFile.read(path)).kernels
    lock = {"kernel": "scale", "device": device, "signature": signature, "config": {"block_sizes": [32, 32]}}
    found = {"kernel_hash": kernel_hash(kernel), "versions": current_versions(), "date": "2026-11-20"}
    return {**lock, "method": "measured", "us": 10.0, "default_us": 20.0, **found, **more}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    locked = folder / "locked.py"
    locked.write_text(LOCKED, encoding="utf-8")
    (folder / "free.py").write_text(FREE, encoding="utf-8")
    (folder / "plain.py").write_text("print(1)\n", encoding="utf-8")
    entries = [
        record(locked, H200, SMALL),
        record(locked, H200, WIDE, kernel_hash="0"),
        record(locked, "sm_80", SMALL, method="borrowed", borrowed_from=H200),
    ]
    sidecar_path(locked).write_text(sidecar_text(entries), encoding="utf-8")
    return folder


def states(rows: list[Any]) -> dict[tuple[str, str, str | None], str]:
    return {(row["kernel"], row["device"], row["signature"]): row["state"] for row in rows}


def overview(found: LockOverview, workspace: Path, seconds: float = 60.0, **params: Any) -> dict[str, Any]:
    return found.overview({"folders": [str(workspace)], **params}, lambda key: None, seconds)


def test_every_state_with_its_reasons_and_place(workspace: Path) -> None:
    found = overview(LockOverview(), workspace)
    assert found["complete"]
    assert states(found["rows"]) == {
        ("free", H200, None): "missing",
        ("free", "sm_80", None): "missing",
        ("scale", H200, SMALL): "locked",
        ("scale", H200, WIDE): "stale",
        ("scale", "sm_80", SMALL): "borrowed",
        ("scale", "sm_80", WIDE): "missing",
    }
    rows = {(row["device"], row["signature"]): row for row in found["rows"] if row["kernel"] == "scale"}
    assert rows[H200, SMALL]["evidence"] == "measured 10.0 µs (default 20.0 µs) on 2026-11-20"
    assert rows[H200, WIDE]["remarks"] == ["the kernel's body was changed since it was tuned"]
    assert rows["sm_80", WIDE]["served_by"] == f"served by the nearest signature locked on `sm_80`: {SMALL}"
    assert (rows["sm_80", SMALL]["target"], rows[H200, SMALL]["target"]) == ("sm_80", None)
    places = {key: LOCKED[slice(*row["span"])] for key, row in rows.items()}
    assert places == {(H200, SMALL): f'"{SMALL}"', (H200, WIDE): f'"{WIDE}"', ("sm_80", SMALL): f'"{SMALL}"', ("sm_80", WIDE): "scale"}


def test_an_entry_for_every_signature_leaves_nothing_missing_on_its_device(workspace: Path) -> None:
    (workspace / "locked.py").write_text(LOCKED.replace(f'"sm_80": {{"{SMALL}": {CONFIG}}}', f'"sm_80": {CONFIG}'), encoding="utf-8")
    found = states(overview(LockOverview(), workspace)["rows"])
    assert ("scale", "sm_80", None) in found
    assert not [key for key, state in found.items() if key[:2] == ("scale", "sm_80") and state == "missing"]


def test_a_config_that_does_not_fit_is_broken(workspace: Path) -> None:
    (workspace / "locked.py").write_text(LOCKED.replace("[32, 32]", "[32, 32, 32]"), encoding="utf-8")
    found = states(overview(LockOverview(), workspace)["rows"])
    assert found["scale", H200, SMALL] == "broken"


def test_a_search_without_time_says_nothing_and_the_next_one_gets_further(workspace: Path) -> None:
    kept = LockOverview()
    answers = [overview(kept, workspace, 0.0)]
    assert (answers[0]["complete"], answers[0]["rows"]) == (False, [])
    while not answers[-1]["complete"]:
        answers.append(overview(kept, workspace, 0.02))
        assert len(answers) < 200
    assert answers[-1]["rows"] == overview(LockOverview(), workspace)["rows"]
    final = overview(LockOverview(), workspace, 0.0, final=True)
    assert not final["complete"]


def test_texts_that_are_open_and_files_that_were_written(workspace: Path) -> None:
    kept = LockOverview()
    overview(kept, workspace)
    path = workspace / "locked.py"
    edited = overview(kept, workspace, texts={str(path): LOCKED.replace("* by", "* by + 1")})
    assert {r["state"] for r in edited["rows"] if r["state"] != "missing"} == {"stale"}
    assert states(overview(kept, workspace)["rows"])["scale", H200, SMALL] == "locked"
    path.unlink()
    assert {key[0] for key in states(overview(kept, workspace)["rows"])} == {"free"}


def test_a_quarantined_kernel_is_listed_without_a_look_at_its_space(workspace: Path) -> None:
    checked: list[str] = []
    LockOverview().overview({"folders": [str(workspace)]}, checked.append, 60.0)
    (key,) = checked
    assert overview(LockOverview(), workspace, quarantined=[key])["complete"]
    checked.clear()
    LockOverview().overview({"folders": [str(workspace)], "quarantined": [key]}, checked.append, 60.0)
    assert checked == []


def test_unlocking_takes_the_evidence_along_and_undo_brings_it_back(drive: Callable[..., None], workspace: Path) -> None:
    path = workspace / "locked.py"
    uri = path.as_uri()

    async def scenario(client: Client) -> None:
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "python", 1, LOCKED)))
        found: Any = await client.protocol.send_request_async("helion/lockOverview", {})
        assert (found.complete, found.here, len(found.rows)) == (True, None, 6)
        stale = next(row for row in found.rows if row.state == "stale")
        lines = LOCKED.splitlines()
        place, kernel = int(stale.range.start.line), int(stale.kernelRange.start.line)
        assert lines[place][stale.range.start.character : stale.range.end.character] == f'"{WIDE}"'
        assert lines[kernel].startswith("def scale")
        options = {"kernel": "scale", "device": H200, "signature": WIDE}
        asked = lsp.ExecuteCommandParams(command="helion.codemod", arguments=[uri, "unlock", options])
        answer: Any = await client.workspace_execute_command_async(asked)
        assert answer["changed"], answer["message"]

        async def saved(text: str, version: int) -> set[str]:
            document = lsp.VersionedTextDocumentIdentifier(uri=uri, version=version)
            change = lsp.TextDocumentContentChangeWholeDocument(text=text)
            client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
            path.write_text(text, encoding="utf-8")
            before = sidecar_path(path).stat().st_mtime_ns
            client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
            await client.until(lambda: sidecar_path(path).stat().st_mtime_ns != before, 20)
            return {str(entry["signature"]) for entry in read_entries(sidecar_path(path)) if entry["device"] == H200}

        assert await saved(LOCKED.replace(f', "{WIDE}": {CONFIG}', ""), 2) == {SMALL}
        assert await saved(LOCKED, 3) == {SMALL, WIDE}

    drive(scenario, folders=[workspace])


def test_the_command_line_of_a_refresh_is_for_what_is_missing(drive: Callable[..., None], workspace: Path) -> None:
    path = workspace / "free.py"

    async def scenario(client: Client) -> None:
        asked: dict[str, Any] = {"uri": path.as_uri(), "kernel": "free"}
        found: Any = await client.protocol.send_request_async("helion/refreshCommand", asked)
        assert list(found.command[-6:]) == ["run", f"{path}::free", "--budget", "5", "--target", "sm_90"]
        gone: Any = await client.protocol.send_request_async("helion/refreshCommand", {"uri": (workspace / "gone.py").as_uri()})
        assert "not saved" in gone.message
        plan = ["plan" if word == "run" else word for word in found.command]
        run = subprocess.run([*plan, "--json"], cwd=found.cwd, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout) == [{"file": str(path), "kernel": "free", "signature": None}]

    drive(scenario, folders=[workspace], tuneBudget=5, target="sm_90")


def test_without_trust_nothing_is_read(drive: Callable[..., None], workspace: Path) -> None:
    async def scenario(client: Client) -> None:
        found: Any = await client.protocol.send_request_async("helion/lockOverview", {})
        assert (list(found.rows), found.message) == ([], "the workspace is not trusted")
        refused: Any = await client.protocol.send_request_async("helion/refreshCommand", {"uri": workspace.as_uri()})
        assert "not trusted" in refused.message

    drive(scenario, ready=False, folders=[workspace], trusted=False)
