"""The arguments of a call in, Python text that makes arguments like them and calls the kernel out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from helion.types.untyped import is_sequence

_IMPORTS = "import torch\nimport helion\nimport helion.language as hl\nfrom torch._dynamo.testing import rand_strided\n"


@dataclass(frozen=True)
class Repro:
    """`arguments` are Python expressions, one an argument."""

    kernel: str
    arguments: tuple[str, ...]

    def caller(self) -> str:
        """What to append to a generated module to run it as a script."""
        return (
            "\n\ndef call():\n"
            "    from torch._dynamo.testing import rand_strided\n\n"
            f"    torch.manual_seed(0)\n    return {self._call()}\n"
            '\n\nif __name__ == "__main__":\n    call()\n'
        )

    def script(self, decorator: str, function: Callable[..., Any]) -> str:
        """A whole script around the kernel's source."""
        source = inspect.getsource(function)
        body = source[source.index("def ") :]
        caller = f"def helion_repro_caller():\n    torch.manual_seed(0)\n    return {self._call()}\n"
        lines = (
            "# === HELION KERNEL REPRO ===",
            _IMPORTS,
            f"{decorator}\n{body}",
            caller,
            "helion_repro_caller()",
            "# === END HELION KERNEL REPRO ===",
        )
        return "\n".join(lines)

    def _call(self) -> str:
        return f"{self.kernel}({', '.join(self.arguments)})"


def describe_call(kernel: str, args: Sequence[Any]) -> Repro:
    return Repro(kernel, tuple(_expression(value) for value in args))


def _expression(value: Any) -> str:
    match value:
        case torch.Tensor():
            shape, stride = tuple(value.shape), tuple(value.stride())
            return f"rand_strided({shape}, {stride}, dtype={value.dtype}, device={str(value.device)!r})"
        case _ if is_sequence(value):
            items = ", ".join(map(_expression, value))
            return f"[{items}]" if isinstance(value, list) else f"({items},)"
        case torch.device():
            return f"torch.device({str(value)!r})"
        case _:
            return repr(value)
