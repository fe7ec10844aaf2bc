"""A generated module in, the same module needing torch and triton only out.

What calls are told apart by here is checked there: that sizes and strides are multiples of what the device code takes them to be.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

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


def standalone_text(module: TritonModule) -> str:
    """The module's text with the functions it imports from here written out."""
    lines = _checked(module.text).split("\n")
    ours = [line for line in lines if line.startswith("from helion.")]
    last = max(i for i, line in enumerate(lines) if line.startswith(("import ", "from ")))
    written = "".join(text for name, text in (("_default_launcher", _LAUNCHER), ("_get_num_sm", _MULTIPROCESSORS)) if _imports(ours, name))
    return "\n".join([line for line in lines[: last + 1] if line not in ours]) + "\n" + written + "\n".join(lines[last + 1 :])


def _checked(text: str) -> str:
    """With a line before each launch for each number that its kernel rounds down to a multiple."""
    module, lines = ast.parse(text), text.split("\n")
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    launches = [node for node in ast.walk(module) if isinstance(node, ast.Call) and ast.unparse(node.func) == "_launcher"]
    for launch in sorted(launches, key=lambda node: node.lineno, reverse=True):
        kernel = functions[ast.unparse(launch.args[0])]
        given = dict(zip((arg.arg for arg in kernel.args.args), map(ast.unparse, launch.args[2:]), strict=False))
        line = lines[launch.lineno - 1]
        start = line[: len(line) - len(line.lstrip())]
        lines[launch.lineno - 1 : launch.lineno - 1] = [
            f"{start}if {given[name]} % {multiple}:\n"
            f'{start}    raise ValueError("this code is for calls where {given[name]} is a multiple of {multiple}")'
            for name, multiple in _multiples(kernel)
        ]
    return "\n".join(lines)


def _multiples(kernel: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    for statement in kernel.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.BinOp(
                    ast.BinOp(ast.Name(id=read), ast.FloorDiv(), ast.Constant(int(divisor))), ast.Mult(), ast.Constant(int(factor))
                ),
            ) if (name, divisor) == (read, factor):
                yield name, divisor
            case _:
                pass


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
