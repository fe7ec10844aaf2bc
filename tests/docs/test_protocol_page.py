"""The protocol's page names every request and command of our own that the server answers, and no other page has a second list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from helion_lsp.create_server import create_server

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "protocol.md").read_text(encoding="utf-8")


def test_every_request_and_command_is_described(page: str) -> None:
    features: Any = create_server(("true",)).protocol.fm
    requests: set[str] = {name for name in features.features if name.startswith("helion/")}
    assert requests <= set(re.findall(r"^## `(helion/\w+)`", page, re.MULTILINE))
    assert {"helion/preview", "helion/lockOverview"} <= requests
    commands: set[str] = set(features.commands)
    described = {name for row in re.findall(r"^\| (`helion\.[^|]*) \|", page, re.MULTILINE) for name in re.findall(r"`(helion\.\w+)`", row)}
    assert commands == described


def test_arguments_stand_in_one_place() -> None:
    tables = [
        path.name
        for path in sorted(DOCS.glob("*.md"))
        if re.search(r"^\|.*`helion\.tuneAndLock`", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert tables == ["protocol.md"]
