"""What values may be made of: sequences, dicts, named tuples, optional and constant arguments, helpers, globals, host statements."""

from __future__ import annotations

from typing import NamedTuple

import torch

import helion
import helion.language as hl
from tests.language.arguments import randn, three, vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def zip_and_enumerate(xs: tuple[torch.Tensor, ...], ys: tuple[torch.Tensor, ...]) -> torch.Tensor:
    out = torch.zeros_like(xs[0])
    for tile in hl.tile(out.size(0)):
        acc = hl.zeros([tile])
        for i, (x, y) in enumerate(zip(xs, ys)):
            acc += x[tile] * y[tile] * (i + 1)
        out[tile] = acc
    return out


@kernel
def comprehensions(xs: list[torch.Tensor]) -> torch.Tensor:
    outs = [torch.empty_like(x) for x in xs]
    for tile in hl.tile(xs[0].size(0)):
        values = [x[tile] * 2 for x in xs]
        total = sum(v for v in values)
        named = {i: v * 1 for i, v in enumerate(values)}
        for i in hl.static_range(len(outs)):
            outs[i][tile] = values[i] + total - named[i]
    return torch.stack(outs)


@kernel
def dictionary_argument(tensors: dict[str, torch.Tensor], scale: float) -> dict[str, torch.Tensor]:
    x = tensors["x"]
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = tensors["x"][tile] * tensors["y"][tile] * scale
    return {"out": out}


class Pair(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor


@kernel
def named_tuple_argument(pair: Pair) -> torch.Tensor:
    out = torch.empty_like(pair.first)
    for tile in hl.tile(out.size(0)):
        out[tile] = pair.first[tile] - pair.second[tile]
    return out


@kernel
def aliases_are_values(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        a = x[tile]
        b = a
        b += 1
        out[tile] = a * 10 + b
    return out


@kernel
def in_place_argument(x: torch.Tensor, by: float) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        x[tile] += by
    return x


@kernel
def structured_return(x: torch.Tensor) -> tuple[torch.Tensor, None, list[torch.Tensor]]:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] + 1
    return out, None, [out[:2], out.view(1, -1)]


@kernel
def host_control_flow(x: torch.Tensor, times: int, fast: bool) -> torch.Tensor:
    if x.size(0) == 0:
        return x
    total = 0
    for i in range(times):
        total += i
    while total > 100:
        total -= 100
    if fast:
        scale = 2.0
    else:
        scale = 1.0
    assert times >= 0, f"times is {times}"
    if (half := x.size(0) // 2) > 4:
        total += half
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * scale + total
    out = out.view(-1, 1)
    return out.flatten()


@kernel
def optional_argument(x: torch.Tensor, bias: torch.Tensor | None = None, scale: float = 2.0) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        value = x[tile] * scale
        if bias is not None:
            value = value + bias[tile]
        out[tile] = value
    return out


@kernel
def constexpr_argument(x: torch.Tensor, power: hl.constexpr, negate: hl.constexpr) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        value = x[tile]
        for _ in hl.static_range(power):
            value = value * x[tile]
        out[tile] = -value if negate else value
    return out


def _early(value: torch.Tensor, mode: str) -> torch.Tensor:
    if mode == "keep":
        return value
    for _ in range(2):
        value = value + 1
    return value


@kernel
def helpers_with_python_inside(x: torch.Tensor, mode: str) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = _early(x[tile], mode) + _early(x[tile], "keep")
    return out


FACTOR = 3
TABLE = torch.arange(64, dtype=torch.float32)


@kernel
def globals_read(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * FACTOR + TABLE[tile]
    return out


@kernel
def runtime_bounds(x: torch.Tensor, begin: int, end: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(begin, end):
        out[tile] = x[tile] + 1
    return out


@kernel
def swapped_in_loop(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        a = x[tile]
        b = x[tile] * 2
        for _ in range(3):
            a, b = b, a + b
        out[tile] = a - b
    return out


def _fibonacci(x: torch.Tensor) -> torch.Tensor:
    a, b = x, x * 2
    for _ in range(3):
        a, b = b, a + b
    return a - b


@kernel
def sizes_of_two_names(x: torch.Tensor, bias: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        row = torch.where(mask[tile, :] > 0, x[tile, :], bias[:])
        out[tile, :] = torch.lerp(torch.minimum(row, bias[:]), x[tile, :], 0.25)
    return out


@kernel
def dicts_are_gone_over(x: torch.Tensor, mode: str) -> torch.Tensor:
    out = torch.empty_like(x)
    sizes, total = {"a": 1, "b": 2}, 0
    for size in sizes.values():
        total += size
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        parts = {"one": v, "two": v * 2}
        for name, part in parts.items():
            v = v + part * len(name)
        for name in parts.keys():  # noqa: SIM118 - a dict itself is refused
            if name in ("two", "three"):
                v = v + 10
        for i in hl.static_range(3):
            if i in (0, 2) and mode in sizes:
                v = v + i
        out[tile] = v + sum(parts.values()) + sizes.get("b", 5) + sizes.get("c", 7) + total + len(parts) + divmod(17, 5)[1] + round(2.4)
    return out


PROGRAMS = (
    Program(dicts_are_gone_over, lambda d: (*vector(d), "a"), lambda x, _: x + x * 9 + 10 + 2 + x * 3 + 2 + 7 + 3 + 2 + 2 + 2),
    Program(
        zip_and_enumerate,
        lambda d: (*three(d), *three(d)),
        lambda xs, ys: sum(x * y * (i + 1) for i, (x, y) in enumerate(zip(xs, ys, strict=True))),
    ),
    Program(comprehensions, lambda d: (list(*three(d)),), lambda xs: torch.stack([2 * sum(xs)] * 3)),
    Program(
        dictionary_argument,
        lambda d: ({"x": randn(45).to(d), "y": randn(45, seed=1).to(d)}, 0.5),
        lambda t, s: {"out": t["x"] * t["y"] * s},
    ),
    Program(named_tuple_argument, lambda d: (Pair(randn(45).to(d), randn(45, seed=1).to(d)),), lambda p: p.first - p.second),
    Program(aliases_are_values, vector, lambda x: x * 11 + 1),
    Program(in_place_argument, lambda d: (*vector(d), 2.5), lambda x, by: x + by),
    Program(structured_return, vector, lambda x: (x + 1, None, [(x + 1)[:2], (x + 1)[None]])),
    Program(host_control_flow, lambda d: (*vector(d), 20, True), lambda x, *_: x * 2 + 90 + 22),
    Program(optional_argument, vector, lambda x: x * 2),
    Program(constexpr_argument, lambda d: (*vector(d), 2, True), lambda x, *_: -(x**3)),
    Program(helpers_with_python_inside, lambda d: (*vector(d), "add"), lambda x, _: 2 * x + 2),
    Program(globals_read, vector, lambda x: x * 3 + TABLE[:45].to(x.device), not_on_gpu="its global tensor is the CPU's"),
    Program(runtime_bounds, lambda d: (*vector(d), 3, 40), lambda x, a, b: torch.cat([x[:a] * 0, x[a:b] + 1, x[b:] * 0])),
    Program(swapped_in_loop, vector, _fibonacci),
    Program(
        sizes_of_two_names,
        lambda d: (randn(37, 12).to(d), randn(12, seed=1).to(d), randn(37, 12, seed=2).to(d)),
        lambda x, bias, mask: torch.lerp(torch.minimum(torch.where(mask > 0, x, bias), bias), x, 0.25),
    ),
)
