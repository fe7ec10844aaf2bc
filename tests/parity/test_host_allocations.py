"""What host functions may do sooner where nothing watches them, allocations first of all: that it gives what torch gives, and what is left
to torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import helion
import helion.language as hl

X = torch.empty(32, 48, device="meta")
PADDED, SPREAD = torch.empty(32, 64, device="meta")[:, :48], torch.empty(48, device="meta").expand(32, 48)
PERMUTED = torch.empty(4, 5, 6, device="meta").permute(1, 2, 0)
GLOBAL = torch.empty(32, 48, device="meta")


def lines(function: Callable[..., Any], *args: Any, static: bool) -> list[str]:
    """The lines of the host function that may be others."""
    kernel = helion.kernel(function, static_shapes=static, autotune_effort="none")
    module = kernel.bind(args).module()
    return [text.strip() for _, text in module.unwatched]


def like(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out


def named(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x, dtype=torch.float16)
    for tile in hl.tile([m, n]):
        out[tile] = x[tile] + 1
    return out


def of_sizes(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty([n, 2, m], dtype=torch.promote_types(x.dtype, torch.float64), device=x.device)
    for i, j in hl.tile([m, n]):
        out[j, 0, i] = x[i, j].T
        out[j, 1, i] = x[i, j].T
    return out


def of_several_lines(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out, _rows = (
        torch.empty(
            (m, n),
            device=x.device,
            dtype=x.dtype,
        ),
        x.new_empty(m),
    )
    for i, j in hl.tile([m, n]):
        out[i, j] = x[i, j]
    return out


@pytest.mark.parametrize(
    ("function", "x", "static", "expected"),
    [
        (like, X, True, "out = _empty_strided((32, 48), (48, 1), torch.float32)"),
        (like, PADDED, True, "out = _empty_strided((32, 48), (48, 1), torch.float32)"),
        (like, X.t(), True, "out = _empty_strided((48, 32), (1, 48), torch.float32)"),
        (like, PERMUTED, True, "out = _empty_strided((5, 6, 4), (6, 1, 30), torch.float32)"),
        (named, X, True, "out = _empty_strided((32, 48), (48, 1), torch.float16)"),
        (named, X, False, "out = _empty_strided((m, n), (n, 1), torch.float16)"),
        (of_sizes, X, True, "out = _empty_strided((48, 2, 32), (64, 32, 1), torch.float64)"),
        (of_sizes, X, False, "out = _empty_strided((n, 2, m), (2 * m, m, 1), torch.float64)"),
        (of_sizes, X.t(), False, "out = _empty_strided((n, 2, m), (2 * m, m, 1), torch.float64)"),
    ],
)
def test_what_types_say_whole_is_allocated_at_once(function: Callable[..., Any], x: torch.Tensor, static: bool, expected: str) -> None:
    assert lines(function, x, static=static)[-1] == expected


def columns(x: torch.Tensor) -> torch.Tensor:
    (n,), (_, m) = x.size()[:1], x.shape
    k, _ = x.shape
    sizes = x.size()
    out = torch.zeros_like(x)
    for tile in hl.tile(sizes[0]):
        out[tile, :] = x[tile, :] + n + m + k
    return out


def test_known_sizes_are_unpacked_as_numbers() -> None:
    assert lines(columns, X, static=True) == ["k, _ = 32, 48"]
    assert lines(columns, X, static=False) == []
    assert lines(named, X, static=True)[0] == "m, n = 32, 48"


def made_by(line: str, **names: Any) -> list[Any]:
    """What a line makes: sizes, strides and dtype."""
    given: list[Any] = []
    exec(line, {"torch": torch, "_empty_strided": lambda *args: given.append(args), **names})
    return given


@pytest.mark.parametrize("x", [X, PADDED, SPREAD, X.t(), PERMUTED, X[None], X[:, :1], X[:0]], ids=lambda x: f"{[*x.shape]} {x.stride()}")
def test_strides_are_those_that_torch_keeps(x: torch.Tensor) -> None:
    (line,) = lines(like, x, static=True)
    expected = torch.empty_like(x)
    assert made_by(line) == [((*expected.shape,), expected.stride(), expected.dtype)]


def of_nothing(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    m, n = x.size()
    nothing = torch.empty([m, n, 0, 3], dtype=x.dtype, device=x.device)
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile]
    return out, nothing


@pytest.mark.parametrize("static", [True, False])
def test_what_is_empty_steps_as_torch_has_it(static: bool) -> None:
    line = lines(of_nothing, X, static=static)[-1]
    expected = torch.empty([32, 48, 0, 3], device="meta")
    assert made_by(line, m=32, n=48) == [((*expected.shape,), expected.stride(), expected.dtype)]


def test_a_statement_keeps_its_lines() -> None:
    kernel = helion.kernel(of_several_lines, autotune_effort="none")
    module = kernel.bind((X,)).module()
    text = module.text.split("\n")
    for number, line in module.unwatched:
        text[number] = line
    assert len(module.unwatched) > 1
    host = "\n".join(text[next(n for n, line in enumerate(text) if line.startswith("def of_several_lines")) :])
    made: dict[str, Any] = {}
    names = {"_empty_strided": lambda *args: args, "_default_launcher": lambda *args, **options: None, "_helion_of_several_lines": None}
    exec(host.replace("return out", "return out, _rows"), {**names, "torch": torch}, made)
    assert made["of_several_lines"](X) == (((32, 48), (48, 1), torch.float32), ((32,), (1,), torch.float32))


def bound_again(x: torch.Tensor) -> torch.Tensor:
    x = x.view(-1)
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile]
    return out


def of_a_global(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(GLOBAL)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile]
    return out


def of_the_usual_dtype(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty(x.size(0), x.size(1), device=x.device)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile]
    return out


def rows_of(x: torch.Tensor) -> int:
    return x.size(0)


def of_a_function(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty([rows_of(x)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile, :].sum(-1)
    return out


def filled(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile]
    return out


@pytest.mark.parametrize(
    ("function", "x", "static"),
    [
        (bound_again, X, True),
        (of_a_global, X, True),
        (of_the_usual_dtype, X, True),
        (of_a_function, X, True),
        (filled, X, True),
        (named, X.t(), False),
        (named, PADDED, False),
        (like, X, False),
        (like, X[:1, :1], True),
        (like, X[:1, :1], False),
        (like, X.as_strided((1, 8), (100, 1)), True),
    ],
)
def test_the_rest_is_left_to_torch(function: Callable[..., Any], x: torch.Tensor, static: bool) -> None:
    assert lines(function, x, static=static) == []
