"""What a strict type checker says of kernels: types in the places that are marked, errors for mistakes, and nothing else."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REVEALED = re.compile(r'^Type of ".*" is "(.*)"$', re.DOTALL)
MARK = re.compile(r"# (revealed|error): (.+)$", re.MULTILINE)

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pyright") is None, reason="needs pyright")


def _said(file: str, mode: str, python_version: str, tmp_path: Path) -> list[tuple[int, str, str]]:
    """Line, `revealed` or `error`, and the type or the rule."""
    config = {"include": ["."], "typeCheckingMode": mode, "pythonVersion": python_version}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / file).write_text((HERE / file).read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said: list[tuple[int, str, str]] = []
    for item in json.loads(done.stdout)["generalDiagnostics"]:
        revealed = REVEALED.match(item["message"])
        line = item["range"]["start"]["line"] + 1
        said.append((line, "revealed", revealed[1]) if revealed else (line, item["severity"], item.get("rule", item["message"])))
    return sorted(said)


def _marks(file: str) -> list[tuple[int, str, str]]:
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    return [(number, found[1], found[2]) for number, line in enumerate(lines, 1) if (found := MARK.search(line))]


@pytest.mark.parametrize("python_version", ["3.11", "3.12"])
@pytest.mark.parametrize(("file", "mode"), [("kernels.py", "strict"), ("mistakes.py", "standard")])
def test_user_file(file: str, mode: str, python_version: str, tmp_path: Path) -> None:
    expected = _marks(file)
    assert expected, "there is something to see"
    assert _said(file, mode, python_version, tmp_path) == expected


def test_the_kernels_are_right(tmp_path: Path) -> None:
    """The compiler finds nothing wrong with them; that device code may not print is left aside."""
    text = (HERE / "kernels.py").read_text(encoding="utf-8")
    (tmp_path / "kernels.py").write_text(re.sub(r"reveal_type\(.*", "pass", text), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "helion", "check", str(tmp_path / "kernels.py")], check=True)


@pytest.mark.parametrize("package", ["helion", "helion_lsp", "helion_codemods"])
def test_packages_say_that_they_are_typed(package: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None and found.origin is not None
    assert (Path(found.origin).parent / "py.typed").exists()
