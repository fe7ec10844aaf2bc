"""What a drawn kernel leaves behind: results stored plainly, masked, in place or atomically."""

from __future__ import annotations

import torch

from tests.fuzz.expressions import widened
from tests.fuzz.pointwise import aligned
from tests.fuzz.values import ONE, Axis, Value
from tests.fuzz.writer import Writer

_GATHERED = ("{0} + {1}", "{0} + {1} * 2", "torch.where({1} == {1}, {0}, {1})", "{0} - {1}")
_MOST_GATHERED = 6
_OF_LOW_PRECISION = {"float16": 4e-3, "bfloat16": 3e-2}
_ATOMICS = (
    *(("add", "sum", "{0} + {1}.sum({2})"), ("max", "amax", "torch.maximum({0}, {1}.amax({2}))")),
    *(("min", "amin", "torch.minimum({0}, {1}.amin({2}))"),),
)


def store(w: Writer, tiles: tuple[Axis, ...]) -> None:
    """A result over the tiles and whatever other axes the value still has."""
    fitting = [v for v in w.values if set(tiles) <= set(v.axes) and ONE not in v.axes and len(set(v.axes)) == len(v.axes)]
    value = _with_others(w, w.draw.choice(fitting[-4:]) if fitting else widened(w, tiles))
    dtype = _stored_dtype(w, value)
    own = str(w.dtype(value)).removeprefix("torch.")
    exact = value.exact and (dtype not in _OF_LOW_PRECISION or dtype == own)
    sizes = [*(size for _, size in w.grids), *(axis.size for axis in value.axes)]
    out = w.result(sizes, dtype, exact, max(value.tolerance, _OF_LOW_PRECISION.get(dtype, 0.0)))
    parts = [*(name for name, _ in w.grids), *(axis.subscript for axis in value.axes)]
    index, listed = ", ".join(parts), ", ".join("slice(None)" if part == ":" else part for part in parts)
    plain = f"{out}[{index}] = {value.name}"
    way = w.draw.random()
    masks = [v for v in w.values if w.dtype(v) == torch.bool and v.axes == value.axes and v.exact]
    if way < 0.1:
        w.device_line(f"hl.store({out}, [{listed}], {value.name})")
        w.run(plain)
    elif way < 0.2 and dtype != "bool":
        w.device_line(f"{out}[{index}] += {value.name}")
        w.run(f"{out}[{index}] = ({out}[{index}] + {value.name}).to({out}.dtype)")
    elif way < 0.27 and masks:
        w.device_line(f"hl.store({out}, [{listed}], {value.name}, extra_mask={masks[-1].name})")
        w.run(f"{out}[{index}] = torch.where({masks[-1].name}, {value.name}.to({out}.dtype), {out}[{index}])")
    else:
        w.both(plain)


def _stored_dtype(w: Writer, value: Value) -> str:
    dtype = w.dtype(value)
    own = str(dtype).removeprefix("torch.")
    if dtype == torch.bool:
        return "bool"
    if not dtype.is_floating_point:
        return w.draw.choice([own, "int64", "float32"])
    if w.draw.random() < 0.03 and value.exact:
        return "int32"
    return w.draw.choice([own, "float32", "float32", "float32" if value.exact else "bfloat16"])


def _with_others(w: Writer, value: Value) -> Value:
    """The value with others in scope added: what no result depends on is not compiled."""
    others = [other for other in w.values if other.name != value.name]
    w.draw.shuffle(others)
    for other in others[:_MOST_GATHERED]:
        joined = aligned(w, value, other)
        if joined is None or joined[2] != value.axes:
            continue
        text = w.draw.choice(_GATHERED).format(joined[0], joined[1])
        exact, tolerance = value.exact and other.exact, max(value.tolerance, other.tolerance)
        value = w.assign(text, value.axes, exact, tolerance) or value
    return value


def accumulate(w: Writer, tiles: tuple[Axis, ...]) -> None:
    """What is folded over one tile, gathered from its programs."""
    value = widened(w, tiles)
    dim = w.draw.randrange(len(tiles))
    kept = (*tiles[:dim], *tiles[dim + 1 :])
    out = w.result([axis.size for axis in kept] or ["1"], "float32", value.exact, value.tolerance * 16)
    index = ", ".join(axis.subscript for axis in kept) or "0"
    name, reduction, eager = w.draw.choice(_ATOMICS)
    w.device_line(f"hl.atomic_{name}({out}, [{index}], {value.name}.{reduction}({dim}))")
    w.run(f"{out}[{index}] = {eager.format(f'{out}[{index}]', value.name, dim)}")


def update(w: Writer, tiles: tuple[Axis, ...]) -> None:
    """An argument changed where it is read."""
    value = widened(w, tiles)
    name = w.updated_argument([tile.size for tile in tiles], value.exact, value.tolerance * 2)
    place = f"{name}[{', '.join(tile.subscript for tile in tiles)}]"
    w.both(
        *w.draw.choice(
            [
                (f"{place} = {place} * 2 + {value.name}",),
                (f"{place} += {value.name}", f"{place} *= 2"),
                (f"{place} = {value.name}", f"{place} = {place} + 1"),
            ]
        )
    )
