"""Loops and conditions around drawn expressions: a kernel's body, grid by grid."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from tests.fuzz.expressions import grow
from tests.fuzz.inner_loops import product, store_in_loop, total_of_loop
from tests.fuzz.stores import accumulate, store, update
from tests.fuzz.values import SIZES, Axis, Value
from tests.fuzz.writer import Writer

_UNROLLED = (
    *(("range(3)", "range(3)"), ("hl.static_range(2)", "range(2)"), ("range(1, 4)", "range(1, 4)"), ("(2, 5, 1)", "(2, 5, 1)")),
    *(("[0.5, 1.5]", "[0.5, 1.5]"), ("hl.static_range(4, 0, -1)", "range(4, 0, -1)"), ("hl.grid(3)", "range(3)")),
    *(("range(0, 6, 2)", "range(0, 6, 2)"),),
)


def grid(w: Writer) -> None:
    """One loop over the device: one to three tiles, or one or two single indices around a tile."""
    w.values, w.grids = [], ()
    sizes = w.draw.sample(SIZES, w.draw.choice([1, 1, 2, 2, 2, 3]))
    way = w.draw.random()
    with ExitStack() as stack:
        if way < 0.2:
            count = 1 if way < 0.12 else 2
            chosen = w.draw.sample(SIZES, count)
            w.grids = tuple((w.name("g"), size) for size in chosen)
            names, listed = ", ".join(name for name, _ in w.grids), ", ".join(chosen)
            eager = (
                f"for {names} in product({', '.join(f'range({size})' for size in chosen)}):"
                if count == 2
                else f"for {names} in range({listed}):"
            )
            stack.enter_context(w.block(f"for {names} in hl.grid({f'[{listed}]' if count == 2 else listed}):", eager))
            w.names.update({name: 0 for name, _ in w.grids})
            sizes = [size for size in SIZES if size not in chosen][:1]
        tiles = tuple(Axis(w.name("t"), size, "tile") for size in sizes)
        bounds = sizes[0] if w.grids else _bounds(w, sizes)
        stack.enter_context(w.block(f"for {', '.join(tile.subscript for tile in tiles)} in hl.tile({bounds}):"))
        for tile in tiles:
            w.open_tile(tile)
        taken = {*sizes, *(size for _, size in w.grids)}
        rest = [Axis(":", size, "whole") for size in w.draw.sample(SIZES, 2) if size not in taken]
        _body(w, (*tiles, *rest[: w.draw.choice([0, 1, 1]) if len(tiles) < 3 else 0]), tiles)
    w.grids = ()


def _bounds(w: Writer, sizes: Sequence[str]) -> str:
    """How a loop over tiles says where it ends, and sometimes where it begins and how long its tiles are."""
    way = w.draw.random()
    if len(sizes) == 1:
        options = (f"0, {sizes[0]}", f"{sizes[0]}, block_size=8", f"0, {sizes[0]}, 4")
        return sizes[0] if way < 0.7 else w.draw.choice(options)
    listed = f"[{', '.join(sizes)}]"
    if way < 0.75:
        return listed
    if way < 0.87:
        return f"[{', '.join('0' for _ in sizes)}], {listed}"
    return f"{listed}, block_size=[{', '.join(w.draw.choice(['None', '4', '1', '16']) for _ in sizes)}]"


def _body(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    grow(w, w.draw.randint(3, 8), axes)
    for _ in range(w.draw.choice([0, 1, 1, 2])):
        products = (product, product, product) if len(tiles) >= 2 else ()
        rule = w.draw.choice([total_of_loop, total_of_loop, store_in_loop, _condition, _unrolled, _counted, *products])
        rule(w, axes, tiles)
        grow(w, w.draw.randint(1, 4), axes)
    for _ in range(w.draw.choice([1, 2, 2, 3])):
        store(w, tiles)
    if w.draw.random() < 0.25 and not w.grids:
        accumulate(w, tiles)
    if w.draw.random() < 0.15 and not w.grids:
        update(w, tiles)


def _condition(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    """A value that branches give differently."""
    value = w.pick(w.is_float)
    if value is None:
        return
    name, test = w.name("v"), f"{w.scalar()} {w.draw.choice(['>', '==', '<='])} {w.draw.randint(0, 3)}"
    if w.grids and w.draw.random() < 0.6:
        test = f"{w.grids[0][0]} % 2 == {w.draw.randint(0, 1)}"
    elif w.draw.random() < 0.2:
        test = f"{test} and {w.scalar()} < 4"
    first, second = f"{value.name} * 2", w.draw.choice([f"{value.name} - 1", f"torch.relu({value.name})", f"{value.name} * 1"])
    if w.draw.random() < 0.4:
        more = (f"elif {w.scalar()} == 1:", f"    {name} = {name} + 1") if w.draw.random() < 0.4 else ()
        w.both(f"{name} = {second}", f"if {test}:", f"    {name} = {first}", *more)
    else:
        w.both(f"if {test}:", f"    {name} = {first}", "else:", f"    {name} = {second}")
    w.values.append(Value(name, value.axes, value.exact, value.tolerance))


def _unrolled(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    """A loop over few numbers, most of them gone when the code is written."""
    total = _copy(w, "{} * 1.0")
    if total is None:
        return
    device, eager = w.draw.choice(_UNROLLED)
    step = f"    {total.name} = {total.name} * 0.5 + i"
    w.device_line(f"for i in {device}:")
    w.device_line(step)
    w.run(f"for i in {eager}:", step)
    w.make_inexact(total)


def _counted(w: Writer, axes: tuple[Axis, ...], tiles: tuple[Axis, ...]) -> None:
    """A loop whose rounds only the call decides, with what it carries."""
    total = _copy(w, "{} + 0")
    if total is None:
        return
    times, i, v = w.scalar("int"), w.name("i"), total.name
    w.both(
        *w.draw.choice(
            [
                (f"for {i} in range({times}):", f"    {v} = {v} * 0.5 + {i}"),
                (f"{i} = 0", f"while {i} < {times}:", f"    {v} = torch.maximum({v} - 1, {v} * 0.5)", f"    {i} = {i} + 1"),
                (f"{i} = {times}", f"while {i} > 0:", f"    {v} = {v} * 0.5 + {i}", f"    {i} -= 1"),
                (
                    *(f"for {i} in range(1, {times} + 1):", f"    if {i} % 2 == 0:", f"        {v} = {v} * 0.5"),
                    *("    else:", f"        {v} = {v} + 1"),
                ),
            ]
        )
    )
    w.make_inexact(total)


def _copy(w: Writer, form: str) -> Value | None:
    value = w.pick(w.is_float)
    return None if value is None else w.assign(form.format(value.name), value.axes, value.exact, value.tolerance)
