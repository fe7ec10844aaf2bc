"""Elements of tensors: whole axes, tiles, rows through an index, single ones, and where a condition holds."""

from __future__ import annotations

import torch

from tests.fuzz.values import ONE, SIZES, Axis, Value
from tests.fuzz.writer import Rejected, Writer

_MOST_DIMS = 4


def load(w: Writer, axes: tuple[Axis, ...], dtype: str = "") -> Value | None:
    """Values of a tensor at some axes, and sometimes one more of length 1."""
    sizes: list[str] = []
    parts: list[str] = []
    found: list[Axis] = []
    eager: list[str] = []

    def add(size: str, part: str, of_eager: str = "") -> None:
        sizes.append(size)
        parts.append(part)
        eager.append(of_eager or part)

    for name, size in w.grids:
        if w.draw.random() < 0.7:
            add(size, name)
    for axis in axes:
        found.append(axis)
        way = w.draw.random()
        if axis.kind == "tile" and way < 0.1:
            below = w.draw.choice(SIZES)
            rows = w.argument((axis.size,), w.draw.choice(["int32", "int64"]), "indices", below)
            add(below, f"{rows.name}[{axis.subscript}]", f"{rows.name}[{axis.subscript}].long()")
        elif axis.kind == "whole" and way < 0.12:
            add(axis.size, f"0:{axis.size}", ":")
        else:
            add(axis.size, axis.subscript)
        if w.draw.random() < 0.05:
            add(w.draw.choice(["3", "4"]), w.draw.choice(["-1", "0", "2"]))
    if len(sizes) > _MOST_DIMS:
        return load(w, axes, dtype)
    if w.draw.random() < 0.05 and len(sizes) == len(found) > 0:
        parts.append("None")
        eager.append("None")
        found.append(ONE)
    if not sizes:
        add(w.draw.choice(SIZES), "0")
    tensor = w.argument(sizes, dtype)
    text, of_eager = f"{tensor.name}[{', '.join(parts)}]", _one_by_one(tensor.name, eager)
    masked = _masked(w, tensor.name, parts, found, of_eager) if w.draw.random() < 0.08 else None
    text, of_eager = masked or (text, of_eager)
    return w.assign(text, found, exact=True, tolerance=1e-4, eager=of_eager)


def _masked(w: Writer, tensor: str, parts: list[str], axes: list[Axis], eager: str) -> tuple[str, str] | None:
    conditions = [v for v in w.values if v.axes == tuple(axes) and w.dtype(v) == torch.bool and v.exact]
    if not conditions or any(axis.kind != "tile" for axis in axes):
        return None
    condition = conditions[-1].name
    index = ", ".join("slice(None)" if part == ":" else part for part in parts)
    return f"hl.load({tensor}, [{index}], extra_mask={condition})", f"torch.where({condition}, {eager}, 0).to({tensor}.dtype)"


def _one_by_one(tensor: str, parts: list[str]) -> str:
    """A subscript of eager torch: several indices of tensors are the rows and columns of a block, where torch would pair them."""
    indices = sum(".long()" in part for part in parts)
    singles = any(part.lstrip("-").isdigit() or part.startswith("g") for part in parts)
    if indices == 0 or (indices == 1 and not singles):
        return f"{tensor}[{', '.join(parts)}]"
    text, place = tensor, 0
    for part in parts:
        if part.lstrip("-").isdigit() or part.startswith("g"):
            text = f"{text}.select({place}, {part})"
            continue
        if ".long()" in part:
            text = f"{text}.index_select({place}, {part})"
        elif part == "None":
            text = f"{text}.unsqueeze({place})"
        else:
            text = f"{text}[{', '.join([':'] * place + [part])}]"
        place += 1
    return text


def load_exactly(w: Writer, axes: tuple[Axis, ...]) -> Value:
    """A float over exactly these axes."""
    for _ in range(20):
        value = load(w, axes, "float32")
        if value is not None and value.axes == axes:
            return value
    raise Rejected
