"""Functions and constants of other files of the project are known by their text, and nothing of it is imported."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.project_files import module_file
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals
from helion.types.types import KernelType, NumberType, UnknownType, UserFunctionType
from tests.typecheck.kernels import HEAD


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "acts.py").write_text(
        "import functools\nimport torch\nfrom .consts import SCALE\nfrom pkg.loop import around\n"
        "raise SystemExit('imported')\n"
        "def gelu(v):\n    return v * torch.sigmoid(SCALE * v)\n"
        "@functools.cache\ndef cached(v):\n    return v\n",
        encoding="utf-8",
    )
    (package / "consts.py").write_text("SCALE = 1.702\n", encoding="utf-8")
    (package / "loop.py").write_text("from pkg.acts import around\n", encoding="utf-8")
    (package / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (package / "kernels.py").write_text(f"{HEAD}@helion.kernel\ndef other(x: torch.Tensor): ...\n", encoding="utf-8")
    return tmp_path


def resolve(project: Path, line: str, name: str) -> object:
    file = SourceFile(str(project / "sub" / "main.py"), HEAD + line)
    return FileGlobals(parse_module(file)).resolve(name)


def test_what_other_files_define_is_known(project: Path) -> None:
    gelu = resolve(project, "from pkg.acts import gelu as g\n", "g")
    assert isinstance(gelu, UserFunctionType)
    scale = gelu.names.resolve("SCALE")
    assert isinstance(scale, NumberType)
    assert scale.value == 1.702
    assert isinstance(resolve(project, "from pkg.kernels import other\n", "other"), KernelType)
    assert "pkg.acts" not in sys.modules


@pytest.mark.parametrize(
    "line",
    [
        "from pkg.acts import cached as f",
        "from pkg.acts import around as f",
        "from pkg.broken import f",
        "from pkg.missing import f",
        "from pkg.acts import missing as f",
        "from .sibling import f",
        "from ....... import f",
    ],
)
def test_what_cannot_be_known_is_unknown(project: Path, line: str) -> None:
    assert isinstance(resolve(project, f"{line}\n", "f"), UnknownType | None)


def test_modules_are_looked_for_no_further_than_the_project(project: Path) -> None:
    (project / "inner").mkdir()
    (project / "inner" / "pyproject.toml").touch()
    assert module_file(str(project / "main.py"), "pkg.acts") == project / "pkg" / "acts.py"
    assert module_file(str(project / "inner" / "main.py"), "pkg.acts") is None
    assert module_file(str(project / "pkg" / "acts.py"), ".consts") == project / "pkg" / "consts.py"
    assert module_file(str(project / "pkg" / "acts.py"), "pkg") == project / "pkg" / "__init__.py"
    assert module_file("kernel.py", "pkg.acts") is None


KERNEL = f"""{HEAD}
from pkg.acts import gelu
@helion.kernel
def act(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(m):
        out[tile, :] = gelu(x[tile, :])CHANGE
    return out
"""


@pytest.mark.parametrize(("change", "codes"), [("", []), (".sum(-1)", ["stored-rank-mismatch"])])
def test_a_kernel_is_checked_through_a_function_of_another_file(project: Path, change: str, codes: list[str]) -> None:
    file = SourceFile(str(project / "main.py"), KERNEL.replace("CHANGE", change))
    (kernel,) = parse_module(file).kernels
    names = FileGlobals(kernel.module)
    typed = check_kernel(kernel, infer_signature(kernel, names), names, Settings())
    assert [d.code for d in typed.diagnostics] == codes


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ("GROUP = 16\nX = GROUP // 2", 8),
        ("import math\nX = 1 / math.log(2)", 1 / math.log(2)),
        ("import math as m\nX = -m.log2(m.e)", -math.log2(math.e)),
        ("from pkg.consts import SCALE\nX = SCALE * 2", 3.404),
        ("from typing import Final\nimport math\nX: Final = math.sqrt(4)", 2.0),
        ("Y: int = 3\nX: int = Y << 2", 12),
    ],
)
def test_constants_are_computed_from_constants(project: Path, lines: str, value: float) -> None:
    found = resolve(project, f"{lines}\n", "X")
    assert isinstance(found, NumberType)
    assert found.value == value


def test_the_values_of_a_mapping_are_computed_too(project: Path) -> None:
    found = resolve(project, "import math\nHALF = 2\nX = {'root': math.sqrt(HALF * 2), 'half': HALF}\n", "X")
    assert str(found) == str(resolve(project, "X = {'root': 2.0, 'half': 2}\n", "X"))


@pytest.mark.parametrize(
    "lines",
    [
        "X = X + 1",
        "X: int = X + 1",
        "Y = 1\nif input():\n    Y = 2\nX = Y * 2",
        "X = 1\nX += 1",
        "X = 1\ndef f():\n    global X\n    X = 2",
        "X = 10 ** 10 ** 10",
        "X = 1 << 10 ** 9",
        "X = 1 // 0",
        "import os\nX = os.getpid() * 2",
    ],
)
def test_what_only_running_the_file_tells_is_unknown(project: Path, lines: str) -> None:
    assert isinstance(resolve(project, f"{lines}\n", "X"), UnknownType)
