"""End to end: hover, diagnostics, fixes, hints, lenses, previews, tune and lock, cancel, a killed worker, no trust."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcRequestCancelled

from tests.lsp.conftest import STALE, TEXT, URI, Client

DOCUMENT = lsp.TextDocumentIdentifier(uri=URI)
FORGOTTEN = TEXT.replace("hl.tile([m, n]):", "hl.tile(m, n):", 1)
ARGS = "bf16[512,512], bf16[512,512]"


def test_hover_hints_lenses(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        text = await client.hover("acc = hl.zeros")
        assert text.startswith("`f32[tile_m, tile_n]` · device")
        assert "block size of the loop at line" in text
        assert (await client.hover("k2, n = y.size()")).startswith("`int(k")
        whole = lsp.Range(start=lsp.Position(line=0, character=0), end=lsp.Position(line=999, character=0))
        hints = await client.text_document_inlay_hint_async(lsp.InlayHintParams(text_document=DOCUMENT, range=whole))
        assert ": f32[tile_m, tile_n]" in [hint.label for hint in hints or []]
        lenses = await client.text_document_code_lens_async(lsp.CodeLensParams(text_document=DOCUMENT))
        assert [lens.command.title for lens in lenses or [] if lens.command][:3] == ["Triton", "Resources", "Tune and lock"]

    drive(scenario, inlayHints={"shapes": True})


def test_one_precise_diagnostic_with_a_fix(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        assert await client.edit(TEXT) == []
        (problem,) = await client.edit(TEXT.replace("x[tile_m, tile_k], y", "x[tile_m, tile_k, tile_k], y", 1))
        assert (problem.code, problem.source) == ("rank-mismatch", "helion")
        (problem,) = await client.edit(FORGOTTEN)
        params = lsp.CodeActionParams(text_document=DOCUMENT, range=problem.range, context=lsp.CodeActionContext(diagnostics=[problem]))
        actions: Any = await client.text_document_code_action_async(params)
        (action,) = [a for a in actions if a.kind == lsp.CodeActionKind.QuickFix]
        (change,) = action.edit.document_changes
        assert change.text_document.version == client.version
        assert change.edits[0].new_text == "[m, n]"
        broken = await client.edit(TEXT.replace("acc = hl.zeros([tile_m,", "acc = hl.zeros([tile_m,(", 1))
        assert "syntax-error" in [d.code for d in broken]
        assert await client.edit(TEXT) == []

    drive(scenario)


def test_previews(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        ask = client.protocol.send_request_async
        triton = await ask("helion/preview", {"uri": URI, "kernel": "matmul", "kind": "triton"})
        lines = triton.text.splitlines()
        dot = next(i for i, line in enumerate(lines) if "tl.dot(" in line)
        start = next(entry[1] for entry in triton.sourceMap if entry[0] == dot)
        assert "torch.addmm" in TEXT.splitlines()[start]
        resources = await ask("helion/preview", {"uri": URI, "kernel": "matmul", "kind": "resources", "target": "sm_90"})
        assert "registers" in resources.text
        gone = await ask("helion/preview", {"uri": URI, "kernel": "nothing", "kind": "triton"})
        assert "there is no kernel" in gone.text

    drive(scenario)


def test_tune_and_lock_is_one_versioned_edit(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        arguments: list[Any] = [URI, "matmul", {"args": ARGS, "target": "sm_90", "budget": 12}]
        answer: Any = await client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=arguments)
        )
        assert answer["locked"], answer["message"]
        assert "estimated" in answer["message"]
        (params,) = client.edits
        (change,) = params.edit.document_changes or []
        assert isinstance(change, lsp.TextDocumentEdit)
        assert change.text_document.version == client.version
        new_text = "".join(e.new_text for e in change.edits if isinstance(e, lsp.TextEdit))
        assert f'"{ARGS}": helion.Config(' in new_text

    drive(scenario)


def test_the_edit_is_asked_again_when_the_text_moved_on(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        client.refused_edits = 1
        arguments: list[Any] = [URI, "matmul", {"args": ARGS, "target": "sm_90", "budget": 12}]
        command = client.workspace_execute_command_async(lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=arguments))
        task = asyncio.ensure_future(command)
        await client.until(lambda: any("best" in message for message in client.progress), 60)
        above = "# a line above\n" + TEXT
        assert await client.edit(above) == []
        answer: Any = await asyncio.wait_for(task, 60)
        assert answer["locked"], answer["message"]
        (params,) = client.edits
        (change,) = params.edit.document_changes or []
        assert isinstance(change, lsp.TextDocumentEdit)
        assert change.text_document.version == client.version
        assert change.edits[0].range.start.line == above.splitlines().index("@helion.kernel")

    drive(scenario)


@pytest.mark.parametrize("how", ["token", "request"])
def test_cancel_ends_the_process_group(drive: Callable[..., None], how: str) -> None:
    async def scenario(client: Client) -> None:
        client.open("# not saved\n" + TEXT)
        arguments: list[Any] = [URI, "matmul", {"args": ARGS, "target": "sm_90", "budget": 100}]
        params = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=arguments)
        future = client.protocol.send_request_async("workspace/executeCommand", params, msg_id="tune")
        task = asyncio.ensure_future(future)
        await client.until(lambda: any("best" in message for message in client.progress), 60)
        assert tuning_processes(client)
        if how == "token":
            client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token=client.tokens[0]))
            answer: Any = await asyncio.wait_for(task, 60)
            assert (answer["locked"], answer["message"]) == (False, "cancelled")
        else:
            client.cancel_request(lsp.CancelParams(id="tune"))
            with pytest.raises(JsonRpcRequestCancelled):
                await asyncio.wait_for(task, 60)
        await client.until(lambda: not tuning_processes(client), 30)
        assert client.edits == []

    drive(scenario)


def tuning_processes(client: Client) -> str:
    """The tunings of one server: each works in a folder of its own in the server's folder for temporary files."""
    pattern = f"helion tune .*{client.temporary}/helion-tune-"
    return subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=False).stdout


