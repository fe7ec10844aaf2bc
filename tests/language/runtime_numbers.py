"""Programs about numbers that a call gives: as parameters of torch's functions, as steps down; and about what is constant around them."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

import helion
import helion.language as hl
from helion.autotuner import IntegerFragment, PowerOfTwoFragment
from tests.language.arguments import vector
from tests.language.program import Program


@helion.kernel
def parameters_of_functions(x: torch.Tensor, y: torch.Tensor, s: float, k: int) -> torch.Tensor:
    """Where torch takes no tensor of one element, only a number, the call's numbers are good enough; so are sizes."""
    out = x.new_empty([20, x.size(0)])
    for tile in hl.tile(x.size(0)):
        a, b = x[tile], y[tile]
        out[0, tile] = torch.add(a, b, alpha=s)
        out[1, tile] = a.sub(b, alpha=k)
        out[2, tile] = torch.addcmul(a, b, b, value=s)
        out[3, tile] = torch.addcdiv(a, b, b.abs() + 1, value=x.size(0))
        out[4, tile] = torch.clamp(a, -s, s)
        out[5, tile] = functional.leaky_relu(a, s)
        out[6, tile] = functional.elu(a, s)
        out[7, tile] = functional.celu(a, s)
        out[8, tile] = functional.softplus(a, s)
        out[9, tile] = functional.hardtanh(a, -s, s)
        out[10, tile] = functional.softshrink(a, s)
        out[11, tile] = functional.threshold(a, s, 0.0)
        out[12, tile] = torch.nan_to_num(a / 0, s, s, s)
        out[13, tile] = torch.full_like(a, s) + torch.full((), s)
        out[14, tile] = torch.rsub(a, b, alpha=x.size(0))
        out[15, tile] = torch.lerp(a, b, s)
        out[16, tile] = a.masked_fill(a > 0, k)  # torch makes a float of it
        out[17, tile] = a.masked_fill(a > 0, x.size(0) + 1)
        out[18, tile] = a.masked_fill(a > 0, -k)
        out[19, tile] = a.int().masked_fill(a > 0, -k)
    return out


def _parameters_of_functions(x: torch.Tensor, y: torch.Tensor, s: float, k: int) -> torch.Tensor:
    rows = [
        torch.add(x, y, alpha=s),
        x.sub(y, alpha=k),
        torch.addcmul(x, y, y, value=s),
        torch.addcdiv(x, y, y.abs() + 1, value=len(x)),
        torch.clamp(x, -s, s),
        functional.leaky_relu(x, s),
        functional.elu(x, s),
        functional.celu(x, s),
        functional.softplus(x, s),
        functional.hardtanh(x, -s, s),
        functional.softshrink(x, s),
        functional.threshold(x, s, 0.0),
        torch.nan_to_num(x / 0, s, s, s),
        torch.full_like(x, 2 * s),
        torch.rsub(x, y, alpha=len(x)),
        torch.lerp(x, y, s),
        x.masked_fill(x > 0, k),
        x.masked_fill(x > 0, len(x) + 1),
        x.masked_fill(x > 0, -k),
        x.int().masked_fill(x > 0, -k).float(),
    ]
    return torch.stack(rows)


