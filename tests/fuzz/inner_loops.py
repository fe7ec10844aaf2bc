"""Loops over tiles inside a program: they add up, multiply matrices, or store."""

from __future__ import annotations

from contextlib import ExitStack

from tests.fuzz.expressions import grow, widened
from tests.fuzz.stores import store
from tests.fuzz.values import SIZES, Axis, Value
from tests.fuzz.writer import Writer

# How a loop's total begins, its dtype, and how a term is folded into it.
_TOTALS = {
    "sum": ("0.0", "float32", "{0} = {0} + {1}.sum({2}){3}"),
    "update": ("0.0", "float32", "{0} += {1}.sum({2}){3}"),
    "amax": ("-9.0", "float32", "{0} = torch.maximum({0}, {1}.amax({2}){3})"),
    "amin": ("9.0", "float32", "{0} = torch.minimum({0}, {1}.amin({2}){3})"),
    "ints": ("0", "int64", "{0} = {0} + {1}.to(torch.int64).sum({2})"),
    "count": ("0", "int32", "{0} = {0} + ({1} > 0).to(torch.int32).sum({2}).to(torch.int32)"),
}
_OF_FLOATS = ("sum", "update", "amax", "amin")
_SECOND = {"amax": ".amax", "amin": ".amin"}
_ROUNDING = {"float32": 2e-3, "float16": 4e-3, "bfloat16": 3e-2}
_WHOLE_PRODUCTS = (
    *("hl.dot({a}, {b})", "({a} @ {b}).float()", "torch.matmul({a}, {b}).float()"),
    *("torch.mm({a}.float(), {b}.float())",),
)
_PRODUCT_STEPS = (
    *("{c} = hl.dot({a}, {b}, acc={c})", "{c} = torch.addmm({c}, {a}, {b})", "{c} += hl.dot({a}, {b})"),
    *("{c} = {c} + torch.matmul({a}.float(), {b}.float())",),
)


def _free_sizes(w: Writer, axes: tuple[Axis, ...]) -> list[str]:
    taken = {*(axis.size for axis in axes), *(size for _, size in w.grids)}
    return [size for size in SIZES if size not in taken]


