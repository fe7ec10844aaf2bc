"""Scalars as loop bounds in Triton's interpreter, whose version 3.6 turns one-element arrays into ints as numpy no longer does."""

from __future__ import annotations

from functools import cache
from typing import Any

from triton.runtime import interpreter


@cache
def correct_interpreter_index() -> None:
    """Make the interpreter's scalars give their one element as an int; done once a process, only where the interpreter is in use."""
    module: Any = interpreter
    original = module._patch_lang_tensor

    def patch_lang_tensor(tensor: Any, *scope: Any) -> None:
        original(tensor, *scope)
        tensor.__index__ = lambda self: int(self.handle.data.reshape(()))

    module._patch_lang_tensor = patch_lang_tensor
