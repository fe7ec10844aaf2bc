"""What a strict type checker says of kernels: types in the places that are marked, errors for mistakes, and nothing else."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.typing_public.checker import NEEDS_PYRIGHT, said_by_pyright

HERE = Path(__file__).parent
REVEALED = re.compile(r'^Type of ".*" is "(.*)"$', re.DOTALL)
MARK = re.compile(r"# (revealed|error): (.+)$", re.MULTILINE)

pytestmark = NEEDS_PYRIGHT


def _pyright(files: list[Path], tmp_path: Path, **options: Any) -> list[dict[str, Any]]:
    """What it says of copies of the files that stand in a project of their own."""
    for file in files:
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return said_by_pyright(tmp_path, **options)


def _said(file: str, mode: str, python_version: str, tmp_path: Path) -> list[tuple[int, str, str]]:
    """Line, `revealed` or `error`, and the type or the rule."""
    said: list[tuple[int, str, str]] = []
    for item in _pyright([HERE / file], tmp_path, typeCheckingMode=mode, pythonVersion=python_version):
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


def test_examples(tmp_path: Path) -> None:
    """Names that one `if` binds and another with the same condition reads are usual in kernels; everything else is sound."""
    examples = sorted((HERE.parents[1] / "examples").glob("*.py"))
    assert len(examples) > 10
    assert _pyright(examples, tmp_path, typeCheckingMode="standard", reportPossiblyUnboundVariable=False) == []


@pytest.mark.parametrize("package", ["helion", "helion_lsp", "helion_codemods"])
def test_packages_say_that_they_are_typed(package: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None and found.origin is not None
    assert (Path(found.origin).parent / "py.typed").exists()
