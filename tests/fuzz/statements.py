"""Loops, conditions and stores around drawn expressions: a kernel's body, grid by grid."""

from __future__ import annotations

from tests.fuzz.expressions import SIZES, aligned, grow, load, subscript
from tests.fuzz.values import ONE, Axis, Value
from tests.fuzz.writer import Writer


def grid(w: Writer) -> None:
    """One loop over the device: one to three tiles, or a grid of single rows around tiles."""
    sizes = w.draw.sample(SIZES, w.draw.choice([1, 1, 2, 2, 2, 3]))
    tiles = tuple(Axis(w.name("t"), size, reduces=False) for size in sizes)
    names = ", ".join(tile.subscript for tile in tiles)
    whole = ", ".join(sizes)
    header = f"for {names} in hl.tile([{whole}]):" if len(sizes) > 1 else f"for {names} in hl.tile({whole}):"
    with w.block(header):
        rest = [Axis(":", size, reduces=True) for size in w.draw.sample(SIZES, 2) if size not in sizes]
        axes = (*tiles, *rest[: w.draw.choice([0, 1]) if len(tiles) < 3 else 0])
        _body(w, axes, depth=0)
        for _ in range(w.draw.choice([1, 1, 2])):
            _store(w, tiles)
        if w.draw.random() < 0.3 and len(tiles) > 1:
            _accumulate(w, tiles)


def _body(w: Writer, axes: tuple[Axis, ...], depth: int) -> None:
    grow(w, w.draw.randint(2, 6), axes)
    for _ in range(w.draw.choice([0, 1, 1, 2]) if depth == 0 else 0):
        w.draw.choice([_inner_loop, _inner_loop, _product, _condition, _unrolled])(w, axes)
        grow(w, w.draw.randint(1, 4), axes)


def _inner_loop(w: Writer, axes: tuple[Axis, ...]) -> None:
    """A value that a loop over tiles adds to."""
    taken = {axis.size for axis in axes}
    free = [size for size in SIZES if size not in taken]
    kept = tuple(axis for axis in axes if axis.subscript != ":") or axes
    if not free or any(axis.subscript == ":" for axis in kept):
        return
    inner = Axis(w.name("t"), w.draw.choice(free), reduces=False)
    start, step = w.draw.choice(
        [("hl.zeros([{}], dtype=torch.float32)", "{0} + {1}.sum({2})"), ("hl.full([{}], -9.0)", "torch.maximum({0}, {1}.amax({2}))")]
    )
    shape = subscript(kept)
    total = w.assign(start.format(shape).replace("-9.0)", "-9.0, dtype=torch.float32)"), kept, "float")
    bounds = w.draw.choice([inner.size, inner.size, f"0, {inner.size}", f"1, {inner.size}", f"{inner.size} // 2"])
    with w.block(f"for {inner.subscript} in hl.tile({bounds}):"):
        w.values.remove(total)
        place = w.draw.randint(0, len(kept))
        wide = (*kept[:place], inner, *kept[place:])
        grow(w, w.draw.randint(1, 4), wide)
        term = _widened(w, wide)
        w.line(f"{total.name} = {step.format(total.name, term.name, place)}")
    w.values = [value for value in w.values if value != total]
    w.values.append(total)


def _product(w: Writer, axes: tuple[Axis, ...]) -> None:
    """A matrix product over a loop of tiles."""
    rows = [axis for axis in axes if axis.subscript != ":"][:2]
    free = [size for size in SIZES if size not in {axis.size for axis in axes}]
    if len(rows) < 2 or not free:
        return
    inner = Axis(w.name("t"), w.draw.choice(free), reduces=False)
    left = w.argument((rows[0].size, inner.size), "float")
    right = w.argument((inner.size, rows[1].size), "float")
    a, b = f"{left.name}[{subscript([rows[0], inner])}]", f"{right.name}[{subscript([inner, rows[1]])}]"
    if left.dtype != right.dtype:
        a, b = f"{a}.to(torch.float32)", f"{b}.to(torch.float32)"
    total = w.name("v")
    step = w.draw.choice(
        ["hl.dot({a}, {b}, acc={c})", "torch.addmm({c}, {a}, {b})", "{c} + torch.matmul({a}, {b})", "{c} + ({a} @ {b}).to(torch.float32)"]
    )
    if left.dtype == right.dtype and left.dtype != "float32" and "dot" not in step:
        a, b = f"{a}.to(torch.float32)", f"{b}.to(torch.float32)"
    w.line(f"{total} = hl.zeros([{subscript(rows)}], dtype=torch.float32)")
    with w.block(f"for {inner.subscript} in hl.tile({inner.size}):"):
        w.line(f"{total} = {step.format(a=a, b=b, c=total)}")
    value = Value(total, tuple(rows), "float")
    w.values.append(value)
    w.assign(f"torch.tanh({total})", value.axes, "float")


