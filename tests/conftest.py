"""One interpreting process a session; whether editors that are not installed are an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interpreter_process import InterpreterProcess


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-editors", action="store_true", help="tests of Neovim and Emacs fail where those are not installed")


@pytest.fixture(scope="session")
def interpreter() -> Iterator[InterpreterProcess]:
    with InterpreterProcess() as process:
        yield process
