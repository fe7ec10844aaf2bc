"""An interpreter that has the toolkit and not torch, or a torch that does not load: one message, syntax, and no waiting."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.lsp.conftest import URI, Client

WORDS = {
    'raise ModuleNotFoundError("No module named \'torch\'", name="torch")': f"torch is not installed for {sys.executable}",
    'raise ImportError("libcudart.so.12: no such file")': f"{sys.executable} cannot load the checker: ImportError: libcudart.so.12: no such file",
}


def command_with_torch(folder: Path, text: str) -> tuple[str, ...]:
    """A server whose torch is this text."""
    (folder / "torch.py").write_text(text, encoding="utf-8")
    return ("env", f"PYTHONPATH={folder}", sys.executable, "-m", "helion_lsp")


@pytest.mark.parametrize("text", WORDS)
def test_one_message_says_why_and_syntax_is_still_checked(drive: Callable[..., None], tmp_path: Path, text: str) -> None:
    shown: list[str] = []

    def listen(client: Client) -> None:
        @client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def show(params: lsp.ShowMessageParams) -> None:
            shown.append(params.message)

    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: "broken" in client.states)
        assert client.states.count("warming") == 1, "a second try would say the same"
        for kind in ("triton", "resources"):
            found = await client.protocol.send_request_async("helion/preview", {"uri": URI, "kernel": "matmul", "kind": kind})
            assert WORDS[text] in found.text
        outline = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(URI)))
        assert outline
        broken = await client.edit("import helion\ndef f(:\n")
        assert [d.code for d in broken] == ["syntax-error"]
        assert shown == [f"Helion: only syntax is checked: {WORDS[text]}"]

    drive(scenario, ready=False, command=command_with_torch(tmp_path, text), before=listen)


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    command = command_with_torch(tmp_path, next(iter(WORDS)))
    kernel = tmp_path / "kernel.py"
    kernel.write_text("import helion\n", encoding="utf-8")
    done = subprocess.run(
        [*command[:3], "-P", "-m", "helion", "tune", f"{kernel}::f"], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stderr.strip() == f"error[not-installed]: `torch` is not installed for {sys.executable}"
    assert done.returncode == 3


@pytest.mark.parametrize("command", ["helion.acceptLock", "helion.codemod"])
def test_nothing_waits_for_a_worker_that_trust_forbids(drive: Callable[..., None], command: str) -> None:
    given = {"helion.acceptLock": [URI, "matmul", {"device": "sm_90"}], "helion.codemod": [URI, "prune", {"kernel": "matmul"}]}

    async def scenario(client: Client) -> None:
        client.open()
        told = await client.workspace_execute_command_async(lsp.ExecuteCommandParams(command, given[command]))
        assert told["message"] == "the workspace is not trusted"

    drive(scenario, ready=False, trusted=False)
