"""One interpreting process a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interpreter_process import InterpreterProcess


@pytest.fixture(scope="session")
def interpreter() -> Iterator[InterpreterProcess]:
    with InterpreterProcess() as process:
        yield process
