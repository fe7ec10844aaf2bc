"""Two kernels of one name in one file, as in the branches of an `if`: every command tells them apart, or says that it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helion.autotune.subject import CannotSetUpError
from helion.cli.__main__ import helion
from helion.cli.failure import Failure
from helion.cli.kernel_name import KernelName
from helion.locks.kernel_hash import kernel_hash
from helion.locks.layers import overrides_of
from helion.locks.sidecar import read_entries, sidecar_path
from helion.runtime.import_kernel import import_kernel
from helion.runtime.locks_in_force import evidence_of_lock
from helion.source import SourceFile
from helion.syntax.parse import parse_module

pytest.importorskip("triton")

TEXT = """
import helion
import helion.language as hl
import torch

if torch.__version__ > "0":

    @helion.kernel
    def f(x: torch.Tensor) -> torch.Tensor:
        out = torch.empty_like(x)
        for t in hl.tile(x.size(0)):
            out[t] = x[t] + 1
        return out

else:

    @helion.kernel
    def f(x: torch.Tensor) -> torch.Tensor:
        out = torch.empty_like(x)
        for t in hl.tile(x.size(0)):
            out[t] = x[t] * 2
        return out
"""
FIRST, SECOND = 8, 17


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    found = tmp_path / "two_branches.py"
    found.write_text(TEXT)
    return found


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def command(*arguments: object) -> tuple[int, str]:
        code = helion.main([str(a) for a in arguments], standalone_mode=False)
        return code, capsys.readouterr().out

    return command


def lock(run: Any, path: Path, line: int, block: int) -> None:
    assert run("lock", f"{path}::f@{line}", "--config", f'{{"block_sizes": [{block}]}}', "--device", "sm_90")[0] == 0


@pytest.mark.parametrize(
    "command",
    [
        ("lock", "--config", "{}", "--device", "sm_90"),
        ("tune", "--lock"),
        ("explain",),
        ("bench",),
        ("run",),
        ("show", "--triton"),
    ],
    ids=lambda c: c[0],
)
def test_an_ambiguous_name_is_refused_with_the_lines(run, path: Path, command: tuple[str, ...]) -> None:
    with pytest.raises(Failure, match=f"say which kernel .*: f@{FIRST}, f@{SECOND}") as refused:
        run(command[0], f"{path}::f", *command[1:])
    assert refused.value.exit_code == 2
    assert path.read_text() == TEXT


def test_each_is_locked_and_audited_by_itself(run, path: Path) -> None:
    lock(run, path, SECOND, 128)
    lock(run, path, FIRST, 64)
    first, second = path.read_text().split("else:")
    assert "block_sizes=[64]" in first
    assert "block_sizes=[128]" in second
    lines = [number for number, text in enumerate(path.read_text().splitlines(), 1) if "@helion" in text]
    for name in (path, f"{path}::f"):
        rows = json.loads(run("refresh", "audit", name, "--json")[1])
        assert {(row["kernel"], row["state"]) for row in rows} == {(f"f@{line}", "given") for line in lines}
    # The first is edited: it alone is stale, also after something was written above it.
    path.write_text("# one line more\n" + path.read_text().replace("+ 1", "+ 3"))
    code, output = run("refresh", "check", path, "--json")
    assert (code, [(row["kernel"], row["state"]) for row in json.loads(output)]) == (1, [(f"f@{lines[0] + 1}", "stale")])
    findings = json.loads(run("check", path, "--json")[1])
    assert [f["code"] for f in findings] == ["lock-kernel-changed"]
    assert lines[0] < findings[0]["range"]["start"]["line"] < lines[1]


def test_unlocking_one_keeps_what_is_known_of_the_other(run, path: Path) -> None:
    lock(run, path, SECOND, 128)
    lock(run, path, FIRST, 64)
    assert run("unlock", f"{path}::f@{FIRST}")[0] == 0
    assert [entry["config"] for entry in read_entries(sidecar_path(path))] == [{"block_sizes": [128]}]
    code, output = run("unlock", path, "--json")
    assert (code, [kernel["kernel"] for kernel in json.loads(output)[0]["kernels"]]) == (0, [f"f@{FIRST}", f"f@{SECOND}"])
    assert (path.read_text(), sidecar_path(path).exists()) == (TEXT, False)


def test_a_dry_run_is_of_the_one_that_is_meant(run, path: Path) -> None:
    asked = ("lock", f"{path}::f@{SECOND}", "--config", '{"block_sizes": [16]}', "--device", "sm_90", "--diff")
    assert f"@@ -{SECOND - 3}" in run(*asked)[1]
    assert path.read_text() == TEXT


def test_what_is_measured_is_what_the_import_leaves(path: Path) -> None:
    assert import_kernel(path, "f", 1).name == "f"
    with pytest.raises(CannotSetUpError, match=f"leaves `f@{FIRST}` of its kernels `f`, not the one that is meant"):
        import_kernel(path, "f", 2)


def test_a_live_kernel_reads_its_own_evidence(run, path: Path) -> None:
    lock(run, path, SECOND, 64)
    lock(run, path, FIRST, 64)
    sidecar = sidecar_path(path)
    data = json.loads(sidecar.read_text())
    for entry in data["entries"]:
        entry["us"] = float(entry["nth"])
    sidecar.write_text(json.dumps(data))
    live = import_kernel(path.rename(path.with_name("two_live.py")), "f")
    sidecar.rename(sidecar_path(path.with_name("two_live.py")))
    (entry,) = live.lock_entries()
    assert evidence_of_lock(live, entry)["us"] == 1.0


def test_a_refresh_is_planned_for_each(run, path: Path) -> None:
    code, output = run("refresh", "plan", path, "--target", "sm_90", "--json")
    assert (code, [item["kernel"] for item in json.loads(output)]) == (0, [f"f@{FIRST}", f"f@{SECOND}"])


def test_an_override_is_of_the_kernel_that_it_was_tuned_for(tmp_path: Path, path: Path) -> None:
    first, second = parse_module(SourceFile.read(path)).kernels
    entry = {"kernel": "f", "nth": 2, "kernel_hash": "of an older body", "device": "sm_90", "signature": None, "config": {"num_warps": 8}}
    (tmp_path / "two_branches.helion.lock").write_text(json.dumps({"entries": [entry]}))
    assert overrides_of([tmp_path], "two_branches", first) == ()
    ((found,),) = overrides_of([tmp_path], "two_branches", second)
    assert found.config["num_warps"] == 8


def test_a_report_is_of_the_one_that_is_meant(run, tmp_path: Path, path: Path) -> None:
    trials = tmp_path / "cache" / "trials"
    trials.mkdir(parents=True)
    for number, found in enumerate(parse_module(SourceFile.read(path)).kernels):
        facts = {"kind": "header", "kernel": "f", "file": str(path), "kernel_hash": kernel_hash(found)}
        (trials / f"f-{number:016x}.jsonl").write_text(json.dumps(facts) + "\n")
    for number, line in enumerate((FIRST, SECOND)):
        assert json.loads(run("report", f"{path}::f@{line}", "--json")[1])["log"] == str(trials / f"f-{number:016x}.jsonl")


def test_shells_complete_them_with_their_lines(path: Path) -> None:
    completed = KernelName().shell_complete(None, None, f"{path}::f")  # type: ignore[arg-type]
    assert [item.value for item in completed] == [f"{path}::f@{FIRST}", f"{path}::f@{SECOND}"]
