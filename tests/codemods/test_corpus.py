"""A part of the corpus run: files of installed packages with kernels mixed in; `python -m tests.codemods.corpus PACKAGE...` takes all."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from tests.codemods.corpus import bare, differences, files_of, mixed, problems

FILES = [path for package in ("click", "json") for path in files_of(package)]


def test_there_are_files() -> None:
    assert len(FILES) > 15


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_only_what_was_meant_changes(path: Path) -> None:
    file = mixed(path, random.Random(path.name))
    if file is not None:
        assert list(problems(file)) == []


def test_a_difference_would_be_seen() -> None:
    path = next(path for path in FILES if path.name == "decoder.py")
    file = mixed(path, random.Random(0))
    assert file is not None
    changed = type(file)(file.path, (file.pieces[0] + "x = 1\n", file.pieces[1]), file.kernels)
    assert list(differences(changed, file.text, ast.dump(bare(ast.parse(changed.text))))) != []
