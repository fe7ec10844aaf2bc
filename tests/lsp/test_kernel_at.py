"""The kernel that a command at the cursor is about: from the text alone, at once, also where it does not parse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.features.kernel_at import kernel_at
from tests.lsp.conftest import URI, Client

DECORATED = """\
import helion
import helion.language as hl


@helion.kernel
def first(x):
    return x


LIMIT = 4
@helion.kernel(
    config=helion.Config(),
)
def second(x):
    return x
"""
MADE = """\
import helion


def scaled(x):
    return x


fast = helion.kernel(
    scaled,
)
slow = helion.kernel(scaled)
"""


def lines(text: str) -> list[str | None]:
    """What each line is about, from its start and from its end."""
    module = parse_module(SourceFile("kernels.py", text))
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    found = [kernel_at(module, start) for start in starts]
    assert found == [kernel_at(module, end) for end in ends]
    return found


def test_a_kernel_holds_its_decorator_its_signature_its_body_and_what_follows() -> None:
    assert lines(DECORATED) == [None] * 4 + ["first"] * 6 + ["second"] * 6


def test_a_kernel_that_a_call_makes_holds_its_function_and_the_call() -> None:
    assert lines(MADE) == [None] * 3 + ["fast"] * 7 + ["slow"] * 2


@pytest.mark.parametrize("broken", ["    return x +\n", "    return x[\n", "    for tile in hl.tile(\n"])
def test_a_line_that_is_being_typed_changes_nothing(broken: str) -> None:
    text = DECORATED.replace("    return x\n", broken, 1)
    assert lines(text) == lines(DECORATED)


def test_a_file_without_kernels_has_none() -> None:
    assert lines("import helion\n\nprint(1)\n") == [None] * 4
    assert lines("") == [None]


def test_the_server_answers_before_its_checker_is_there(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        asked = {"uri": URI, "position": {"line": client.position("acc = torch.addmm").line, "character": 0}}
        found: Any = await client.protocol.send_request_async("helion/kernelAt", asked)
        assert found.kernel == "matmul"
        assert client.states[-1:] != ["ready"]
        asked = {"uri": URI, "position": {"line": 0, "character": 0}}
        assert await client.protocol.send_request_async("helion/kernelAt", asked) is None
        gone = {"uri": "file:///gone.py", "position": {"line": 0, "character": 0}}
        assert await client.protocol.send_request_async("helion/kernelAt", gone) is None

    drive(scenario, ready=False)
