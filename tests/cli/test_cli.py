"""The command line: outputs, JSON forms and exit codes; no failure is a traceback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helion_process import run_helion

ROOT = Path(__file__).parents[2]
MATMUL = str(ROOT / "examples" / "matmul.py")
ARGS = "bf16[512,512], bf16[512,512]"


def helion(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = run_helion(*arguments)
    assert "Traceback" not in done.stderr
    return done


def test_check_of_all_examples() -> None:
    done = helion("check", str(ROOT / "examples"))
    count = len(list((ROOT / "examples").glob("*.py")))
    assert (done.returncode, done.stdout) == (0, f"0 errors in {count} files\n")


def test_check_json(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(Path(MATMUL).read_text().replace("hl.tile([m, n])", "hl.tile(m, n)", 1))
    done = helion("check", str(bad), "--json")
    (problem,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert problem["code"] == "failed-to-unpack-tile"
    assert problem["kernel"] == "matmul"
    assert problem["fixes"][0]["title"] == "Put the sizes in a list"
    shown = helion("check", str(bad)).stdout
    assert shown.endswith("1 error in 1 file\n`helion explain failed-to-unpack-tile` shows how it is mended\n")
    assert set(problem) >= {"file", "kernel", "code", "severity", "message", "range", "fixes"}


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("--types", "acc: f32[tile_m, tile_n] · device"),
        ("--ir", "addmm"),
        ("--space", "block_sizes"),
        ("--triton", "tl.dot("),
        ("--ptx", ".target sm_90"),
        ("--resources", "registers"),
    ],
)
def test_show(stage: str, expected: str) -> None:
    done = helion("show", f"{MATMUL}::matmul", "--args", ARGS, stage)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_show_json_has_the_source_map() -> None:
    data = json.loads(helion("show", f"{MATMUL}::matmul", "--args", ARGS, "--triton", "--json").stdout)
    lines = data["triton"].splitlines()
    source = Path(MATMUL).read_text().splitlines()
    dot = next(i for i, line in enumerate(lines) if "tl.dot(" in line)
    mapped = [start for line, start, _ in data["source_map"] if line == dot]
    assert "torch.addmm" in source[mapped[0]]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "nowhere.py"), 3, "no-such-file"),
        (("show", MATMUL), 2, "several-kernels"),
        (("show", f"{MATMUL}::nothing"), 3, "no-such-kernel"),
        (("show", f"{MATMUL}::matmul", "--args", "bf17[1]"), 2, "bad-signature"),
        (("show", f"{MATMUL}::matmul", "--triton", "--target", "sm_1"), 2, "unknown-target"),
        (("show", f"{MATMUL}::matmul", "--triton", "--config", "{"), 2, "is no config"),
        (("show", f"{MATMUL}::matmul", "--triton", "--config", "block_sizes=[x]"), 2, "is no config"),
        (("show", f"{MATMUL}::matmul", "--triton", "--config", '{"block_sizes": [3]}'), 1, "config-list-length"),
        (("explain", "no-such-code"), 3, "unknown-code"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_failures(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = helion(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr


def test_model_tune_and_lock(tmp_path: Path) -> None:
    """From a lock so slow that the model is sure of a gain."""
    path = tmp_path / "matmul.py"
    path.write_text(Path(MATMUL).read_text())
    name, large = f"{path}::matmul", "bf16[4096,4096], bf16[4096,4096]"
    slow = helion("lock", name, "--config", "block_sizes=[16, 16, 16]", "--device", "sm_90", "--args", large)
    assert slow.returncode == 0, slow.stderr
    done = helion("tune", name, "--args", large, "--target", "sm_90", "--budget", "0.1", "--fresh", "--lock")
    assert done.returncode == 0, done.stderr
    assert "estimated" in done.stdout
    assert f'"{large}": helion.Config(' in path.read_text()
    assert "block_sizes=[16, 16, 16]" not in path.read_text()
    (evidence,) = json.loads((tmp_path / "matmul.py.helion.lock").read_text())["entries"]
    assert (evidence["method"], evidence["estimated"]) == ("model", True)
    assert evidence["us"] < evidence["current_us"]
    again = helion("lock", name, "--config", json.dumps(evidence["config"]), "--device", "sm_90", "--args", large)
    assert again.returncode == 0, again.stderr
    assert helion("check", str(path)).returncode == 0


def test_check_goes_on_after_a_file_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"# \xe9")
    (tmp_path / "b.py").write_text(Path(MATMUL).read_text().replace("hl.tile([m, n])", "hl.tile(m, n)", 1))
    done = helion("check", str(tmp_path))
    assert (done.returncode, "failed-to-unpack-tile" in done.stdout, "not-text" in done.stderr) == (1, True, True)
    missing = helion("check", str(tmp_path / "c.py"), "--json")
    assert (missing.returncode, json.loads(missing.stdout)) == (3, [])
    assert helion("check", str(tmp_path / "c.py")).stdout == ""


def test_version_says_what_a_report_of_a_bug_needs() -> None:
    assert re.fullmatch(r"helion \S+ \(torch \S+, triton \S+, Python \d+\.\d+\.\d+\)\n", helion("--version").stdout)


@pytest.mark.parametrize("config", ['{"block_sizes": [64, 64, 32]}', "helion.Config(block_sizes=[64, 64, 32])", "block_sizes=[64, 64, 32]"])
def test_a_config_may_be_given_as_it_is_printed(config: str) -> None:
    done = helion("show", f"{MATMUL}::matmul", "--args", ARGS, "--config", config, "--triton")
    assert "_BLOCK_SIZE_2 = 32" in done.stdout, done.stderr


def test_a_file_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "matmul.py"
    path.write_bytes("# coding: latin-1\n# größe\n".encode("latin-1") + Path(MATMUL).read_bytes())
    done = helion("lock", f"{path}::matmul", "--config", '{"block_sizes": [64, 64, 32]}', "--device", "sm_90")
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith("# coding: latin-1\n# größe\n".encode("latin-1"))
    assert helion("check", str(path)).returncode == 0


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "inf", "abc"])
def test_a_budget_is_a_positive_time(budget: str) -> None:
    done = helion("tune", f"{MATMUL}::matmul", "--args", "bf16[64,64], bf16[64,64]", "--target", "sm_90", "--budget", budget)
    assert done.returncode == 2
    assert "budget" in done.stderr


def test_of_two_kernels_of_one_name_one_is_named_by_its_line(tmp_path: Path) -> None:
    text = Path(MATMUL).read_text()
    twice = tmp_path / "twice.py"
    start = text.index("@helion.kernel")
    kernel = text[start : text.index("\n\n\n", start)]
    twice.write_text(f"{text[:start]}{kernel}\n\n\n{kernel.replace('dtype=torch.float32', 'dtype=torch.float64', 1)}\n")
    lines = [number for number, line in enumerate(twice.read_text().splitlines(), 1) if line.startswith("@helion.kernel")]
    refused = helion("show", f"{twice}::matmul", "--types")
    assert refused.returncode == 2
    assert f"as FILE::kernel: matmul@{lines[0]}, matmul@{lines[1]}" in refused.stderr
    done = helion("show", f"{twice}::matmul@{lines[1]}", "--types")
    assert done.returncode == 0
    assert "acc: f64[tile_m, tile_n]" in done.stdout


def test_the_space_says_the_default_config_and_what_a_key_left_out_is() -> None:
    shown = helion("show", f"{MATMUL}::matmul", "--args", ARGS, "--space")
    default = re.search(r"^default: Config\(block_sizes=\[\d+, (\d+)", shown.stdout, re.MULTILINE)
    first = re.search(r"^block_sizes +tile_n +default (\d+) \((\d+) when left out\);", shown.stdout, re.MULTILINE)
    assert default is not None, shown.stderr
    assert first is not None, shown.stdout
    assert first[1] == default[1] != first[2]


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_are_for_terminals_that_want_them(tmp_path: Path, environment: dict[str, str], coloured: bool) -> None:
    pty = pytest.importorskip("pty")
    (tmp_path / "broken.py").write_text("import helion\n\n\n@helion.kernel\ndef f(x:\n    return x\n")
    ours, theirs = pty.openpty()
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "helion", "check", "broken.py"]
    with subprocess.Popen(command, stdout=theirs, cwd=tmp_path, env={**plain, "TERM": "xterm", **environment}):
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # which ends a terminal's output
            while more := os.read(ours, 4096):
                shown += more
    os.close(ours)
    assert b"syntax-error" in shown
    assert (b"\x1b[" in shown) == coloured


def test_kernels_of_one_name_are_listed_with_their_lines(tmp_path: Path) -> None:
    kernel = "    @helion.kernel\n    def f(x):\n        for t in hl.tile(x.size(0)):\n            x[t] = 1\n        return x\n"
    file = tmp_path / "two.py"
    file.write_text(f"import helion\nimport helion.language as hl\n\nif helion:\n{kernel}else:\n{kernel}", encoding="utf-8")
    done = helion("show", f"{file}::f@6")
    assert (done.returncode, "its kernels: f@5, f@11" in done.stderr) == (3, True), done.stderr


def test_findings_are_kept_while_the_files_behind_say_the_same(tmp_path: Path) -> None:
    """Also by a relative path, which names no folder to look in."""
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "parts.py").write_text("def part(v):\n    return v + 1\n", encoding="utf-8")
    kernel = "import torch\nimport helion\nimport helion.language as hl\nfrom parts import part\n\n\n@helion.kernel()\n"
    kernel += (
        "def f(x: torch.Tensor):\n    out = torch.empty_like(x)\n    for tile in hl.tile(x.size(0)):\n        out[tile] = part(x[tile])\n"
    )
    (tmp_path / "use.py").write_text(kernel, encoding="utf-8")

    def checked() -> str:
        return run_helion("check", "use.py", "--cache-dir", str(tmp_path / "cache"), cwd=tmp_path).stdout

    assert "0 errors" in checked()
    (tmp_path / "parts.py").write_text("import torch\ndef part(v):\n    return torch.chunk(v, 2)\n", encoding="utf-8")
    first, again = checked(), checked()
    assert "unsupported-split" in first
    assert first == again
