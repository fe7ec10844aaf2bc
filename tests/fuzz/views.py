"""Values whose elements stand elsewhere: permuted, joined, gathered; and values that are made of nothing but a shape."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.values import ONE, Axis, Value
from tests.fuzz.writer import Writer

_INDICES = (
    *(("{}.index", "{}"), ("{}.index % 5", "{} % 5"), ("{}.index * 2 - 3", "{} * 2 - 3"), ("({}.index > 2)", "({} > 2)")),
    *(("{}.index.to(torch.float32) * 0.5", "{}.to(torch.float32) * 0.5"), ("hl.tile_index({})", "{}")),
    *(("{0}.index - {0}.begin + {0}.begin", "{}"), ("({0}.index - {0}.index // 3 * 3)", "{} % 3")),
)
_FACTORIES = (
    *("hl.full([{}], 1.5)", "hl.zeros([{}], dtype=torch.int32)", "torch.ones([{}])", "hl.full([{}], 2, dtype=torch.float16)"),
    *("torch.zeros([{}], dtype=torch.bool)", "torch.full([{}], 3)", "hl.full([{}], True, dtype=torch.bool)"),
)


def _permute(w: Writer, value: Value) -> Value | None:
    order = list(range(len(value.axes)))
    w.draw.shuffle(order)
    text = f"{value.name}.permute({', '.join(map(str, order))})"
    return w.assign(text, [value.axes[place] for place in order], value.exact, value.tolerance)


def _transpose(w: Writer, value: Value) -> Value | None:
    if len(value.axes) < 2:
        return None
    axes = list(value.axes)
    i, j = w.draw.sample(range(len(axes)), 2)
    axes[i], axes[j] = axes[j], axes[i]
    form = w.draw.choice(["{}.transpose({}, {})", "torch.swapaxes({}, {}, {})", "torch.transpose({}, {}, {})"])
    return w.assign(form.format(value.name, i, j), axes, value.exact, value.tolerance)


def _unsqueeze(w: Writer, value: Value) -> Value | None:
    place = w.draw.randrange(len(value.axes) + 1)
    form = w.draw.choice(["{}.unsqueeze({})", "torch.unsqueeze({}, {})"])
    axes = [*value.axes[:place], ONE, *value.axes[place:]]
    return w.assign(form.format(value.name, place), axes, value.exact, value.tolerance)


def _squeeze(w: Writer, value: Value) -> Value | None:
    if ONE not in value.axes:
        return None
    place = value.axes.index(ONE)
    axes = [*value.axes[:place], *value.axes[place + 1 :]]
    return w.assign(f"{value.name}.squeeze({place})", axes, value.exact, value.tolerance)


def _flatten(w: Writer, value: Value) -> Value | None:
    """Of two neighbours one is 1: the length of a merged tile would be the config's."""
    places = [i for i in range(len(value.axes) - 1) if ONE in value.axes[i : i + 2]]
    if not places:
        return None
    i = w.draw.choice(places)
    kept = [axis for axis in value.axes[i : i + 2] if axis != ONE] or [ONE]
    axes = [*value.axes[:i], *kept, *value.axes[i + 2 :]]
    return w.assign(f"{value.name}.flatten({i}, {i + 1})", axes, value.exact, value.tolerance)


def _stack(w: Writer, value: Value) -> Value | None:
    other = _alike(w, value)
    place = w.draw.randrange(len(value.axes) + 1)
    axes = [*value.axes[:place], Axis(":", "2", "constant"), *value.axes[place:]]
    exact, tolerance = value.exact and other.exact, max(value.tolerance, other.tolerance)
    return w.assign(f"torch.stack([{value.name}, {other.name}], dim={place})", axes, exact, tolerance)


def _cat(w: Writer, value: Value) -> Value | None:
    places = [i for i, axis in enumerate(value.axes) if axis.kind == "constant" and int(axis.size) <= 4]
    if not places:
        return None
    other, i = _alike(w, value), w.draw.choice(places)
    axes = [*value.axes[:i], Axis(":", str(2 * int(value.axes[i].size)), "constant"), *value.axes[i + 1 :]]
    exact, tolerance = value.exact and other.exact, max(value.tolerance, other.tolerance)
    return w.assign(f"torch.cat([{value.name}, {other.name}], dim={i})", axes, exact, tolerance)


