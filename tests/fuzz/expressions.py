"""Values out of values: each rule writes at most one line of device code and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.fuzz.values import ONE, Axis, Kind, Value
from tests.fuzz.writer import Writer

_FLOAT_UNARY = (
    "torch.tanh({})",
    "torch.sigmoid({})",
    "torch.abs({})",
    "-{}",
    "torch.relu({})",
    "torch.exp(-torch.abs({}))",
    "torch.sqrt(torch.abs({}) + 0.5)",
    "torch.sin({})",
    "{}.cos()",
    "torch.clamp({}, -0.75, 0.5)",
    "{} * 0.5 + 0.25",
    "torch.nn.functional.silu({})",
    "torch.log1p({}.abs())",
    "{}.square() * 0.5",
    "torch.rsqrt({}.abs() + 1.0)",
)
_FLOAT_BINARY = (
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "torch.maximum({}, {})",
    "torch.minimum({}, {})",
    "{} / (torch.abs({}) + 1.0)",
    "torch.lerp({}, {}, 0.25)",
)
_INT_UNARY = ("-{}", "torch.abs({})", "({} * 3) % 17", "{} // 3", "{} & 7", "({} | 1) % 32", "{} ^ 3", "({} << 1) % 64", "{} >> 1")
_INT_BINARY = ("({} + {}) % 31", "({} - {}) % 29", "({} * {}) % 23", "torch.maximum({}, {})", "torch.minimum({}, {})")
_BOOL_BINARY = ("{} & {}", "{} | {}", "{} ^ {}", "torch.logical_and({}, {})", "torch.logical_or({}, {})")
_UNARY: dict[Kind, tuple[str, ...]] = {"float": _FLOAT_UNARY, "int": _INT_UNARY, "bool": ("~{}", "torch.logical_not({})")}
_BINARY: dict[Kind, tuple[str, ...]] = {"float": _FLOAT_BINARY, "int": _INT_BINARY, "bool": _BOOL_BINARY}
_REDUCTIONS: dict[Kind, tuple[tuple[str, Kind], ...]] = {
    "float": (
        ("torch.sum({0}, dim={1}{2})", "float"),
        ("{0}.mean({1}{2})", "float"),
        ("torch.amax({0}, dim={1}{2})", "float"),
        ("{0}.amin({1}{2})", "float"),
        ("torch.argmax({0}, dim={1}{2})", "int"),
        ("torch.var({0}, dim={1}, correction=0{2})", "float"),
        ("torch.logsumexp({0}, dim={1}{2})", "float"),
    ),
    "int": (("{0}.sum({1}{2}) % 37", "int"), ("torch.amax({0}, dim={1}{2})", "int"), ("{0}.amin({1}{2})", "int")),
    "bool": (("torch.any({0}, dim={1}{2})", "bool"), ("torch.all({0}, dim={1}{2})", "bool")),
}
_ALONG: dict[Kind, tuple[str, ...]] = {
    "float": ("torch.softmax({0}, dim={1})", "torch.cumsum({0}, dim={1}) * 0.25", "{0} - {0}.mean({1}, keepdim=True)"),
    "int": ("torch.cumsum({0}, dim={1}) % 41",),
    "bool": (),
}


def subscript(axes: Iterable[Axis]) -> str:
    return ", ".join(axis.subscript for axis in axes)


def load(w: Writer, axes: tuple[Axis, ...], kind: Kind | None = None) -> Value:
    """A tensor's elements at some axes, whole, through an index, or where a condition holds."""
    kind = kind or w.draw.choice(["float", "float", "float", "int", "bool"])
    sizes = tuple(axis.size for axis in axes)
    way = w.draw.random()
    if way < 0.15 and axes and kind == "float":
        rows = w.draw.choice(SIZES)
        index = w.argument(sizes[:1], "index", rows)
        source = w.argument((rows, *sizes[1:]), kind)
        chosen = ", ".join([f"{index.name}[{axes[0].subscript}]", *(axis.subscript for axis in axes[1:])])
        return _loaded(w, f"{source.name}[{chosen}]", axes, kind, source.dtype)
    source = w.argument(sizes, kind)
    if way < 0.25 and kind == "float" and axes and all(axis.subscript != ":" for axis in axes):
        condition = load(w, axes, "bool")
        text = f"hl.load({source.name}, [{subscript(axes)}], extra_mask={condition.name})"
        return _loaded(w, text, axes, kind, source.dtype)
    return _loaded(w, f"{source.name}[{subscript(axes)}]", axes, kind, source.dtype)


def _loaded(w: Writer, text: str, axes: tuple[Axis, ...], kind: Kind, dtype: str) -> Value:
    widened = f"{text}.to(torch.float32)" if kind == "float" and dtype != "float32" else text
    return w.assign(widened, axes, kind)


def unary(w: Writer) -> Value | None:
    value = w.draw.choice(w.values)
    return w.assign(w.draw.choice(_UNARY[value.kind]).format(value.name), value.axes, value.kind)


