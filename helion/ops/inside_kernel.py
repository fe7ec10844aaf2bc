"""What a stub does when Python runs it outside a kernel: it says so."""

from __future__ import annotations

from typing import NoReturn

from helion import exc


def only_inside_kernel(name: str) -> NoReturn:
    """Raise `helion.exc.NotInsideKernel`: the stubs of `hl` have no body of their own."""
    raise exc.NotInsideKernel(f"{name} can only be called inside a function decorated with @helion.kernel")
