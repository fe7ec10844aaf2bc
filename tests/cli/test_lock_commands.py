"""The commands about locks, in this process: audit, check, explain, export, precompile, report, cache."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from helion.autotune.config_cache import CacheKey, write_config
from helion.cli.__main__ import helion
from helion.cli.exit_codes import REFUSED
from helion.cli.failure import Failure
from helion.cli.refresh.work import plan_of
from helion.cli.report.page import page_of
from helion.config.config import Config
from helion.locks.audit import STATES
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import sidecar_text
from helion.locks.versions import current_versions
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.trials.record import read_record

pytest.importorskip("triton")

TEXT = """
import torch
import helion
import helion.language as hl


def examples():
    return {{"small": (torch.randn(64, 32), 2.0), "wide": (torch.randn(64, 512), 2.0)}}


@helion.kernel({options})
def scale(x: torch.Tensor, s: float = 1.0) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = torch.exp(x[tile]) * s
    return out
"""
LOCKS = """configs={{
    "NVIDIA H200": {{
        "f32[64,32], float": helion.Config(block_sizes=[8, 32]),
        "f32[64,512], float": helion.Config(block_sizes=[2, 512], num_warps=8),
    }},
    "sm_80": {{"f32[64,32], float": helion.Config(block_sizes=[4, 32])}},
}}"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a command: its exit code, and what it printed."""
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = helion.main([str(a) for a in arguments], standalone_mode=False)
        return code, capsys.readouterr().out

    return command


def write(folder: Path, options: str = "", text: str = TEXT) -> Path:
    path = folder / "scaled.py"
    path.write_text(text.format(options=options.format()))
    return path


def record(path: Path, device: str, signature: str, **changes: Any) -> dict[str, Any]:
    """Evidence as a tuning leaves it."""
    (kernel,) = parse_module(SourceFile.read(str(path))).kernels
    found = {
        "kernel": "scale",
        "device": device,
        "signature": signature,
        "method": "measured",
        "estimated": False,
        "kernel_hash": kernel_hash(kernel),
        "versions": current_versions(),
        "us": 3.0,
        "date": "2026-11-21",
    }
    return {**found, **changes}


def states(output: str) -> dict[tuple[str, str], str]:
    return {(row["device"], row["signature"]): row["state"] for row in json.loads(output)}


H200, SMALL, WIDE = "NVIDIA H200", "f32[64,32], float", "f32[64,512], float"
FIRST = {"block_sizes": [8, 32]}
SECOND = {"block_sizes": [2, 512], "num_warps": 8}


@pytest.mark.parametrize(
    ("changes", "state", "fails"),
    [
        ({}, "locked", False),
        ({"kernel_hash": "0" * 16}, "stale", True),
        ({"versions": {"triton": "3.1.0"}}, "older", False),
        ({"versions": {name: f"{version.partition('+')[0]}+cu999" for name, version in current_versions().items()}}, "locked", False),
        ({"method": "model", "estimated": True}, "estimated", False),
        ({"method": "borrowed", "borrowed_from": "NVIDIA H100"}, "borrowed", False),
        ({"method": "given"}, "given", False),
        ({"partial": True}, "partial", False),
        ({"config": {"block_sizes": [1, 1]}}, "unrecorded", False),
        ({"space_fingerprint": "x", "sites": {"block_sizes": ["tile_1", "tile_0"]}}, "broken", True),
    ],
)
def test_the_state_of_a_lock(run, tmp_path: Path, changes: dict[str, Any], state: str, fails: bool) -> None:
    path = write(tmp_path, LOCKS)
    others = [record(path, H200, WIDE, config=SECOND), record(path, "sm_80", SMALL, config={"block_sizes": [4, 32]})]
    (tmp_path / "scaled.py.helion.lock").write_text(sidecar_text([{**record(path, H200, SMALL, config=FIRST), **changes}, *others]))
    code, output = run("refresh", "audit", path, "--json", "--no-inputs")
    assert states(output) == {(H200, SMALL): state, (H200, WIDE): "locked", ("sm_80", SMALL): "locked"}
    assert code == 0
    code, output = run("refresh", "check", path, "--json", "--no-inputs")
    assert (code, bool(json.loads(output))) == (1, True) if fails else (0, False)
    if state != "locked":
        assert run("refresh", "check", path, "--no-inputs", "--fail-on", state)[0] == 1


