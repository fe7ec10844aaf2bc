"""A diagnostic's short example in, a whole file with the kernel that it is a part of out; knows the names that examples use.

`x`, `y`, `out` and the like are tensors, `bias` has one dimension, `m`, `n`, `k` are sizes, `tile`, `tile_m`, ... tiles of a loop around
the lines, `acc` and `v` values in it. A kernel takes only what its lines mention.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

IMPORTS = (
    "import torch\nfrom jaxtyping import Float, Int8, Int64, UInt64\nfrom torch import Tensor\n\n"
    "import helion\nimport helion.language as hl\n"
)
_FRAGMENTS = "from helion.config.fragments import BooleanFragment, EnumFragment, PowerOfTwoFragment\n"
_OTHER_KERNEL = """@helion.kernel
def other_kernel(x: torch.Tensor):
    for tile in hl.tile(x.size(0)):
        x[tile] = 0


"""
_TENSOR = "torch.Tensor"
_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("x", "y", "q", "out", "x_scale", "y_scale", "lengths", "partial", "gates", "bits", "ids"), _TENSOR),
        "packed": 'Int8[Tensor, "n k"]',
        **dict.fromkeys(("total", "lock", "seen", "checksum", "all_positive", "column_max", "column_min"), _TENSOR),
        "bias": 'Float[Tensor, "n"]',
        "index": 'Int64[Tensor, "n"]',
        "pointers": 'UInt64[Tensor, "k"]',
        **dict.fromkeys(("tensors", "xs"), "tuple[torch.Tensor, torch.Tensor]"),
        **dict.fromkeys(("m", "n", "k", "batch", "times", "groups", "seed"), "int"),
        "dropout": "float",
        "flag": "bool",
    }
)
_TILES: Mapping[str, str] = MappingProxyType(
    {"tile": "n", "tile_b": "batch", "outer": "m", "tile_m": "m", "tile_n": "n", "inner": "n", "tile_k": "k", "row": "n", "group": "groups"}
)
_HOST: Mapping[str, str] = MappingProxyType(
    {
        "x_f32": "x.to(torch.float32)",
        "x_fp8": "x.to(torch.float8_e4m3fn)",
        "y_fp8": "y.to(torch.float8_e4m3fn)",
        "y_bf16": "y.to(torch.bfloat16)",
    }
)
_DEVICE: Mapping[str, str] = MappingProxyType(
    {
        "acc": "hl.zeros([tile_m, tile_n], dtype=torch.float32)",
        "a": "x[tile_m, tile_k].to(torch.bfloat16)",
        "b": "y[tile_k, tile_n].to(torch.bfloat16)",
        "v": "x[tile]",
        "mask": "tile_m.index > 3",
        "row_sum": "x[tile_m, tile_n].sum(-1)",
        "even": "x[tile_m, tile_n]",
        "odd": "y[tile_m, tile_n]",
        "value": "torch.stack([x[tile], y[tile]], dim=-1)",
    }
)
_EMPTY_LOOP = re.compile(r"^( *)for (.+) in (hl\.(?:jagged_)?(?:tile|grid)\(.*\)): \.\.\.(.*)$", re.MULTILINE)
_ON_HOST = re.compile(r"^(for .* in hl\.(tile|grid)\(|if flag|return\b)|hl\.(register|specialize)|Fragment\(", re.MULTILINE)


def whole_file(example: str) -> str:
    """The file that an example stands for; one that defines a kernel is whole but for its imports."""
    targets = iter(("out", "y", "partial"))  # loops that store into one tensor would depend on each other
    text = _EMPTY_LOOP.sub(
        lambda loop: f"{loop[1]}for {loop[2]} in {loop[3]}:{loop[4]}\n{loop[1]}    {next(targets)}[{loop[2]}] = 0", example
    )
    head = IMPORTS + (_FRAGMENTS if "Fragment" in text else "") + "\n\n" + (_OTHER_KERNEL if "other_kernel" in text else "")
    if "@helion.kernel" in text:
        return f"{head}{text}\n"
    helpers, body = _helpers_and_body(text)
    return head + helpers + _kernel(body)


def _helpers_and_body(text: str) -> tuple[str, str]:
    """The functions that an example begins with, which do not belong into the kernel, and the rest."""
    lines = text.split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith(("def ", " "))), len(lines))
    return "".join(f"{line}\n" for line in lines[:count]) + ("\n\n" if count else ""), "\n".join(lines[count:])


def _kernel(text: str) -> str:
    free = _free_names(text)
    on_host = _ON_HOST.search(text) is not None and not free & (_TILES.keys() | _DEVICE.keys())
    device: list[str] = []
    if not on_host:
        device = [*(f"{name} = {_DEVICE[name]}" for name in _DEVICE if name in free), *text.split("\n")]
        names = free | _words("\n".join(device[: -text.count("\n") - 1]))
        tiles = [name for name in _TILES if name in names] or ["tile"]
        outer = [name for name in tiles if name != "tile_k"] or tiles
        if len(outer) < len(tiles):
            first = [line for line in device if line.startswith("acc = hl.zeros")]
            device = [*first, *_loop(["tile_k"], [line for line in device if line not in first])]
        if not _stores(text):
            device.append(f"out[{', '.join(outer)}] = 0")
        device = list(_loop(outer, device))
    elif "hl.tile(" not in re.sub(r"= hl\.tile", "", text) and "return" not in text:
        text += "\nfor tile in hl.tile(n):\n    out[tile] = 0"
    host = [f"{name} = {_HOST[name]}" for name in _HOST if name in free]
    body = [*host, *(device or text.split("\n"))]
    used = _words("\n".join(body))
    parameters = ", ".join(
        f"{name}: {type_}" for name, type_ in _PARAMETERS.items() if name in used and name in _free_names("\n".join(body))
    )
    return f"@helion.kernel\ndef kernel({parameters}):\n" + "".join(f"    {line}\n" for line in body)


def _loop(names: list[str], lines: list[str]) -> Iterator[str]:
    sizes = ", ".join(_TILES[name] for name in names)
    yield f"for {', '.join(names)} in hl.tile({sizes if len(names) == 1 else f'[{sizes}]'}):"
    yield from (f"    {line}" for line in lines)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))


def _stores(text: str) -> bool:
    """Whether device code keeps anything."""
    return (
        "hl.atomic" in text
        or "hl.store" in text
        or "hl.barrier" in text
        or re.search(r"^ *(out|partial|x|y)\[.*\] = ", text, re.MULTILINE) is not None
    )


def _free_names(text: str) -> set[str]:
    """Names that are read before the lines give them a value; of lines that do not parse, every word."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return _words(text)
    bound: set[str] = set()
    free: set[str] = set()
    for statement in _statements(tree.body):
        parts = [statement.iter, statement.target] if isinstance(statement, ast.For) else _own_parts(statement)
        names = [node for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)]
        free |= {node.id for node in names if isinstance(node.ctx, ast.Load)} - bound
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name) and statement.target.id not in bound:
            free.add(statement.target.id)
        bound |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return free


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for block in ("body", "orelse"):
            yield from _statements(getattr(statement, block, []))


def _own_parts(statement: ast.stmt) -> list[ast.AST]:
    """The expressions of a statement without its blocks."""
    return [part for part in ast.iter_child_nodes(statement) if not isinstance(part, ast.stmt)]
