"""Kernels by what makes decorators: functions that return them, in every form they are written in, also in other files of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from helion.signatures.written_settings import settings_as_written
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax

MAKERS = """
import functools
import helion

def waits(**options):
    return helion.kernel(static_shapes=False, **options)

def wraps(**options):
    def wrap(fn):
        return helion.kernel(fn, static_shapes=False, **options)
    return wrap

def binds(*, config=None, wide=False, **options):
    return functools.partial(helion.kernel, static_shapes=False, config=config, **options)

def both(fn=None, **options):
    if fn is None:
        return functools.partial(both, **options)
    return helion.kernel(fn, static_shapes=False, **options)

def anonymous(config):
    return lambda fn: helion.kernel(fn, static_shapes=False, config=config)

def forgets(fast, **options):
    helion.kernel(**options)
    return len

def counts(fn):
    return len(fn)

shared = functools.partial(helion.kernel, static_shapes=False)
"""
USES = """
def f(x): ...

@waits()
def one(x): ...

@waits(config=None)
def two(x): ...

@wraps(config=None)
def three(x): ...

@binds(wide=True)
def four(x): ...

@binds(config=None)
def five(x): ...

@both
def six(x): ...

@both(config=None)
def seven(x): ...

@anonymous(None)
def eight(x): ...

@anonymous(config=None)
def nine(x): ...

@shared
def ten(x): ...

@waits
def no(x): ...

@forgets(True)
def neither(x): ...

@counts
def nor(x): ...

eleven = waits(config=None)(f)
twelve = both(f, config=None)
nothing = counts(f)
"""
NAMES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WITH_CONFIG = ["two", "three", "five", "seven", "nine", "eleven", "twelve"]


def kernels(path: str, text: str) -> dict[str, KernelSyntax]:
    return {kernel.qualname: kernel for kernel in parse_module(SourceFile(path, text)).every_kernel}


def hold_for_uses(found: dict[str, KernelSyntax]) -> None:
    assert list(found) == NAMES
    assert [name for name, kernel in found.items() if "config" in kernel.keywords] == WITH_CONFIG
    fixed = [name for name, kernel in found.items() if kernel.decorator is not None and kernel.decorator.is_fixed]
    assert fixed == ["four", "eight"], "`wide` is the maker's own, and a position may mean anything"
    assert not any(settings_as_written(kernel).static_shapes for kernel in found.values())


def test_makers_of_the_file() -> None:
    hold_for_uses(kernels("kernel.py", MAKERS + USES))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "makers.py").write_text(MAKERS, encoding="utf-8")
    (tmp_path / "lib" / "__init__.py").write_text("from . import makers\nfrom .makers import both as again\n", encoding="utf-8")
    return tmp_path


def test_makers_of_another_file(project: Path) -> None:
    text = f"from lib.makers import waits, wraps, binds, both, anonymous, shared, forgets, counts\n{USES}"
    hold_for_uses(kernels(str(project / "use.py"), text))
    assert not kernels("use.py", text), "nobody knows where its imports lead"
    assert not parse_module(SourceFile(str(project / "use.py"), text), follows=False).every_kernel


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from lib import again", "again"),
        ("from lib import again as other", "other(config=None)"),
        ("import lib", "lib.makers.both"),
        ("import lib.makers as made", "made.waits()"),
        ("from lib import makers", "makers.shared"),
        ("from lib.makers import shared\nmine = shared", "mine"),
    ],
)
def test_they_are_found_by_every_name(project: Path, imports: str, decorator: str) -> None:
    assert list(kernels(str(project / "use.py"), f"{imports}\n@{decorator}\ndef one(x): ...\n")) == ["one"]


def test_relative_imports(project: Path) -> None:
    for imports in ("from .makers import both", "from . import again as both", "from .. import lib\nboth = lib.again"):
        assert list(kernels(str(project / "lib" / "use.py"), f"{imports}\n@both\ndef one(x): ...\n")) == ["one"], imports


def test_files_that_import_each_other_end(project: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (project / f"{name}.py").write_text(f"from {other} import kernel\n@kernel\ndef one(x): ...\n", encoding="utf-8")
    assert not kernels(str(project / "a.py"), (project / "a.py").read_text(encoding="utf-8"))


def test_a_maker_that_is_written_anew_is_read_again(project: Path) -> None:
    text = "from lib.makers import later\n@later()\ndef one(x): ...\n"
    assert not kernels(str(project / "use.py"), text)
    (project / "lib" / "makers.py").write_text(f"{MAKERS}\ndef later():\n    return helion.kernel()\n", encoding="utf-8")
    assert list(kernels(str(project / "use.py"), text)) == ["one"]


def test_static_methods_that_a_call_makes() -> None:
    text = "import helion\nclass Ops:\n    def f(x): ...\n    fast = staticmethod(helion.kernel(f, config=None))\nloose = staticmethod(f)\n"
    found = kernels("kernel.py", text)
    assert list(found) == ["Ops.fast"]
    assert list(found["Ops.fast"].keywords) == ["config"]
