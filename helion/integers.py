"""Integer functions that kernels use on sizes, on the host and inside the generated host function."""

from __future__ import annotations


def cdiv(a: int, b: int) -> int:
    """`a / b` rounded up. Raises ZeroDivisionError."""
    return -(-a // b)


def next_power_of_2(n: int) -> int:
    """The smallest power of two that is at least `n`; 1 for 0 and less."""
    return 1 if n <= 1 else 1 << (n - 1).bit_length()