def test_what_inputs_make_is_wanted_on_every_device(run, tmp_path: Path) -> None:
    path = write(tmp_path, f"inputs=examples, {LOCKS}")
    _, output = run("refresh", "audit", path, "--json", "--device", "sm_100")
    found = states(output)
    assert found["sm_80", WIDE] == found["sm_100", SMALL] == found["sm_100", WIDE] == "missing"
    assert len(found) == 6
    served = {(row["device"], row["signature"]): row["served_by"] for row in json.loads(output)}
    assert "nearest signature" in served["sm_80", WIDE]
    assert run("refresh", "check", path)[0] == 1
    code, output = run("refresh", "plan", path, "--target", "sm_80", "--json")
    assert (code, [item["signature"] for item in json.loads(output)]) == (0, [WIDE])


def test_what_could_not_be_locked_is_not_tuned(run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even for a second, and `--into` needs no decorator."""
    path = write(tmp_path, "inputs=examples, configs=[helion.Config(block_sizes=[1, 1]), helion.Config(block_sizes=[2, 2])]")
    (first, _) = json.loads(run("refresh", "audit", path, "--device", "sm_90", "--json")[1])
    assert first["served_by"] == "the fastest of its 2 configs, at the first call"
    assert "nothing to tune" in run("refresh", "plan", path)[1]
    assert helion.main(["refresh", "run", str(path)], standalone_mode=False) == REFUSED
    said = capsys.readouterr().err
    assert said.count("configs= is a list, of which the fastest is taken") == 1, "once, of two signatures"
    assert "0 tuned, 0 failed, 1 refused" in said
    with pytest.raises(Failure, match="is not tuned, as its lock could not be written: configs= is a list"):
        run("tune", f"{path}::scale", "--lock", "--target", "sm_90")
    assert not (tmp_path / "cache" / "trials").exists()
    assert len(json.loads(run("refresh", "plan", write(tmp_path, "inputs=examples"), "--json")[1])) == 2
    path.chmod(0o444)
    with pytest.raises(Failure, match="the file is read-only"):
        run("tune", f"{path}::scale", "--lock", "--target", "sm_90")


BROKEN = "helion.Config(block_sizes=[1, 1, 1, 1])"


@pytest.mark.parametrize(
    ("locks", "said", "not_said"),
    [
        (f"'*': {BROKEN}", ["1 of 1 fail:", "1 for any device: no refresh tunes these; `helion remap", "--device '*'"], "refresh run"),
        (
            f"'sm_80': {BROKEN}",
            ["1 for sm_80: ", "on that device tunes them", "--target sm_80", "helion unlock --device sm_80"],
            "py` tunes them",
        ),
        (f"'NVIDIA X': {BROKEN}", ["1 for NVIDIA X: ", "remap", "on that device", "--device 'NVIDIA X'"], "--target"),
        (f"'sm_90': {BROKEN}, '*': {BROKEN}", ["2 of 2 fail:", "scaled.py` tunes 1 of them\n", "1 for any device"], "on that device"),
        (f"'sm_90': {BROKEN}", ["1 of 1 fail:", "scaled.py` tunes them\n"], "remap"),
    ],
)
def test_check_promises_what_run_here_does(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: str, said: list[str], not_said: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    path = write(tmp_path, f"configs={{{{{locks}}}}}")
    code, output = run("refresh", "check", path.name, "--no-inputs")
    output = output[output.index(" fail:") - 6 :]
    assert code == 1 and all(words in output for words in said), output
    assert not_said not in output
    planned = json.loads(run("refresh", "plan", path.name, "--no-inputs", "--json", "--state", "broken")[1])
    assert len(planned) == ("scaled.py` tunes" in output and "on that device" not in output), "what run covers is what check names"


def test_states_are_known_to_the_plan() -> None:
    assert plan_of([], {}, STATES, target=None, options=(), seconds=1.0) == []


def test_check_tells_of_stale_locks_once_per_text(run, tmp_path: Path) -> None:
    path = write(tmp_path, LOCKS)
    (tmp_path / "scaled.py.helion.lock").write_text(sidecar_text([record(path, H200, SMALL, config=FIRST, kernel_hash="0")]))
    code, output = run("check", path)
    assert code == 0
    assert "warning[lock-kernel-changed]: the lock of `scale` for NVIDIA H200 × f32[64,32], float" in output
    assert run("check", path, "--strict")[0] == 1
    _, output = run("check", path, "--least", "hint", "--format", "sarif")
    (sarif,) = json.loads(output)["runs"]
    levels = [(result["ruleId"], result["level"]) for result in sarif["results"]]
    assert levels == [("lock-kernel-changed", "warning"), ("lock-not-measured", "note"), ("lock-not-measured", "note")]
    region = sarif["results"][0]["locations"][0]["physicalLocation"]["region"]
    line = path.read_text().splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == f'"{SMALL}"'
    place = sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "scaled.py"}, "viewers look for it in the repository"
    rule = sarif["tool"]["driver"]["rules"][0]
    assert (rule["id"], rule["defaultConfiguration"]) == ("lock-kernel-changed", {"level": "warning"})
    assert "body was changed" in rule["shortDescription"]["text"] and "refresh run" in rule["help"]["markdown"]
    elsewhere = tmp_path / "a folder"
    elsewhere.mkdir()
    other = write(elsewhere, LOCKS)
    _, output = run("check", other, "--least", "hint", "--format", "sarif")
    assert f'"uri": "{quote("a folder/scaled.py")}"' in output
    other.unlink()
    _, output = run("check", path, "--format", "github")
    assert re.match(r"::warning file=.*scaled\.py,line=\d+,col=9,.*,title=lock-kernel-changed::the lock of", output)
    kept = list((tmp_path / "cache" / "check").glob("*.json"))
    assert len(kept) == 2, "one a text"
    for file in kept:
        file.write_text(json.dumps({**json.loads(file.read_text()), "findings": []}))
    assert run("check", path)[1] == "0 errors in 1 file\n", "an unchanged text is not checked again"
    checked = run("check", path, "--no-cache")[1]
    assert "lock-kernel-changed" in checked
    assert checked.endswith("0 errors, 1 warning in 1 file\n")
    (tmp_path / "scaled.py.helion.lock").unlink()
    assert "lock-kernel-changed" not in run("check", path)[1], "evidence counts as text"


def test_borrowed_locks_say_whose_they_are(run, tmp_path: Path) -> None:
    path = write(tmp_path, LOCKS)
    (tmp_path / "scaled.py.helion.lock").write_text(sidecar_text([record(path, H200, SMALL, config=FIRST)]))
    code, output = run("refresh", "borrow", path, "--from", H200, "--to", "NVIDIA H100 PCIe")
    assert (code, output.startswith("2 borrowed")) == (0, True)
    _, output = run("refresh", "audit", path, "--json", "--no-inputs")
    assert states(output)["NVIDIA H100 PCIe", SMALL] == "borrowed"
    _, output = run("explain", f"{path}::scale", "--args", SMALL, "--device", "NVIDIA H100 PCIe", "--json")
    explained = json.loads(output)
    assert (explained["evidence"]["borrowed_from"], "us" in explained["evidence"]) == (H200, False)
    assert run("refresh", "borrow", path, "--from", H200, "--to", "NVIDIA H100 PCIe")[1].startswith("nothing to borrow")


def test_explain_says_which_lock_and_why(run, tmp_path: Path) -> None:
    path = write(tmp_path, LOCKS)
    _, output = run("explain", f"{path}::scale", "--args", "f32[64,400], float", "--device", H200)
    assert "the nearest signature locked on `NVIDIA H200`: f32[64,512], float" in output
    assert "helion.Config(block_sizes=[2, 512], num_warps=8)" in output
    assert "hint: nothing is recorded" in output
    _, output = run("explain", f"{path}::scale", "--args", SMALL, "--device", "NVIDIA A100", "--architecture", "sm_80")
    assert "locked for exactly this signature on `sm_80`" in output
    _, output = run("explain", f"{path}::scale", "--args", SMALL, "--device", "sm_100")
    assert "no entry serves these arguments here: on_missing is 'tune'" in output
    assert "there are locks for other devices: NVIDIA H200, sm_80" in output
    assert json.loads(run("explain", "lock-not-measured", "--json")[1])["severity"] == "hint"


ALONE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "helion":
            raise ImportError("the toolkit is not here")
sys.meta_path.insert(0, Refuse())
import exported, torch
for shape in ((64, 32), (64, 512)):
    x = torch.randn(shape)
    torch.testing.assert_close(exported.scale(x, 2.0), x.exp() * 2)
    torch.testing.assert_close(exported.scale(x), x.exp())
for wrong in (torch.randn(64, 33), torch.randn(32, 64).t(), torch.randn(64, 32).half()):
    try:
        exported.scale(wrong)
    except TypeError as refused:
        assert "f32[64,512], float" in str(refused)
    else:
        raise AssertionError(wrong.shape)
"""


def test_an_export_needs_torch_and_triton_only(run, tmp_path: Path) -> None:
    path = write(tmp_path, LOCKS)
    code, output = run("export", f"{path}::scale", "--out", tmp_path / "exported.py", "--json")
    assert code == 0
    assert [(v["device"], v["signature"]) for v in json.loads(output)["variants"]] == [(H200, SMALL), (H200, WIDE), ("sm_80", SMALL)]
    text = (tmp_path / "exported.py").read_text()
    assert "from helion" not in text and "import helion" not in text
    run("export", f"{path}::scale", "--out", tmp_path / "again.py")
    assert (tmp_path / "again.py").read_text() == text
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    done = subprocess.run([sys.executable, "-c", ALONE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_export_with_sizes_as_arguments_serves_them_all(run, tmp_path: Path) -> None:
    path = write(tmp_path, "static_shapes=False")
    run("export", f"{path}::scale", "--args", WIDE, "--out", tmp_path / "exported.py")
    program = "import exported, torch; x = torch.randn(7, 130); torch.testing.assert_close(exported.scale(x, 2.0), x.exp() * 2)"
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("s: float = 1.0", "s: hl.constexpr = 1.0", "is a constexpr"),
        ("s: float = 1.0", "s: float = float(1)", "is computed"),
        ("torch.empty_like(x)", "torch.empty_like(prepared(x))", "reads prepared of scaled.py"),
    ],
)
def test_what_cannot_stand_alone_is_refused(run, tmp_path: Path, old: str, new: str, words: str) -> None:
    path = write(tmp_path, text=TEXT.replace(old, new) + "\n\ndef prepared(x):\n    return x\n")
    with pytest.raises(Failure, match=words):
        run("export", f"{path}::scale", "--args", SMALL)


def test_every_lock_is_compiled_for_its_device(run, tmp_path: Path) -> None:
    path = write(tmp_path, LOCKS)
    code, output = run("precompile", path, "--json")
    rows = json.loads(output)
    assert (code, [row["target"] for row in rows]) == (0, ["sm_90", "sm_90", "sm_80"])
    assert all(row["resources"]["registers"] > 0 for row in rows)
    path.write_text(path.read_text().replace("[8, 32]", "[8, 32, 4]"))
    code, _ = run("precompile", path, "--json")
    assert code == 1


TRIALS = [
    {"us": 10.0, "config": {"block_sizes": [32, 64], "num_warps": 4}},
    {"us": 5.0, "config": {"block_sizes": [64, 64], "num_warps": 4}},
    {
        "us": None,
        "failure": {"kind": "out-of-resources", "message": "needs <300> KiB"},
        "config": {"block_sizes": [256, 64], "num_warps": 4},
    },
    {"us": 9.0, "config": {"block_sizes": [32, 64], "num_warps": 8}},
    {"us": 4.0, "config": {"block_sizes": [64, 64], "num_warps": 8}},
]


def log(folder: Path) -> Path:
    header = {
        "kind": "header",
        "kernel": "scale",
        "signature": SMALL,
        "device": H200,
        "method": "measured",
        "sites": {"block_sizes": ["tile_m", "tile_n"]},
    }
    usual = {"kind": "trial", "generation": 0, "noise_us": 0.1, "failure": None, "seconds": 0.1, "resources": {"registers": 32}, "code": ""}
    lines = [
        header,
        *({**usual, "index": n, **trial} for n, trial in enumerate(TRIALS)),
        {"kind": "result", "search": "pattern", "significant": True, "config": TRIALS[1]["config"], "us": 5.0, "current_us": 9.0},
    ]
    path = folder / "scale-0123.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, lines)) + '\n{"kind": "tri')
    return path


def test_a_report_tells_what_happened_without_anything_from_elsewhere(run, tmp_path: Path) -> None:
    path = log(tmp_path / "cache" / "trials")
    code, output = run("report", "scaled.py::scale", "--json")
    facts = json.loads(output)
    assert (code, facts["log"], facts["best_us"]) == (0, str(path), 4.0)
    assert facts["best_so_far"] == [[1, 10.0], [2, 5.0], [5, 4.0]]
    assert facts["changes"] == [["block_sizes[tile_m]", "32", "64"], ["num_warps", "4", "8"]]
    shares = {influence["knob"]: influence["share"] for influence in facts["influence"]}
    assert list(shares) == ["block_sizes[tile_m]", "num_warps"], "what did not vary has no influence"
    assert shares["block_sizes[tile_m]"] > 0.8 > 0.2 > shares["num_warps"]
    assert facts["failures"] == [{"kind": "out-of-resources", "count": 1, "first": "needs <300> KiB"}]
    run("report", path, "--out", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page == page_of(read_record(path))
    assert not re.search(r"<script|src=|href=|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert "needs &lt;300&gt; KiB" in page
    assert page.count("<circle") == 4
    assert "<h2>Kept</h2><p>5.00 µs; 9.00 µs in use before.</p>" in page, "what was kept, which is not always the fastest trial"
    with pytest.raises(Failure, match="no trial log"):
        run("report", "other")


def test_a_report_is_of_the_file_that_is_named(run, tmp_path: Path) -> None:
    logged = log(tmp_path / "cache" / "trials")
    own = logged.with_name("scale-4567.jsonl")
    header, *rest = logged.read_text().splitlines()
    own.write_text("\n".join([json.dumps({**json.loads(header), "file": str(tmp_path.resolve() / "scaled.py")}), *rest]))
    logged.write_text("\n".join([json.dumps({**json.loads(header), "file": "/elsewhere/scaled.py"}), *rest]))
    os.utime(own, (1, 1))
    assert json.loads(run("report", "scaled.py::scale", "--json")[1])["log"] == str(own), "though the other is newer"
    assert json.loads(run("report", "scale", "--json")[1])["log"] == str(logged), "by the bare name it is the newest"
    with pytest.raises(Failure, match="2 there are of kernels of its name in other files"):
        run("report", "other.py::scale")


def test_a_cache_without_results_leads_to_the_logs(run, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no result of `scale`: calls that tune leave those, and no trial log is of it"):
        run("cache", "explain", "scale")
    logged = log(tmp_path / "cache" / "trials")
    with pytest.raises(Failure, match=f"`helion report {logged.name}` shows:\n  {logged.name}: .* trials"):
        run("cache", "explain", "scaled.py::scale")
    assert json.loads(run("report", logged.name, "--json")[1])["log"] == str(logged), "as it was said"
    write_config(tmp_path / "cache", CacheKey("LocalAutotuneCache", {"kernel": "other"}), Config(block_sizes=[1]))
    with pytest.raises(Failure, match="no trial log is of it; results are of other"):
        run("cache", "explain", "scal")


def test_the_cache_says_why_a_result_is_not_another_calls(run, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    for number, space in enumerate(("a", "b")):
        key = CacheKey("LocalAutotuneCache", {"kernel": "scale", "hardware": H200, "space": space})
        os.utime(write_config(folder, key, Config(block_sizes=[number + 1])), (number, number))
    log(folder / "trials")
    newest, older = json.loads(run("cache", "explain", "scale", "--json")[1])
    assert (newest["config"], newest["differs"]) == ({"block_sizes": [2]}, {})
    assert older["differs"] == {"space": {"own": "a", "newest": "b"}}
    assert "space = a, the newest has b" in run("cache", "explain", "scale")[1]
    listed = json.loads(run("cache", "list", "--json")[1])
    assert (len(listed["results"]), listed["logs"][0]["trials"], listed["logs"][0]["best_us"]) == (2, 5, 4.0)
    assert json.loads(run("cache", "clear", "--dry-run", "--json")[1]) == {
        "deleted": False,
        "files": 3,
        "bytes": sum(listed["bytes"].values()),
    }
    run("cache", "clear", "--kind", "trials")
    assert len(json.loads(run("cache", "list", "--json")[1])["results"]) == 2
    assert "log" not in run("cache", "list")[1].split()[:1], "no table without a row"
    run("cache", "clear")
    assert json.loads(run("cache", "list", "--json")[1])["results"] == []


def test_locks_in_a_constant_are_locks(run, tmp_path: Path) -> None:
    path = write(tmp_path, "configs=LOCKS")
    path.write_text(path.read_text().replace("@helion", 'LOCKS: dict = {"sm_90": helion.Config(block_sizes=[4, 32])}\n\n\n@helion'))
    run("lock", f"{path}::scale", "--config", '{"block_sizes": [4, 8]}', "--device", "sm_80")
    rows = json.loads(run("refresh", "audit", path, "--json")[1])
    assert [(row["device"], row["state"]) for row in rows] == [("sm_90", "unrecorded"), ("sm_80", "given")]
    code, output = run("explain", f"{path}::scale", "--device", "sm_80")
    assert (code, "helion.Config(block_sizes=[4, 8])" in output) == (0, True)
    path.write_text(path.read_text().replace("[4, 32]", "[4, 32], num_warp=4"))
    (found,) = json.loads(run("check", path, "--json")[1])
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if "num_warp=4" in text)
    assert (found["code"], found["range"]["start"]["line"]) == ("unknown-config-key", line)


def test_what_only_an_import_tells_is_not_called_missing(run, tmp_path: Path) -> None:
    path = write(tmp_path, "configs=LOCKS")
    path.write_text(path.read_text().replace("@helion", "from tables import LOCKS\n\n\n@helion"))
    assert run("refresh", "check", path, "--device", "sm_90")[0] == 0
    (row,) = json.loads(run("refresh", "audit", path, "--device", "sm_90", "--json")[1])
    assert (row["state"], "`LOCKS` of its decorator may serve it" in row["remarks"][0]) == ("unrecorded", True)
    assert "`LOCKS` of its decorator may serve them" in run("explain", f"{path}::scale", "--device", "sm_90")[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('configs={{"sm_90": helion.Config(block_sizes=[1])}}', "error: `block_sizes` has 1 entries where this kernel has 2"),
        ('on_missing="error"', "error: such a call raises helion.exc.NoConfigFound"),
        ('configs={{"sm_90": helion.Config(block_sizes=[1, 1])}}', None),
        ("", None),
    ],
)
def test_explain_of_a_call_that_fails_says_so_by_its_exit_code(run, tmp_path: Path, options: str, words: str | None) -> None:
    path = write(tmp_path, options)
    code, output = run("explain", f"{path}::scale", "--args", SMALL, "--device", "sm_90")
    assert (code, "error:" in output) == ((0, False) if words is None else (1, True))
    assert words is None or words in output
    assert run("explain", f"{path}::scale", "--args", SMALL, "--device", "sm_90", "--json")[0] == code


def test_a_lock_that_was_given_is_not_said_to_be_tuned(run, tmp_path: Path) -> None:
    path = write(tmp_path)
    run("lock", f"{path}::scale", "--config", '{"block_sizes": [4, 8]}', "--device", "sm_90")
    path.write_text(path.read_text().replace("* s", "- s"))
    for said in (run("check", path)[1], run("refresh", "audit", path)[1], run("explain", f"{path}::scale", "--device", "sm_90")[1]):
        assert "given" in said
        assert "tuned" not in said


def test_bench_shows_the_default_beside_the_lock(run, tmp_path: Path) -> None:
    path = write(tmp_path, LOCKS)
    code, output = run("bench", f"{path}::scale", "--args", SMALL, "--target", "sm_80", "--config", '{"block_sizes": [1, 1]}', "--json")
    (one,) = json.loads(output)
    assert (code, one["method"]) == (0, "estimated")
    default, locked, given = one["rows"]
    assert [row["what"] for row in one["rows"]] == ["default", "locked (sm_80, exact)", "--config 1"]
    assert locked["config"] == {"block_sizes": [4, 32]}
    assert given["us"] > default["us"]
    assert given["speedup"] == pytest.approx(default["us"] / given["us"])
