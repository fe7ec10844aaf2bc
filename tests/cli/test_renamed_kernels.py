"""A kernel that gets another name, or goes: what was measured of it stays with it, or is said to be left over, and is never lost."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from helion.cli.__main__ import helion
from helion.locks.sidecar import read_entries, sidecar_path

pytest.importorskip("triton")

TEXT = """
import helion
import helion.language as hl
import torch


@helion.kernel
def before(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size(0)):
        out[t] = x[t] + 1
    return out
"""
OTHER = """

@helion.kernel
def other(x: torch.Tensor) -> torch.Tensor:
    return x.clone()
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    found = tmp_path / "renamed.py"
    found.write_text(TEXT)
    helion.main(["lock", f"{found}::before", "--config", '{"block_sizes": [32]}', "--device", "sm_90"], standalone_mode=False)
    return found


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def command(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = helion.main([str(a) for a in arguments], standalone_mode=False)
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return command


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_renamed_kernel_is_as_it_was(run, path: Path) -> None:
    edit(path, "def before", "def after")
    rows = json.loads(run("refresh", "audit", path, "--json")[1])
    assert [(row["kernel"], row["state"], row["method"]) for row in rows] == [("after", "given", "given")]
    assert run("check", path, "--least", "warning", "--strict")[0] == 0
    run("lock", f"{path}::after", "--config", '{"block_sizes": [64]}', "--device", "sm_80")
    assert {entry["kernel"] for entry in read_entries(sidecar_path(path))} == {"after"}, "it moves when the file is written to"
    assert [row["state"] for row in json.loads(run("refresh", "audit", path, "--json")[1])] == ["given", "given"]


def test_a_kernel_that_is_renamed_and_changed_is_named(run, path: Path) -> None:
    edit(path, "def before", "def after")
    edit(path, "+ 1", "+ 2")
    code, output = run("check", path)
    assert (code, "warning[lock-evidence-left]" in output) == (0, True)
    assert "keeps evidence of `before` for sm_90" in output
    assert "the same is locked for `after`" in output
    assert run("check", path, "--strict")[0] == 1
    rows = {row["kernel"]: row for row in json.loads(run("refresh", "audit", path, "--json")[1])}
    assert (rows["after"]["state"], rows["before"]["state"]) == ("unrecorded", "left")
    code, output = run("refresh", "check", path)
    assert code == 0
    assert "1 was never measured on its device and passed" in output
    assert "evidence is left of `before` of " in output
    assert run("refresh", "check", path, "--fail-on", "left")[0] == 1
    assert json.loads(run("refresh", "audit", f"{path}::after", "--json")[1])[0]["state"] == "unrecorded", "of one kernel only that"


def test_what_is_left_stays_until_it_is_pruned(run, path: Path) -> None:
    path.write_text(TEXT.replace("before", "after").replace("+ 1", "+ 2") + OTHER)
    kept = read_entries(sidecar_path(path))
    run("lock", f"{path}::after", "--config", '{"block_sizes": [64]}', "--device", "sm_80")
    run("prune", f"{path}::other")
    run("unlock", path)
    assert read_entries(sidecar_path(path)) == kept
    code, output = run("prune", path)
    assert (code, sidecar_path(path).exists()) == (0, False)
    assert "what was recorded of `before`, which is not in it any more, was dropped" in output
    assert "nothing to be pruned" not in output
    assert "nothing to be pruned" in run("prune", path)[1]


def test_a_file_that_lost_its_last_kernel_says_so(run, path: Path) -> None:
    path.write_text("import helion\n")
    assert "keeps evidence of `before`" in run("check", path)[1]
    assert [row["state"] for row in json.loads(run("refresh", "audit", path, "--json")[1])] == ["left"]
    with pytest.raises(click.BadParameter, match="'left' is not one of"):
        run("refresh", "plan", path, "--state", "left")


def test_broken_text_is_not_said_to_have_lost_a_kernel(run, path: Path) -> None:
    edit(path, "def before(x", "def before(x(")
    assert "lock-evidence-left" not in run("check", path)[1]
    assert "left" not in run("refresh", "check", path)[1]
    run("prune", path)
    assert len(read_entries(sidecar_path(path))) == 1
