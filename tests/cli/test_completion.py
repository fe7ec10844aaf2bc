"""Shells complete kernels behind `FILE::`; bash, which breaks words at colons, as well."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from helion.cli.__main__ import helion
from helion.cli.kernel_name import KernelName

_KERNEL = """
import torch
import helion
import helion.language as hl

@helion.kernel
def scale(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "scaled.py"
    file.write_text(_KERNEL)
    return file


def _script(shell: str) -> str:
    done = CliRunner().invoke(helion, ["completion", shell])
    assert done.exit_code == 0, done.output
    return done.output


def test_kernels_of_the_file_are_offered(path: Path) -> None:
    context, parameter = click.Context(helion), click.Argument(["name"])
    completed = KernelName().shell_complete(context, parameter, f"{path}::sc")
    assert [item.value for item in completed] == [f"{path}::scale"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(shell: str) -> None:
    assert "_HELION_COMPLETE" in _script(shell)


@pytest.mark.parametrize(
    ("typed", "words", "offered"),
    [
        ("helion show {path}::sc", ["helion", "show", "{path}", "::", "sc"], ["scale"]),
        ("helion show {path}::", ["helion", "show", "{path}", "::"], ["scale"]),
        ("helion show --ta", ["helion", "show", "--ta"], ["--target"]),
        ("helion show {path}::scale --ta", ["helion", "show", "{path}", "::", "scale", "--ta"], ["--target"]),
    ],
)
def test_bash_completes_words_that_it_broke_at_colons(path: Path, typed: str, words: list[str], offered: list[str]) -> None:
    broken = " ".join(shlex.quote(word.format(path=path)) for word in words)
    asked = f"COMP_LINE={shlex.quote(typed.format(path=path))} COMP_WORDS=({broken}) COMP_CWORD={len(words) - 1}"
    lines = (_script("bash"), asked, "_helion_completion helion", """printf '%s\\n' "${COMPREPLY[@]}" """)
    commands = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)], capture_output=True, text=True, check=False, env={**os.environ, "PATH": commands}
    )
    assert (done.stdout.split(), done.stderr) == (offered, "")