def _condition(w: Writer, axes: tuple[Axis, ...]) -> None:
    """A value that two branches give differently."""
    floats = [value for value in w.values if value.kind == "float"]
    if not floats:
        return
    chosen = w.draw.choice(floats)
    name = w.name("v")
    with w.block(f"if {w.scalar()} {w.draw.choice(['>', '==', '<='])} {w.draw.randint(0, 3)}:"):
        w.line(f"{name} = {chosen.name} * 2.0")
    with w.block("else:"):
        w.line(f"{name} = {w.draw.choice(['{} - 1.0', 'torch.relu({})', '{}']).format(chosen.name)}")
    w.values.append(Value(name, chosen.axes, "float"))


def _unrolled(w: Writer, axes: tuple[Axis, ...]) -> None:
    """A loop that is gone when the code is written."""
    floats = [value for value in w.values if value.kind == "float"]
    if not floats:
        return
    chosen = w.draw.choice(floats)
    total = w.assign(f"{chosen.name} * 1.0", chosen.axes, "float")
    with w.block(f"for i in {w.draw.choice(['range(3)', 'hl.static_range(2)', 'range(1, 4)'])}:"):
        w.line(f"{total.name} = {total.name} * 0.5 + i")


def _widened(w: Writer, axes: tuple[Axis, ...]) -> Value:
    """A float over exactly these axes, in this order: one in scope, or one made so by what is loaded."""
    base = load(w, axes, "float")
    for value in reversed(w.values[:-1]):
        joined = aligned(base, value) if value.kind == "float" else None
        if joined is not None and joined[2] == axes:
            return w.assign(f"{joined[0]} + {joined[1]}", axes, "float")
    return base


def _store(w: Writer, tiles: tuple[Axis, ...]) -> None:
    """A result over the grid's tiles and whatever whole axes the value still has."""
    candidates = [v for v in w.values if set(tiles) <= set(v.axes) and ONE not in v.axes]
    value = w.draw.choice(candidates[-4:]) if candidates else _widened(w, tiles)
    if value.kind == "float":
        value = _gathered(w, value)
    dtype = {"float": w.draw.choice(["float32", "float32", "bfloat16"]), "int": "int64", "bool": "bool"}[value.kind]
    out = w.result(tuple(axis.size for axis in value.axes), dtype)
    stored = f"{value.name}.to(torch.int64)" if value.kind == "int" else value.name
    if w.draw.random() < 0.2 and value.kind == "float" and dtype == "float32":
        w.line(f"{out}[{subscript(value.axes)}] = {stored}")
        w.line(f"{out}[{subscript(value.axes)}] += 0.5")
    else:
        w.line(f"{out}[{subscript(value.axes)}] = {stored}")


def _gathered(w: Writer, value: Value) -> Value:
    """The value with others in scope added: what no result depends on is not compiled."""
    others = [other for other in w.values if other.kind == "float" and (joined := aligned(value, other)) and joined[2] == value.axes]
    w.draw.shuffle(others)
    for other in others[:5]:
        joined = aligned(value, other)
        assert joined is not None
        value = w.assign(f"{joined[0]} + {joined[1]} * 0.5", value.axes, "float")
    return value


def _accumulate(w: Writer, tiles: tuple[Axis, ...]) -> None:
    """A sum over one tile of the grid, gathered from its programs."""
    value = _widened(w, tiles)
    dim = w.draw.randrange(len(tiles))
    kept = (*tiles[:dim], *tiles[dim + 1 :])
    out = w.result(tuple(axis.size for axis in kept), "float32")
    w.line(f"hl.atomic_add({out}, [{subscript(kept)}], {value.name}.sum({dim}))")
