"""The toolkit's own work on a kernel in, `exc.InternalError` out where it raises what is nobody's diagnostic, with a way to report it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from helion import exc
from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.diagnostics.catalog.runtime import InternalProblem
from helion.source import SourceFile, Span
from helion.syntax.repro_text import Repro

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel

_OURS = Path(__file__).parents[1]


@contextmanager
def reported(kernel: Kernel, repro: Repro, file: SourceFile | None, span: Span) -> Generator[None]:
    """Raises `exc.InternalError` for what is no error of the user's. With `print_repro` a script that does the same is printed first."""
    try:
        yield
    except (exc.Base, KeyboardInterrupt, MemoryError, OSError):
        raise
    except RecursionError as problem:
        words = "an expression nested as deeply as one here"
        raise exc.compile_error([UnsupportedStatement(span, words, "a kernel: give parts of it names")], file) from problem
    except Exception as problem:
        decorator = "@helion.kernel()" if kernel.settings.static_shapes else "@helion.kernel(static_shapes=False)"
        if kernel.settings.print_repro:
            print(repro.script(decorator), file=sys.stderr)
        words = f"{type(problem).__name__}: {problem} ({_place(problem)})"
        raise exc.compile_error([InternalProblem(span, words, kernel.settings.print_repro)], file) from problem


def _place(problem: Exception) -> str:
    """The innermost line of the toolkit's own."""
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if Path(f.filename).is_relative_to(_OURS)]
    return f"{Path(frames[-1].filename).relative_to(_OURS.parent)}:{frames[-1].lineno}" if frames else "?"
