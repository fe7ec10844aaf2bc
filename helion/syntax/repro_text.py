"""A kernel and Python expressions for its arguments in, a script that makes them and calls it out, with all that the kernel needs."""

from __future__ import annotations

import ast
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from helion.syntax.self_contained import self_contained
from helion.syntax.tree import KernelSyntax, span_of

BEGIN, END = "# === HELION KERNEL REPRO ===", "# === END HELION KERNEL REPRO ==="
_IMPORTS = ("import torch", "import helion", "import helion.language as hl")
_STRIDED = "from torch._dynamo.testing import rand_strided"
_LINE = 100
_FUTURE = "from __future__ "
_OF_CALLS = frozenset({"config", "configs", "inputs", "on_missing", "autotune_effort"})
# A line of `setup` for expressions that name the device `device`.
DEVICE = 'device = "cuda" if torch.cuda.is_available() else "cpu"'


@dataclass(frozen=True)
class Repro:
    """`arguments` are Python expressions, one an argument; None where they could not be made, and then nothing is called. `setup` are
    statements that the expressions need."""

    kernel: KernelSyntax
    arguments: tuple[str, ...] | None
    setup: tuple[str, ...] = ()

    def caller(self) -> str:
        """What to append to a generated module to run it as a script."""
        return f'\n\ndef call():\n{self._body([_STRIDED, ""])}\n\n\nif __name__ == "__main__":\n    call()\n'

    def script(self, decorator: str, *, comments: Sequence[str] = (), named: Iterable[ast.AST] = ()) -> str:
        """A whole script. `named` is what names things besides the kernel: what its decorator and its arguments say. `comments` are
        lines that stand above everything."""
        needed = self_contained(self.kernel, named)
        futures = [line for line in needed.imports if line.startswith(_FUTURE)]
        strided = (_STRIDED,) if any("rand_strided(" in text for text in self.arguments or ()) else ()
        imports = dict.fromkeys((*_IMPORTS, *strided, *(line for line in needed.imports if line not in futures)))
        lost = [f"# not taken along: {line}" for line in needed.missing]
        parts = [
            "\n".join([BEGIN, *(f"# {line}".rstrip() for line in comments), *lost]),
            "\n".join([*futures, *imports]),
            *needed.statements,
            f"{decorator}\n{needed.kernel}",
        ]
        if self.arguments is not None:
            parts += [f"def helion_repro_caller():\n{self._body([])}", "helion_repro_caller()"]
        return "\n\n".join([*parts, END]) + "\n"

    def _body(self, first: Sequence[str]) -> str:
        arguments = self.arguments or ()
        call = f"return {self.kernel.name}({', '.join(arguments)})"
        whole = [call] if len(call) <= _LINE else [f"return {self.kernel.name}(", *(f"    {text}," for text in arguments), ")"]
        lines = [*first, "torch.manual_seed(0)", *self.setup, *whole]
        return "\n".join(f"    {line}" if line else "" for line in lines)


def kept_keywords(kernel: KernelSyntax) -> Mapping[str, ast.expr]:
    """What the decorator says of the code; which config a call takes, and which calls there are, is the script's."""
    return {name: node for name, node in kernel.keywords.items() if name not in _OF_CALLS}


def with_config(kernel: KernelSyntax, config: str | None) -> str:
    """The decorator with one config; without one nothing is searched for when it is called."""
    chosen = f"config={config}" if config is not None else 'autotune_effort="none"'
    kept = (f"{name}={kernel.file.text_of(span_of(kernel.file, node))}" for name, node in kept_keywords(kernel).items())
    return f"@helion.kernel({', '.join([chosen, *kept])})"


def facts(kernel: KernelSyntax, versions: Mapping[str, str], target: str | None) -> list[str]:
    """What the script stood in, and how it is run: lines for `comments`."""
    words = ", ".join(f"{name} {version}" for name, version in versions.items())
    where = f"{kernel.qualname} of {Path(kernel.file.path).name}"
    return [
        f"{where}; Python {platform.python_version()}, {words}, {platform.system()}" + (f"; target {target}" if target is not None else ""),
        "run: python repro.py, without a GPU HELION_INTERPRET=1 python repro.py; helion check repro.py shows diagnostics alone",
    ]