def test_a_killed_worker_comes_back(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        before = await client.hover("acc = hl.zeros")
        await client.workspace_execute_command_async(lsp.ExecuteCommandParams(command="helion.restartWorker", arguments=[]))
        await client.hover_settles("acc = hl.zeros", before.split("\n")[0])
        await client.until(lambda: client.states.count("ready") == 2)
        assert [d.code for d in await client.edit(FORGOTTEN)] == ["failed-to-unpack-tile"]

    drive(scenario)


def test_without_trust_only_syntax_is_checked(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: client.states == ["untrusted"])
        assert await client.hover_once("acc = hl") == ""
        assert [d.code for d in await client.edit(TEXT + "(")] == ["syntax-error"]
        assert await client.edit(FORGOTTEN) == []
        params = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=[URI, "matmul", {}])
        answer: Any = await client.workspace_execute_command_async(params)
        assert answer == {"locked": False, "message": "the workspace is not trusted"}
        preview = await client.protocol.send_request_async("helion/preview", {"uri": URI, "kernel": "matmul", "kind": "triton"})
        assert "not trusted" in preview.text
        assert client.states == ["untrusted"]

    drive(scenario, ready=False, trusted=False)


def test_pulled_diagnostics_are_not_pushed_too(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open(FORGOTTEN)
        ask = lsp.DocumentDiagnosticParams(text_document=DOCUMENT)
        report: Any = await client.text_document_diagnostic_async(ask)
        assert [d.code for d in report.items] == ["failed-to-unpack-tile"]
        again: Any = await client.text_document_diagnostic_async(
            lsp.DocumentDiagnosticParams(text_document=DOCUMENT, previous_result_id=report.result_id)
        )
        assert again.kind == "unchanged"
        assert client.published == {}

    documents = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    workspace = lsp.WorkspaceClientCapabilities(diagnostics=lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True))
    drive(scenario, capabilities=lsp.ClientCapabilities(text_document=documents, workspace=workspace))


def test_virtual_documents(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        assert client.offered.workspace is not None
        offered: Any = client.offered.workspace.text_document_content
        assert list(offered.schemes) == ["helion-preview"]
        client.open()
        found: Any = await client.protocol.send_request_async("helion/preview", {"uri": URI, "kernel": "matmul", "kind": "triton"})
        content = await client.workspace_text_document_content_async(lsp.TextDocumentContentParams(uri=found.previewUri))
        assert content.text == found.text

    drive(scenario)


def test_a_hover_in_broken_text_is_the_last_good_one(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        before = await client.hover("acc = hl.zeros")
        typed = TEXT.replace("out = torch.empty(", "zz = undef(((\n    out = torch.empty(", 1)
        await client.edit(typed)
        said = await client.hover("acc = hl.zeros", typed)
        assert said.split("\n")[0] == before.split("\n")[0]

    drive(scenario)


def test_what_half_a_line_hides_is_told_as_it_was_and_marked(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        before = await client.hover("y[tile_k, tile_n])")

        half = TEXT.replace("acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)", "acc = hl.zeros([tile_m, ", 1)
        assert "syntax-error" in [d.code for d in await client.edit(half)]
        said = await client.hover("acc\n", half)
        assert said.startswith("`f32[tile_m, tile_n]`")
        assert said.endswith(STALE)
        await client.edit(TEXT)
        await client.hover_settles("y[tile_k, tile_n])", before.split("\n")[0])

    drive(scenario)


def test_truncated_text_never_breaks_the_server(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        lines = TEXT.splitlines(keepends=True)
        for end in range(lines.index("@helion.kernel\n") + 1, len(lines), 5):
            await client.edit("".join(lines[:end]) + "    v = x[tile_m, (")
        assert await client.edit(TEXT) == []

    drive(scenario)


def test_diagnostics_are_cleared_when_no_kernel_is_left(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open(FORGOTTEN)
        await client.until(lambda: URI in client.published and bool(client.published[URI].diagnostics))
        assert await client.edit("x = 1\n") == []

    drive(scenario)
