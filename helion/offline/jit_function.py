"""Generated text in, its loaded `@triton.jit` function out; writes no file, `inspect` reads the text from `linecache`."""

from __future__ import annotations

import contextlib
import hashlib
import linecache
import types
from collections.abc import Generator
from typing import Any

from helion.codegen.triton_module import TritonModule


def file_name_of(module: TritonModule) -> str:
    """The name the text is compiled under: it depends on the text alone, so that debug information is the same on every run."""
    return f"helion_{hashlib.sha256(module.text.encode()).hexdigest()[:16]}.py"


@contextlib.contextmanager
def loaded_function(module: TritonModule) -> Generator[Any]:
    """The kernel function of a module. Runs the text's imports and definitions, not its host function; raises what they raise."""
    name = file_name_of(module)
    lines = module.text.splitlines(keepends=True)
    linecache.cache[name] = (len(module.text), None, lines, name)
    try:
        namespace = types.ModuleType(name.removesuffix(".py"))
        namespace.__file__ = name
        exec(compile(module.text, name, "exec"), namespace.__dict__)
        yield getattr(namespace, module.launch.kernel_name)
    finally:
        linecache.cache.pop(name, None)
