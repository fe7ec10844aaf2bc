"""What a kernel's hash depends on, and what it does not: not on formatting, decorators or words, and not on the Python that reads it."""

from __future__ import annotations

import pytest

from helion.locks.kernel_hash import kernel_hash
from helion.source import SourceFile
from helion.syntax.parse import parse_module

TEXT = """
import helion
import helion.language as hl


@helion.kernel
def kernel(x, *, scale=2.0, name=None):
    m, n = x.size()
    for tile_m, tile_n in hl.tile([m, n]):
        x[tile_m, tile_n] = x[tile_m, tile_n] * scale if name is None else -x[tile_m, :][:, tile_n]
    return (x, f"{name!r:>{n}}", b"a", ...)
"""


def hash_of(text: str) -> str:
    (kernel,) = parse_module(SourceFile("kernel.py", text)).kernels
    return kernel_hash(kernel)


def test_every_version_of_python_gives_the_same() -> None:
    """Sidecars are committed: a team with two versions of Python must not see each other's locks as stale."""
    assert hash_of(TEXT) == "968d5a7c7dd9ceda"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@helion.kernel", "@helion.kernel(config=helion.Config(block_sizes=[1, 1]))"),
        ("    m, n =", '    """What it does."""\n    m, n ='),
        ("    m, n =", "    # a comment\n    m, n  ="),
        ("* scale", "* (scale)"),
        # What `helion annotate` writes: a call decides of what shape a tensor is, whatever is written.
        ("(x, *", '(x: Shaped[torch.Tensor, "m n"] | None, *'),
        ("name=None)", "name=None) -> torch.Tensor"),
    ],
)
def test_what_changes_nothing(old: str, new: str) -> None:
    assert hash_of(TEXT.replace(old, new)) == hash_of(TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("* scale", "/ scale"),
        ("2.0", "2"),
        ("name=None", "name=0"),
        ("*, ", ""),
        ("[:, tile_n]", "[:, None]"),
        ('b"a"', "'a'"),
        ("scale=2.0", "scale: hl.constexpr = 2.0"),
    ],
)
def test_what_changes_it(old: str, new: str) -> None:
    assert hash_of(TEXT.replace(old, new)) != hash_of(TEXT)
