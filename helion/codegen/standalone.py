"""A generated module in, the same module needing torch and triton only out.

What calls are told apart by here is checked there: that sizes and strides are multiples of what the device code takes them to be.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from helion.codegen.triton_module import TritonModule

_LAUNCHER = """

def _default_launcher(triton_kernel, grid, *args, num_warps, num_stages, **options):
    if 0 not in grid:
        return triton_kernel[grid](*args, num_warps=num_warps, num_stages=num_stages, **options)
"""
_MULTIPROCESSORS = """

def _get_num_sm(device, *, reserved_sms=0):
    if device.type != "cuda":
        return 1
    count = torch.cuda.get_device_properties(device).multi_processor_count
    return max(1, count - reserved_sms)
"""

_ALLOCATOR = """

def _set_triton_allocator():
    triton.set_allocator(lambda size, alignment, stream: torch.empty(size, dtype=torch.int8, device="cuda"))
"""
WRITTEN_OUT: Mapping[str, str] = MappingProxyType(
    {"_default_launcher": _LAUNCHER, "_get_num_sm": _MULTIPROCESSORS, "_set_triton_allocator": _ALLOCATOR}
)


def standalone_text(module: TritonModule) -> str:
    """The module's text with the functions it imports from here written out."""
    lines = list(_checked(module))
    ours = [line for line in lines if line.startswith("from helion.")]
    last = max(i for i, line in enumerate(lines) if line.startswith(("import ", "from ")))
    written = "".join(text for name, text in WRITTEN_OUT.items() if _imports(ours, name))
    return "\n".join([line for line in lines[: last + 1] if line not in ours]) + "\n" + written + "\n".join(lines[last + 1 :])


def _checked(module: TritonModule) -> Iterator[str]:
    """The lines of the text, before the launch one for each number that the kernel rounds down to a multiple."""
    rounded = [(argument.host_expression, argument.multiple) for argument in module.launch.arguments if argument.multiple > 1]
    for line in module.text.split("\n"):
        if line.lstrip().startswith("_launcher("):
            start = line[: len(line) - len(line.lstrip())]
            for number, multiple in rounded:
                yield f"{start}if {number} % {multiple}:"
                yield f'{start}    raise ValueError("this code is for calls where {number} is a multiple of {multiple}")'
        yield line


def _imports(lines: list[str], name: str) -> bool:
    return any(line.endswith(f" as {name}") for line in lines)


def missing_names(module: TritonModule) -> tuple[str, ...]:
    """What the host function reads of the kernel's own module, so that the text cannot stand alone."""
    tree = ast.parse(module.text)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {
        node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)
    }
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return tuple(sorted(name for name in read - bound if not hasattr(builtins, name)))
