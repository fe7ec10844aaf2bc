"""Paths in, the kernels of their files out, each once by its name; what cannot be read is told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helion import compiler
from helion.cli.exit_codes import NOT_FOUND
from helion.cli.failure import Failure, failure
from helion.cli.read_source import python_files, read_file, split_name
from helion.cli.subject import find_kernel
from helion.syntax.tree import KernelSyntax


def find_kernels(names: Iterable[str]) -> Iterator[KernelSyntax]:
    """Of files, folders and `FILE::kernel`; of several kernels of one name the last, as when the file is imported. Raises Failure."""
    for name in names:
        path, kernel = split_name(name)
        files = python_files((path,))
        if not files:
            raise failure("no-such-file", f"`{path}` holds no Python files", NOT_FOUND)
        for file in files:
            try:
                module = compiler.parse(read_file(file))
            except Failure:
                if len(files) == 1:
                    raise
                continue  # one unreadable file of a folder hides nothing else; `helion check` names it
            if kernel is not None:
                yield find_kernel(module, kernel)
                continue
            yield from {k.qualname: k for k in module.every_kernel}.values()
