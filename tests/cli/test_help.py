"""What a newcomer reads: every command's help says all of it, in the same words for the same thing; and `helion run` for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from helion.cli.__main__ import helion

pytest.importorskip("triton")

KERNEL = """
import torch
import helion
import helion.language as hl


@helion.kernel
def inverse(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = 1 / (x[tile] - x[tile])
    return out
"""


def commands(group: click.Group = helion, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command with its words, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield " ".join((*words, name)), found
        if isinstance(found, click.Group):
            yield from commands(found, (*words, name))


EVERY = dict(commands())


@pytest.mark.parametrize("name", EVERY)
def test_help_says_all_of_it(name: str) -> None:
    done = CliRunner().invoke(helion, [*name.split(), "--help"])
    assert done.exit_code == 0
    assert "..." not in done.output.partition("Commands:")[2], "a group's list says each command in full"
    for option in EVERY[name].params:
        if isinstance(option, click.Option):
            assert option.help, option.name
            is_plain = option.is_flag or isinstance(option.type, click.Choice)
            assert is_plain or option.make_metavar(click.Context(EVERY[name])) not in ("TEXT", "INTEGER", "FLOAT", "INTEGER RANGE"), (
                option.name
            )


def test_every_command_stands_in_the_list_once() -> None:
    lines = CliRunner().invoke(helion, ["--help"]).output.splitlines()
    names = [name for name in EVERY if " " not in name]
    assert [line.split()[0] for line in lines if line.startswith("  ") and line.strip().split()[0] in names] == names


def test_what_prints_more_than_a_line_prints_json() -> None:
    without = {
        name for name, found in EVERY.items() if not any("--json" in p.opts for p in found.params) and not isinstance(found, click.Group)
    }
    assert without == {"completion", "lsp", "refresh worker"}


def test_a_run_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON has no word for what is no number."""
    path = tmp_path / "inverse.py"
    path.write_text(KERNEL)
    monkeypatch.setenv("HELION_INTERPRET", "1")
    command = [sys.executable, "-m", "helion", "run", f"{path}::inverse", "--args", "f32[4,4]"]
    found = json.loads(subprocess.run([*command, "--json"], capture_output=True, check=True).stdout, parse_constant=pytest.fail)
    assert found == {
        "example": None,
        "arguments": "f32[4,4]",
        "results": [{"type": "f32[4,4]", "min": "inf", "mean": "inf", "max": "inf"}],
    }
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown == "made-up arguments: f32[4,4]\nf32[4,4] min inf mean inf max inf\n"