def total_of_loop(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    """A value that a loop over tiles adds to, or two nested ones."""
    free = _free_sizes(w, axes)
    if not free:
        return
    size = w.draw.choice(free)
    nests = len(free) > 1 and w.draw.random() < 0.15
    kind = w.draw.choice(_OF_FLOATS if nests else list(_TOTALS))
    start, dtype, step = _TOTALS[kind]
    total, inner = w.name("v"), Axis(w.name("t"), size, "tile")
    w.device_line(f"{total} = hl.full([{', '.join(tile.shape for tile in tiles)}], {start}, dtype=torch.{dtype})")
    w.run(f"{total} = torch.full([{', '.join(tile.eager_shape for tile in tiles)}], {start}, dtype=torch.{dtype})")
    begin, end, eager_end = _bounds(w, size)
    options = "" if w.draw.random() < 0.85 else ", block_size=4"
    shown = f"{begin}, {end}" if begin != "0" or w.draw.random() < 0.3 else end
    place = w.draw.randint(0, len(tiles))
    wide = (*tiles[:place], inner, *tiles[place:])
    with ExitStack() as stack:
        stack.enter_context(w.block(f"for {inner.subscript} in hl.tile({shown}{options}):"))
        w.open_tile(inner, begin, eager_end)
        second = ""
        if nests:
            innermost = Axis(w.name("t"), w.draw.choice([other for other in free if other != size]), "tile")
            stack.enter_context(w.block(f"for {innermost.subscript} in hl.tile({innermost.size}):"))
            w.open_tile(innermost)
            wide, second = (*wide, innermost), f"{_SECOND.get(kind, '.sum')}({len(tiles)})"
        grow(w, w.draw.randint(1, 5), wide)
        term = widened(w, wide)
        # Where an inexact float lies may not decide an integer.
        name = term.name if term.exact or kind in _OF_FLOATS else f"({term.name} * 0)"
        w.both(step.format(total, name, place, second))
    tolerance = term.tolerance * (4 if kind in ("sum", "update") else 1)
    w.values.append(Value(total, tiles, term.exact, tolerance))
    if kind in _OF_FLOATS and w.draw.random() < 0.5:
        w.assign(f"torch.tanh({total})", tiles, exact=False, tolerance=term.tolerance)


def _bounds(w: Writer, size: str) -> tuple[str, str, str]:
    """Where a loop begins and ends, and where eager torch says that it ends: sizes, or a row's own length."""
    if w.grids and w.draw.random() < 0.5:
        name, grid_size = w.draw.choice(w.grids)
        ends = w.argument((grid_size,), "int32", "indices", size)
        return "0", f"{ends.name}[{name}]", f"int({ends.name}[{name}])"
    begin, end = w.draw.choice([("0", size)] * 4 + [("1", size), ("0", f"{size} // 2"), ("2", size)])
    if int(begin) > w.lengths[size]:
        begin = "0"  # to begin behind the end is refused
    return begin, end, end if begin == "0" else f"max({end}, {begin})"


def store_in_loop(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    """A loop whose every round stores."""
    free = _free_sizes(w, axes)
    count = 2 if len(free) > 1 and w.draw.random() < 0.3 else 1
    if len(free) < count or len(tiles) + len(w.grids) + count > 4:
        return
    inner = tuple(Axis(w.name("t"), size, "tile") for size in w.draw.sample(free, count))
    names, sizes = ", ".join(tile.subscript for tile in inner), ", ".join(tile.size for tile in inner)
    with w.block(f"for {names} in hl.tile({f'[{sizes}]' if count == 2 else sizes}):"):
        for tile in inner:
            w.open_tile(tile)
        grow(w, w.draw.randint(1, 4), (*tiles, *inner))
        store(w, (*tiles, *inner))


def product(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    """A matrix product of whole rows and columns, or over a loop of tiles."""
    free = _free_sizes(w, axes)
    if len(tiles) < 2 or not free:
        return
    (rows, columns), size = w.draw.sample(tiles, 2), w.draw.choice(free)
    dtype = w.draw.choice([*["float32"] * 3, "float16", "bfloat16"])
    is_whole = w.draw.random() < 0.25
    inner = Axis(":", size, "whole") if is_whole else Axis(w.name("t"), size, "tile")
    left, right = w.argument((rows.size, size), dtype), w.argument((size, columns.size), dtype)
    a, b = f"{left.name}[{rows.subscript}, {inner.subscript}]", f"{right.name}[{inner.subscript}, {columns.subscript}]"
    a = f"({a} + 1)" if w.draw.random() < 0.3 else a
    b = f"({b} * 2 - 1)" if w.draw.random() < 0.3 else b
    total, tolerance = w.name("v"), _ROUNDING["float32"]
    if is_whole:
        form = w.draw.choice(_WHOLE_PRODUCTS)
        tolerance = tolerance if "hl.dot" in form or "mm" in form else _ROUNDING[dtype]
        w.device_line(f"{total} = {form.format(a=a, b=b)}")
    else:
        w.device_line(f"{total} = hl.zeros([{rows.subscript}, {columns.subscript}], dtype=torch.float32)")
        with w.block(f"for {inner.subscript} in hl.tile({size}):"):
            w.open_tile(inner)
            w.device_line(w.draw.choice(_PRODUCT_STEPS).format(a=a, b=b, c=total))
    w.run(f"{total} = {a}.float() @ {b}.float()")
    w.values.append(Value(total, (rows, columns), exact=False, tolerance=tolerance))
    scaled = w.assign(f"torch.tanh({total} * 0.125)", (rows, columns), exact=False, tolerance=tolerance)
    w.values = [value for value in w.values if value.name != total]
    assert scaled is not None
