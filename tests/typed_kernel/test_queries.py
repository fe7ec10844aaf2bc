"""What a cursor is on: parameters, host and device code, callees, iterators, branches that one call would leave out."""

from __future__ import annotations

import pytest

from helion.typed_kernel.print import print_kernel
from helion.typed_kernel.queries import definitions_of, innermost, references_to
from tests.typecheck.kernels import HEAD, check

TEXT = """
@helion.kernel
def kernel(x: torch.Tensor, y: torch.Tensor | None):
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m in hl.tile([m])[0]:
        pass
    for tile_m in hl.tile(m):
        acc = x[tile_m, :].float()
        for tile_n in hl.tile(n):
            acc = acc + x[tile_m, tile_n].sum()
        if y is not None:
            acc = acc * 2
        else:
            acc = acc.abs()
        out[tile_m, :] = acc
    return out
""".replace("    for tile_m in hl.tile([m])[0]:\n        pass\n", "")


def at(marked: str) -> str:
    """The type under the cursor `|` in a line of the kernel."""
    plain = marked.replace("|", "", 1)
    assert TEXT.count(plain) == 1
    kernel = check(TEXT)
    found = innermost(kernel, len(HEAD) + TEXT.index(plain) + marked.index("|"))
    return "" if found is None else str(found.type)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("(|x: torch", "?[m, n]"),
        ("|y: torch", "?[*y] | None"),
        ("|m, n = x", "int(m)"),
        ("m, |n = x", "int(n)"),
        ("= |x.size()", "?[m, n]"),
        ("= x.size(|)", "(int(m), int(n))"),
        ("|out = torch", "?[m, n]"),
        ("torch.empty_|like(x)", "function empty_like"),
        ("for |tile_m in", "tile(tile_m)"),
        ("in hl.tile(|m):", "int(m)"),
        ("|acc = x[", "f32[tile_m, n]"),
        ("x[tile_m, |:].float", ":"),
        ("x[tile_m, :]|.float", "?[tile_m, n]"),
        ("x[|tile_m, tile_n]", "tile(tile_m)"),
        ("if y| is", "?[*y] | None"),
        ("= |acc.abs()", "f32[tile_m, n]"),
        ("return |out", "?[m, n]"),
        ("|@helion.kernel", ""),
    ],
)
def test_innermost(marked: str, expected: str) -> None:
    assert at(marked) == expected


def test_definitions_and_references() -> None:
    kernel = check(TEXT)
    lines = [TEXT.splitlines()[TEXT.count("\n", 0, b.span.start - len(HEAD))].strip() for b in definitions_of(kernel, "acc")]
    assert lines == ["acc = x[tile_m, :].float()", "acc = acc + x[tile_m, tile_n].sum()", "acc = acc * 2", "acc = acc.abs()"]
    assert [kernel.file.text_of(span) for span in references_to(kernel, "acc")] == ["acc"] * TEXT.count("acc")


def test_printing() -> None:
    text = print_kernel(check(TEXT))
    assert text.splitlines()[0] == "kernel kernel"
    assert "  block tile_m: block_sizes[0], extent m" in text
    assert "acc: f32[tile_m, n] · device" in text