def _alike(w: Writer, value: Value) -> Value:
    """A value of the same axes and dtype, if need be itself."""
    return w.pick(lambda other: other.axes == value.axes and w.dtype(other) == w.dtype(value)) or value


def _expand(w: Writer, value: Value) -> Value | None:
    wider = [axis for v in w.values for axis in v.axes if axis not in value.axes and axis.kind in ("tile", "whole")]
    if ONE not in value.axes or not wider:
        return None
    place, axis = value.axes.index(ONE), w.draw.choice(wider)
    axes = [*value.axes[:place], axis, *value.axes[place + 1 :]]
    shape, eager = (", ".join(size if i == place else "-1" for i in range(len(axes))) for size in (axis.shape, axis.eager_shape))
    return w.assign(f"{value.name}.expand({shape})", axes, value.exact, value.tolerance, f"{value.name}.expand({eager})")


def _split(w: Writer, value: Value) -> Value | None:
    if len(value.axes) > 3 or not value.axes or value.axes[-1] != Axis(":", "2", "constant"):
        return None
    halves = w.name("v"), w.name("v")
    w.device_line(f"{halves[0]}, {halves[1]} = hl.split({value.name})")
    w.run(f"{halves[0]}, {halves[1]} = {value.name}.unbind(-1)")
    w.values.extend(Value(name, value.axes[:-1], value.exact, value.tolerance) for name in halves)
    if w.draw.random() < 0.5:
        eager = f"torch.stack([{halves[0]}, {halves[1]}], -1)"
        return w.assign(f"hl.join({halves[0]}, {halves[1]})", value.axes, value.exact, value.tolerance, eager)
    return w.values[-1]


_VIEWS: tuple[Callable[[Writer, Value], Value | None], ...] = (
    *(_permute, _transpose, _unsqueeze, _squeeze, _flatten),
    *(_stack, _cat, _expand, _split),
)


def view(w: Writer) -> Value | None:
    value = w.pick(lambda v: bool(v.axes))
    return None if value is None else w.draw.choice(_VIEWS)(w, value)


def index(w: Writer) -> Value | None:
    """The indices of a tile, or of a whole axis."""
    tiles = [axis for value in w.values for axis in value.tiles]
    wholes = [axis for value in w.values for axis in value.axes if axis.kind == "whole"]
    if tiles and w.draw.random() < 0.7:
        tile = w.draw.choice(tiles)
        text, eager = w.draw.choice(_INDICES)
        return w.assign(text.format(tile.subscript), (tile,), exact=True, tolerance=1e-4, eager=eager.format(f"index_of_{tile.subscript}"))
    if not wholes:
        return None
    axis = w.draw.choice(wholes)
    eager = f"torch.arange({axis.size}, dtype=torch.int32)"
    text = w.draw.choice([f"hl.arange({axis.size})", eager])
    return w.assign(text, (axis,), exact=True, tolerance=1e-4, eager=eager)


def factory(w: Writer) -> Value | None:
    value = w.pick(lambda v: bool(v.axes) and all(axis.kind in ("tile", "whole") for axis in v.axes))
    if value is None:
        return None
    form = w.draw.choice(_FACTORIES)
    shape, eager = ", ".join(axis.shape for axis in value.axes), ", ".join(axis.eager_shape for axis in value.axes)
    return w.assign(form.format(shape), value.axes, exact=True, tolerance=1e-4, eager=form.replace("hl.", "torch.").format(eager))


def gather(w: Writer) -> Value | None:
    """Elements of rows by their places, which a tensor has."""
    value = w.pick(lambda v: [axis.kind for axis in v.axes] == ["tile", "whole"])
    if value is None:
        return None
    rows, columns = value.axes
    places = w.argument((rows.size, columns.size), "int64", "indices", columns.size)
    text = f"torch.gather({value.name}, 1, {places.name}[{rows.subscript}, :])"
    return w.assign(text, value.axes, value.exact, value.tolerance)