@helion.kernel
def counted_down(x: torch.Tensor, n: int) -> torch.Tensor:
    """Loops with a negative step: between constants, and from a number of the call."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        total = hl.zeros([tile])
        for i in range(5, 0, -2):
            total = total * 2 + i
        for i in range(n - 1, -1, -1):
            total = total * 0.5 + x[i]
        for _ in hl.grid(0, 3, step=-1):
            total = total + 1000
        out[tile] = total
    return out


def _counted_down(x: torch.Tensor, n: int) -> torch.Tensor:
    total = x.new_tensor((5 * 2 + 3) * 2 + 1)
    for i in reversed(range(n)):
        total = total * 0.5 + x[i]
    return total.expand_as(x)


@helion.kernel
def named_weights(x: torch.Tensor, weights: dict[str, torch.Tensor]) -> tuple[torch.Tensor, str]:
    """Dicts made of other dicts, and keys put together from what is constant."""
    first = {"w0": 1.0}
    scales = {**first, "w1": 2.0}
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        every = {"x": x[tile], **weights}
        total = every["x"]
        for i in hl.static_range(2):
            total = total + every[f"w{i}"][tile] * scales[f"w{i}"]
        out[tile] = total
    return out, f"{x.dim()}-D"


@helion.kernel
def statements_on_one_line(x: torch.Tensor) -> torch.Tensor:
    """Several that the compiler rewrites stand on one line."""
    # fmt: off
    a = hl.register_tunable("a", IntegerFragment(2, 2)); b = hl.register_tunable("b", PowerOfTwoFragment(4, 4)); n = hl.specialize(x.size(0))  # noqa: E702
    # fmt: on
    out = torch.empty_like(x)
    for tile in hl.tile(n):
        out[tile] = x[tile] * a * b
    return out


@helion.kernel
def shares_of(x: torch.Tensor, first: torch.Tensor, workers: int) -> torch.Tensor:
    """An integer of the device divided by one of the call is an integer, also where a loop carries it."""
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size(0)):
        share = first[0]
        for step in hl.grid(4):
            share = (share - step * 3) % workers
        out[tile] = x[tile] * share + share // workers
    return out


@helion.kernel
def on_the_same_device(x: torch.Tensor) -> torch.Tensor:
    """Python's own functions of a tensor, and where a value is."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        device = v.device
        out[tile] = pow(abs(v), 2).to(x.device) + torch.zeros([tile], device=device)
    return out


def _weights(device: str) -> tuple[Any, ...]:
    (x,) = vector(device)
    return x, {"w0": x + 1, "w1": x + 2}


def _two_vectors(device: str) -> tuple[Any, ...]:
    (x,) = vector(device)
    return x, x.flip(0), 0.375, 3


def _share(x: torch.Tensor, first: torch.Tensor, workers: int) -> torch.Tensor:
    return x * ((int(first[0]) - 18) % workers)


@helion.kernel
def numbers_from_the_end(x: torch.Tensor, y: torch.Tensor, k: int) -> torch.Tensor:
    """A number that is negative counts from the end, as in Python: an argument, the negative of a size, one less than a loop's index."""
    rows, columns = x.size()
    last = y.size(0)
    out = x.new_zeros([5, rows])
    for tile in hl.tile(rows):
        out[0, tile] = x[tile, k]
        out[k, tile] = x[tile, -columns] + x[tile, 1 - columns]
        out[2, tile] = x[tile, -last:].sum(1)
        out[3, tile] = x[tile, :-last].sum(1)
        for i in hl.grid(3):
            out[4, tile] += x[tile, i - 1] * (i + 1)
    return out


def _numbers_from_the_end(x: torch.Tensor, y: torch.Tensor, k: int) -> torch.Tensor:
    out = x.new_zeros([5, x.size(0)])
    out[0], out[k] = x[:, k], x[:, 0] + x[:, 1]
    out[2], out[3] = x[:, -len(y) :].sum(1), x[:, : -len(y)].sum(1)
    out[4] = x[:, -1] + 2 * x[:, 0] + 3 * x[:, 1]
    return out


def _from_the_end(device: str) -> tuple[Any, ...]:
    return torch.arange(35.0, device=device).view(5, 7), torch.zeros(3, device=device), -4


PROGRAMS = (
    Program(numbers_from_the_end, _from_the_end, _numbers_from_the_end),
    Program(parameters_of_functions, _two_vectors, _parameters_of_functions),
    Program(counted_down, lambda d: (*vector(d), 5), _counted_down),
    Program(named_weights, _weights, lambda x, w: (x + w["w0"] + w["w1"] * 2, "1-D")),
    Program(statements_on_one_line, vector, lambda x: x * 8),
    Program(shares_of, lambda d: (*vector(d), torch.tensor([5], device=d), 7), _share),
    Program(on_the_same_device, vector, lambda x: x.abs() ** 2),
)