def binary(w: Writer) -> Value | None:
    first, second = w.draw.choice(w.values), w.draw.choice(w.values)
    joined = aligned(first, second)
    if first.kind != second.kind or joined is None:
        return None
    a, b, axes = joined
    return w.assign(w.draw.choice(_BINARY[first.kind]).format(a, b), axes, first.kind)


def compare(w: Writer) -> Value | None:
    """Of ints: whether two floats compare may depend on how they were rounded."""
    value = w.draw.choice(w.values)
    if value.kind != "int":
        return None
    return w.assign(f"{value.name} {w.draw.choice(['<', '<=', '==', '!=', '>', '>='])} {w.draw.randint(0, 9)}", value.axes, "bool")


def where(w: Writer) -> Value | None:
    condition, value = w.draw.choice(w.values), w.draw.choice(w.values)
    joined = aligned(condition, value)
    if condition.kind != "bool" or value.kind == "bool" or joined is None:
        return None
    a, b, axes = joined
    other = "0.5" if value.kind == "float" else "3"
    return w.assign(f"torch.where({a}, {b}, {other})", axes, value.kind)


def convert(w: Writer) -> Value | None:
    value = w.draw.choice(w.values)
    match value.kind:
        case "int":
            return w.assign(f"{value.name}.to(torch.float32) * 0.125", value.axes, "float")
        case "bool":
            return w.assign(f"{value.name}.to(torch.int32)", value.axes, "int")
        case _:
            return None


def reduce(w: Writer) -> Value | None:
    value = w.draw.choice(w.values)
    dims = [dim for dim, axis in enumerate(value.axes) if axis.reduces]
    if not dims:
        return None
    dim = w.draw.choice(dims)
    keeps = w.draw.random() < 0.4
    form, kind = w.draw.choice(_REDUCTIONS[value.kind])
    shown = dim if w.draw.random() < 0.5 else dim - len(value.axes)
    axes = (*value.axes[:dim], *([ONE] if keeps else []), *value.axes[dim + 1 :])
    return w.assign(form.format(value.name, shown, ", keepdim=True" if keeps else ""), axes, kind)


def along(w: Writer) -> Value | None:
    """What keeps its shape and looks at a whole axis."""
    value = w.draw.choice(w.values)
    dims = [dim for dim, axis in enumerate(value.axes) if axis.reduces]
    if not dims or not _ALONG[value.kind]:
        return None
    return w.assign(w.draw.choice(_ALONG[value.kind]).format(value.name, w.draw.choice(dims)), value.axes, value.kind)


def rearrange(w: Writer) -> Value | None:
    value = w.draw.choice(w.values)
    if len(value.axes) < 2:
        return None
    order = list(range(len(value.axes)))
    w.draw.shuffle(order)
    return w.assign(f"{value.name}.permute({', '.join(map(str, order))})", tuple(value.axes[d] for d in order), value.kind)


def index_of_tile(w: Writer) -> Value | None:
    tiles = [axis for value in w.values for axis in value.axes if axis.subscript.startswith("t")]
    if not tiles:
        return None
    tile = w.draw.choice(tiles)
    return w.assign(f"{tile.subscript}.index % 13", (tile,), "int")


RULES: tuple[tuple[float, Callable[[Writer], Value | None]], ...] = (
    (4, unary),
    (5, binary),
    (2, compare),
    (4, where),
    (1.5, convert),
    (3, reduce),
    (2, along),
    (1, rearrange),
    (0.7, index_of_tile),
)
_TRIES = 5
SIZES = ("m", "n", "k", "p")


def grow(w: Writer, steps: int, axes: tuple[Axis, ...]) -> None:
    """Some more values in scope, over some of the axes."""
    load(w, axes)
    for _ in range(steps):
        if w.draw.random() < 0.25:
            load(w, tuple(axis for axis in axes if w.draw.random() < 0.7) or axes[:1])
        for _ in range(_TRIES):
            rule = w.draw.choices([rule for _, rule in RULES], [weight for weight, _ in RULES])[0]
            if rule(w) is not None:
                break


def aligned(first: Value, second: Value) -> tuple[str, str, tuple[Axis, ...]] | None:
    """Two values as operands that broadcast, and the axes of what comes of it; None where their axes stand in no common order."""
    if len(first.axes) < len(second.axes):
        swapped = aligned(second, first)
        return None if swapped is None else (swapped[1], swapped[0], swapped[2])
    if len(first.axes) == len(second.axes):
        joined = [a if not a.is_one else b for a, b in zip(first.axes, second.axes, strict=True)]
        fits = all(a == b or a.is_one or b.is_one for a, b in zip(first.axes, second.axes, strict=True))
        return (first.name, second.name, tuple(joined)) if fits and len(set(_real(joined))) == len(_real(joined)) else None
    places = [first.axes.index(axis) if axis in first.axes else -1 for axis in second.axes]
    if ONE in second.axes or -1 in places or places != sorted(places):
        return None
    if places == list(range(len(first.axes) - len(places), len(first.axes))):
        return first.name, second.name, first.axes
    shown = ", ".join(":" if place in places else "None" for place in range(len(first.axes)))
    return first.name, f"{second.name}[{shown}]", first.axes


def _real(axes: list[Axis]) -> list[Axis]:
    return [axis for axis in axes if not axis.is_one]
