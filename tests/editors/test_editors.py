"""Neovim and Emacs themselves, without a screen, configured as docs/editors.md says: a diagnostic, a hover, a preview as a plain file, a lock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.editors.editor_process import answers
from tests.editors.snippets import BEFORE, EXAMPLE, MISTAKE, project, snippet

HERE = Path(__file__).parent


@pytest.fixture
def lacking(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """Skips because something is not installed; under `--require-editors`, fails."""
    return pytest.fail if request.config.getoption("--require-editors") else pytest.skip


def installed(name: str, lacking: Callable[[str], NoReturn]) -> str:
    """The editor beside this Python or on the path."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return found or lacking(f"{name} is not installed")


def version(command: str) -> tuple[int, ...]:
    """The numbers in the first line of what `--version` prints."""
    shown = subprocess.run([command, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    return tuple(int(number) for number in re.findall(r"\d+", shown.partition("\n")[0]))


def check(seen: dict[str, Any], code: str) -> None:
    assert seen.get("problem") is None, seen
    assert [code in found for found in seen["diagnostics"]] == [True], seen["diagnostics"]
    assert "f32[tile_m, tile_n]" in seen["hover"]
    assert "device" in seen["hover"]
    assert "def _helion_matmul(" in seen["preview"]
    assert "locked for sm_90, estimated" in seen["told"]
    assert re.search(r'@helion\.kernel\(\s+configs=\{\s+"sm_90": helion\.Config\(', seen["locked"]), seen["locked"]
    assert seen["undone"] == EXAMPLE.read_text(encoding="utf-8")


def test_neovim(tmp_path: Path, lacking: Callable[[str], NoReturn]) -> None:
    nvim = installed("nvim", lacking)
    if version(nvim) < (0, 11):
        lacking(f"Neovim 0.11 has vim.lsp.config; this is {'.'.join(map(str, version(nvim)))}")
    project(tmp_path)
    config = tmp_path / "init.lua"
    config.write_text(snippet("lua"), encoding="utf-8")
    seen = answers([nvim, "--headless", "--clean", "-u", str(config), "-c", f"luafile {HERE / 'drive.lua'}"], tmp_path)
    check(seen, "dot-shape-mismatch")


def test_emacs(tmp_path: Path, lacking: Callable[[str], NoReturn]) -> None:
    emacs = installed("emacs", lacking)
    if subprocess.run([emacs, "--batch", "--eval", "(require 'eglot)"], capture_output=True, check=False, timeout=60).returncode != 0:
        lacking("this Emacs has no Eglot (Emacs 29, or the package elpa-eglot)")
    project(tmp_path)
    config = tmp_path / "init.el"
    config.write_text(snippet("elisp"), encoding="utf-8")
    seen = answers([emacs, "--batch", "-l", str(config), "-l", str(HERE / "drive.el")], tmp_path)
    check(seen, "dot")


def test_the_mistake_is_one_of_the_example() -> None:
    """The scripts say it in their own languages."""
    assert BEFORE in EXAMPLE.read_text(encoding="utf-8")
    for script in ("drive.lua", "drive.el"):
        text = (HERE / script).read_text(encoding="utf-8")
        assert BEFORE in text
        assert MISTAKE in text
