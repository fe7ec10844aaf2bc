"""One example run as a script, in the interpreting process."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys

import torch


def run_example_file(path: str) -> None:
    """Raises AssertionError when the script does not say that it agrees with torch, and whatever it raises."""
    torch.manual_seed(0)
    sys.argv = [path]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(path, run_name="__main__")
    assert "same as torch" in said.getvalue()
