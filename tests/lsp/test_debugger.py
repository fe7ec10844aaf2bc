"""A breakpoint inside a tile loop stops a kernel that is run by the command line that the server gives for it."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from tests.lsp.conftest import Client
from tests.lsp.debug_client import DebugClient

KERNEL = """import torch
import helion
import helion.language as hl


@helion.kernel
def double(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        value = x[tile] * 2
        out[tile] = value
    return out
"""
LINE = KERNEL.splitlines().index("        out[tile] = value") + 1


def test_a_breakpoint_in_a_tile_loop(drive: Any, tmp_path: Path) -> None:
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def scenario(client: Client) -> None:
        item = lsp.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=KERNEL)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        asked = {"uri": path.as_uri(), "kernel": "double", "mode": "debug", "port": port}
        found: Any = await client.protocol.send_request_async("helion/runCommand", asked)
        env = {**os.environ, **found.env._asdict()}
        with subprocess.Popen(found.command, cwd=found.cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                debugger = DebugClient(port)
                stopped = debugger.stop_at(str(path), LINE)
                debugger.close()
            finally:
                process.kill()
        assert (stopped.name, stopped.line) == ("double", LINE)
        assert stopped.variables["value"].startswith("tensor(")
        assert stopped.variables["tile"].startswith("tile[0:")

    drive(scenario)
