"""Files, names and keys as people leave them: each is served, or told in a diagnostic with a documented exit code; none is a traceback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from helion.autotune.verdict import Verdict
from helion.cli.__main__ import helion as commands
from helion.cli.exit_codes import NOT_FOUND, OK, PROBLEMS, REFUSED, USAGE
from helion.cli.failure import Failure
from helion.cli.refresh.fleet import DaskFleet
from helion.cli.refresh.serve_item import do
from helion.cli.refresh.work import WorkItem
from helion.cli.write_if_worth import write_if_worth
from helion.cli.write_lock import LockToWrite
from helion.config.config import Config
from helion.locks.audit import KernelLocks, audit_kernels
from helion.locks.entries import LockEntry
from helion.locks.evidence import kept_among
from helion.locks.identity import problem_of_key
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import read_entries, sidecar_path
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from tests.helion_process import run_helion

pytest.importorskip("triton")

TEXT = """
import torch
import helion
import helion.language as hl


@helion.kernel({options})
def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + y[tile]
    return out
"""
ARGS = "f32[8,4], f32[8,4]"
LOCKED = TEXT.format(options='configs={"sm_90": helion.Config(block_sizes=[32, 64])}')
CONFIG = ("--config", '{"block_sizes": [32, 64]}')


def helion(folder: Path, *arguments: str, code: int) -> subprocess.CompletedProcess[str]:
    done = run_helion(*arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "internal-error" not in done.stderr
    return done


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "add.py"
    found.write_text(LOCKED)
    return found


def test_a_merged_sidecar_is_named_by_every_command_and_touched_by_none(path: Path) -> None:
    beside = sidecar_path(path)
    beside.write_text("<<<<<<< HEAD\n{}\n")
    assert "lock-file-unreadable" in helion(path.parent, "check", path.name, code=PROBLEMS).stdout
    rows = json.loads(helion(path.parent, "refresh", "check", path.name, "--json", code=PROBLEMS).stdout)
    assert [(row["state"], "is not JSON" in row["remarks"][0]) for row in rows] == [("broken", True)]
    assert "error: `add.py.helion.lock` is not JSON" in helion(path.parent, "explain", "add.py::add", code=PROBLEMS).stdout
    for command in (("lock", "add.py::add", *CONFIG, "--device", "sm_80"), ("unlock", "add.py"), ("remap", "add.py")):
        assert "mend or remove it first" in helion(path.parent, *command, code=REFUSED).stderr
    assert (path.read_text(), beside.read_text()) == (LOCKED, "<<<<<<< HEAD\n{}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_work_finds_its_file_whatever_its_line_ends_and_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "add.py"
    path.write_bytes(f"# coding: {encoding}\n# é{TEXT.format(options='')}".replace("\n", "\r\n").encode(encoding))
    for place in (path, tmp_path / "elsewhere" / "add.py"):
        options = ("--budget", "0.5", "--effort", "none", "--fresh")
        done = do(WorkItem(str(place), SourceFile.read(path).text, "add", ARGS, "sm_90", options))
        assert (done.problem, len(done.results)) == ("", 1)
    path.write_bytes(path.read_bytes() + b"# more\r\n")
    done = do(WorkItem(str(path), LOCKED, "add", ARGS, "sm_90"))
    assert "another text" in done.problem


def test_keys_that_no_call_finds_are_told(path: Path) -> None:
    locks = """configs={
        "sm90": helion.Config(block_sizes=[32, 64]),
        "NVIDIA H200": {
            "f32[8,4]": helion.Config(block_sizes=[32, 64]),
            "f32[8,4], f32[8": helion.Config(block_sizes=[32, 64]),
            "f32[8,4], f32[8,4]": helion.Config(block_sizes=[32]),
            "f32[8], f32[8]": helion.Config(block_sizes=[32]),
        },
    }"""
    path.write_text(TEXT.format(options=locks))
    found = json.loads(helion(path.parent, "check", path.name, "--json", code=PROBLEMS).stdout)
    assert sorted((f["code"], f["range"]["start"]["line"]) for f in found) == [
        ("config-list-length", 12),
        ("lock-unreachable", 8),
        ("lock-unreachable", 10),
        ("lock-unreachable", 11),
    ]
    rows = json.loads(helion(path.parent, "refresh", "audit", path.name, "--no-inputs", "--json", code=OK).stdout)
    usable = [(row["device"], row["signature"]) for row in rows if row["state"] != "broken"]
    assert usable == [("NVIDIA H200", "f32[8], f32[8]")], "one size fits calls with one; a key that no device has wants no other lock"
    assert sum("no call finds it" in " ".join(row["remarks"]) for row in rows) == 3
    for name in ("sm90", "H200", ""):
        assert "unknown-device" in helion(path.parent, "lock", "add.py::add", *CONFIG, "--device", name, code=USAGE).stderr


@pytest.mark.parametrize(
    "name", ["NVIDIA H200", "NVIDIA GeForce RTX 5090", "Tesla T4", "A100-SXM4-40GB", "AMD Instinct MI300X", "sm_90", "gfx90a", "*"]
)
def test_names_that_devices_have_are_keys(name: str) -> None:
    assert problem_of_key(name) is None


def test_a_place_that_cannot_be_written_is_named(path: Path) -> None:
    out = str(path.parent / "none" / "x.py")
    assert "none" in helion(path.parent, "export", "add.py::add", "--args", ARGS, "--out", out, code=NOT_FOUND).stderr
    path.chmod(0o444)
    assert "read-only" in helion(path.parent, "lock", "add.py::add", *CONFIG, "--device", "sm_80", code=REFUSED).stderr
    missing = helion(path.parent, "unlock", "none.py", code=NOT_FOUND)
    assert missing.stderr == "error[no-such-file]: `none.py` cannot be read or written: No such file or directory\n"


def test_borrowing_nothing_is_said(path: Path) -> None:
    assert (
        "nothing to borrow" in helion(path.parent, "refresh", "borrow", path.name, "--from", "sm_80", "--to", "NVIDIA H200", code=OK).stdout
    )
    done = helion(path.parent, "refresh", "borrow", path.name, "--from", "sm_90", "--to", "NVIDIA H200", "--json", code=OK)
    assert json.loads(done.stdout) == [{"file": "add.py", "kernel": "add", "signature": None}]


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    pytest.importorskip("dask.config").refresh()
    with pytest.raises(Failure, match="does not answer as a Dask scheduler"):
        list(DaskFleet("tcp://127.0.0.1:9").run([]))
    with pytest.raises(Failure, match="does not answer as a Dask scheduler"):
        list(DaskFleet("nonsense://x").run([]))


def test_what_a_refresh_does_not_find_worth_a_lock_is_not_missing(path: Path) -> None:
    """Else `refresh check` would ask for a tuning that never satisfies it."""
    path.write_text(TEXT.format(options=""))
    kernel = parse_module(SourceFile.read(path)).kernels[0]
    evidence: dict[str, Any] = {
        "significant": False,
        "partial": False,
        "method": "measured",
        "ran": "default",
        "kernel_hash": kernel_hash(kernel),
    }
    lock = LockToWrite("add", "NVIDIA H200", ARGS, Config(block_sizes=[8, 8]), evidence)
    write_if_worth(lock, Verdict(False, "no significant change: the default config stays"), kernel, into=None)
    assert path.read_text() == TEXT.format(options="")
    entries = read_entries(sidecar_path(path))

    def state(served: tuple[LockEntry, ...] = (), text: str = TEXT.format(options="")) -> str:
        (now,) = parse_module(SourceFile(str(path), text)).kernels
        locks = tuple((entry, {}) for entry in served)
        rows = audit_kernels([KernelLocks(now, locks, kept_among(entries, now))], (), lambda _: (ARGS,), lambda *_: None)
        return next(row.state for row in rows if (row.device, row.signature) == ("NVIDIA H200", ARGS))

    assert state() == "kept"
    assert state((LockEntry("NVIDIA H200", None, Config(block_sizes=[4, 4])),)) == "missing", "calls run another config by now"
    assert state(text=TEXT.format(options="").replace("+ y", "- y")) == "missing"
    assert state((LockEntry("NVIDIA H200", ARGS, Config(block_sizes=[4, 4])),)) == "unrecorded", "it is evidence of no lock"


def test_locks_for_every_signature_are_compiled_for_examples_or_named(path: Path) -> None:
    done = helion(path.parent, "precompile", path.name, code=OK)
    assert "not compiled are the locks for every signature of sm_90" in done.stderr
    examples = "\n\ndef examples():\n    return [(torch.empty(8, 4), torch.empty(8, 4))]\n\n\n@helion.kernel(inputs=examples, "
    path.write_text(LOCKED.replace("\n\n@helion.kernel(", examples))
    rows = json.loads(helion(path.parent, "precompile", path.name, "--json", code=OK).stdout)
    assert [(row["signature"], row["failure"]) for row in rows] == [(ARGS, None)]


def test_every_command_that_takes_a_kernel_completes_it(path: Path) -> None:
    takes_no_kernel = {"check", "fix", "refresh", "cache", "completion", "lsp", "report", "precompile"}
    for name in set(commands.list_commands(click.Context(commands))) - takes_no_kernel:
        found = commands.get_command(click.Context(commands), name)
        assert found is not None
        argument = next(parameter for parameter in found.params if isinstance(parameter, click.Argument))
        items = argument.shell_complete(click.Context(found), f"{path}::")
        assert [item.value for item in items] == [f"{path}::add"], name


WRAPPED = TEXT.format(options="").replace("@helion.kernel()\n", "") + (
    'fast = helion.kernel(add, configs={"sm90": helion.Config(block_sizes=[32, 64])})\n'
    'slow = helion.kernel(fn=add, configs={"sm_90": helion.Config(block_sizes=[32])}, bogus=1)\n'
)


def test_kernels_that_calls_make_are_checked_and_audited_like_others(path: Path) -> None:
    path.write_text(WRAPPED.replace("y[tile]\n", "z[tile]\n"))
    found = json.loads(helion(path.parent, "check", path.name, "--json", code=PROBLEMS).stdout)
    assert [(f["kernel"], f["code"]) for f in found] == [
        ("fast", "undefined-name"),
        ("slow", "unknown-setting"),
        ("fast", "lock-unreachable"),
    ], "what is wrong with the function is told once"
    path.write_text(WRAPPED)
    rows = json.loads(helion(path.parent, "refresh", "audit", path.name, "--json", code=OK).stdout)
    assert {(row["kernel"], row["device"], row["state"]) for row in rows} == {
        ("fast", "sm90", "broken"),
        ("fast", "sm_90", "missing"),
        ("slow", "sm_90", "broken"),
    }


def test_a_command_that_is_none_is_told_what_it_may_have_meant(path: Path) -> None:
    assert "Did you mean 'check'?" in helion(path.parent, "checks", path.name, code=USAGE).stderr
    assert "No such command 'xyz'" in helion(path.parent, "xyz", code=USAGE).stderr
