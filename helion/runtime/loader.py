"""A generated module's text in, its host function out: written to the cache under its hash, imported from there."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helion.codegen.triton_module import TritonModule
from helion.runtime.direct_launch import DirectLauncher, LauncherMaker
from helion.runtime.environment import cache_directory, is_triton_interpreter
from helion.runtime.host_descriptor import HostDescriptor


def write_module(module: TritonModule) -> Path:
    """The file that holds the module, written atomically unless it is there already. Raises OSError."""
    digest = hashlib.sha256(module.text.encode()).hexdigest()[:24]
    path = cache_directory() / "code" / f"{module.launch.host_name}_{digest}.py"
    write_once(path, module.text)
    return path


def write_once(path: Path, text: str) -> None:
    """A file whose name says its content, written atomically unless it is there already. Raises OSError."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


def load_module(module: TritonModule, function: types.FunctionType, make_launcher: LauncherMaker) -> Callable[..., Any]:
    """The module's host function, with the defaults of the kernel's `function`; names that its host statements read are that one's.

    It launches with what `make_launcher` gives, or with what that links in its place, unless a call gives another as `_launcher`.
    """
    path = write_module(module)
    spec = importlib.util.spec_from_file_location(f"helion_generated.{path.stem}", path)
    assert spec is not None and spec.loader is not None
    loaded: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    if is_triton_interpreter():
        corrections: Any = importlib.import_module("helion.runtime.interpreter.corrections")  # imports Triton
        corrections.correct_interpreter(loaded)
    host: Any = getattr(loaded, module.launch.host_name)
    host.__defaults__ = function.__defaults__
    defaults: dict[str, Any] = {}
    defaults["_launcher"] = make_launcher(module.launch, functools.partial(defaults.__setitem__, "_launcher"))
    host.__kwdefaults__ = defaults
    kernel_globals = function.__globals__
    namespace = loaded.__dict__
    if "TensorDescriptor" in namespace and isinstance(defaults["_launcher"], DirectLauncher):
        namespace["TensorDescriptor"] = HostDescriptor
    for name in host.__code__.co_names:
        if name not in namespace and name in kernel_globals:
            namespace[name] = kernel_globals[name]
    namespace["kernel_globals"] = kernel_globals
    return host
