"""A dtype in, jaxtyping's name for it out; and a text in, the text with such names imported out."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

import torch

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import span_of

_EXACT: Mapping[torch.dtype, str] = MappingProxyType(
    {
        torch.float64: "Float64",
        torch.float32: "Float32",
        torch.float16: "Float16",
        torch.bfloat16: "BFloat16",
        torch.float8_e4m3fn: "Float8e4m3fn",
        torch.float8_e5m2: "Float8e5m2",
        torch.int64: "Int64",
        torch.int32: "Int32",
        torch.int16: "Int16",
        torch.int8: "Int8",
        torch.uint64: "UInt64",
        torch.uint32: "UInt32",
        torch.uint16: "UInt16",
        torch.uint8: "UInt8",
        torch.bool: "Bool",
        torch.complex64: "Complex64",
        torch.complex128: "Complex128",
    }
)


def exact_name(dtype: torch.dtype | None) -> str:
    """`BFloat16`; `Shaped`, which is any, when the dtype is not known."""
    return "Shaped" if dtype is None else _EXACT.get(dtype, "Shaped")


def kind_name(dtype: torch.dtype | None) -> str:
    """`Float` for every dtype of that kind."""
    if dtype is None:
        return "Shaped"
    if dtype.is_floating_point:
        return "Float"
    return "Bool" if dtype == torch.bool else "Complex" if dtype.is_complex else "Integer"


def imports_jaxtyping(text: str) -> bool:
    """Whether the text needs the package."""
    return any(imported.module.partition(".")[0] == "jaxtyping" for imported in parse_module(SourceFile("", text)).imports.values())


def with_import(text: str, names: set[str]) -> str:
    """The text with names of jaxtyping that it lacks imported, in the import that there is or in one behind the file's last."""
    module = parse_module(SourceFile("", text))
    have = {name for name, imported in module.imports.items() if imported.module == "jaxtyping"}
    missing = sorted(names - have)
    if not missing:
        return text
    imports = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        if isinstance(node, ast.ImportFrom) and node.module == "jaxtyping" and node.lineno == node.end_lineno:
            end = span_of(module.file, node.names[-1]).end
            return f"{text[:end]}, {', '.join(missing)}{text[end:]}"
    line = f"from jaxtyping import {', '.join(missing)}"
    if not imports:
        return f"{line}\n{text}"
    end = span_of(module.file, imports[-1]).end
    end = next((i for i in range(end, len(text)) if text[i] == "\n"), len(text))
    return f"{text[:end]}\n{line}{text[end:]}"
