"""Methods of attrs' classes that are compiled once and read after that."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from helion_lsp.front.compiled_methods import compiled_methods

CLASSES = "import attrs\n\n@attrs.frozen\nclass Place:\n    line: int\n    column: int = 0\n"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of such classes."""
    path = tmp_path / "places_of_a_test.py"
    path.write_text(CLASSES, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return path


def imported(path: Path) -> Any:
    """The module, as a process that has not seen it imports it."""
    with compiled_methods(path.stem):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = ModuleType(path.stem)
        spec.loader.exec_module(module)
    return module


def kept(path: Path) -> list[Path]:
    return list((path.parent / "__pycache__").glob("*.attrs-methods"))


def holds(module: Any) -> bool:
    first, second = module.Place(1, column=2), module.Place(1)
    return first == module.Place(1, 2) and first != second and repr(second).endswith("Place(line=1, column=0)")


def test_methods_are_compiled_once(places: Path) -> None:
    assert holds(imported(places))
    [file] = kept(places)
    written = file.stat().st_mtime_ns
    compiled = file.read_bytes()
    assert holds(imported(places))
    assert (file.stat().st_mtime_ns, file.read_bytes()) == (written, compiled), "nothing was new"


def test_a_class_that_changed_is_compiled_anew(places: Path) -> None:
    assert holds(imported(places))
    places.write_text(CLASSES.replace("column: int = 0", "column: int = 0\n    file: str = ''"), encoding="utf-8")
    assert imported(places).Place(1, 2, "f").file == "f"


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


def of_another_python(data: bytes) -> bytes:
    return b"other" + data


def emptied(data: bytes) -> bytes:
    return data[:0]


@pytest.mark.parametrize("damage", [cut_short, of_another_python, emptied])
def test_a_file_that_is_damaged_is_written_again(places: Path, damage: Callable[[bytes], bytes]) -> None:
    assert holds(imported(places))
    [file] = kept(places)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert holds(imported(places))
    assert len(file.read_bytes()) == len(whole)


def test_nothing_is_written_where_python_is_to_write_nothing(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert holds(imported(places))
    assert kept(places) == []


def test_a_failing_import_leaves_attrs_as_it_was(places: Path) -> None:
    places.write_text("raise ImportError", encoding="utf-8")
    with pytest.raises(ImportError):
        imported(places)
    make: Any = importlib.import_module("attr._make")
    assert "compile" not in vars(make)
