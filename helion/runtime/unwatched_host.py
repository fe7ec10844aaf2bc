"""The host function of a loaded module in, the one out that allocates past torch's dispatcher, for calls that nothing watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from helion.codegen.allocations import EMPTY_STRIDED
from helion.codegen.triton_module import TritonModule

_TORCH: Any = torch


def unwatched_host(module: TritonModule, host: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """The `host` function of a loaded module as it may run in calls that nothing watches, with the launcher of `host`, whatever that comes
    to be; `host` itself where there is nothing to gain, where torch has no such function for `device`, or where the kernel's module has
    given its name to another."""
    allocate: Any = getattr(_TORCH._C._dynamo.guards, f"_empty_strided_{device.type}", None)
    function: Any = host
    if allocate is None or not module.unwatched or EMPTY_STRIDED in function.__globals__:
        return host
    lines = module.text.split("\n")
    for number, text in module.unwatched:
        lines[number] = text
    first = function.__code__.co_firstlineno - 1
    # Tracebacks show the lines that are in the module's file.
    code = compile("\n" * first + "\n".join(lines[first:]), function.__code__.co_filename, "exec", dont_inherit=True)
    function.__globals__[EMPTY_STRIDED] = allocate
    made: dict[str, Any] = {}
    exec(code, function.__globals__, made)
    found = made[module.launch.host_name]
    found.__defaults__, found.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return found
