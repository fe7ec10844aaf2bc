"""Paths in, the kernels of their files out, in order of the text; what cannot be read is told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helion import compiler
from helion.cli.exit_codes import NOT_FOUND
from helion.cli.failure import Failure, failure
from helion.cli.read_source import python_files, read_file, split_name
from helion.cli.subject import find_kernel
from helion.syntax.namesakes import in_order, kernels_called
from helion.syntax.tree import KernelSyntax


def find_kernels(names: Iterable[str]) -> Iterator[KernelSyntax]:
    """Of files, folders and `FILE::kernel`; of several of one name all, each with its own place in the text. Raises Failure."""
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
            if kernel is None:
                yield from in_order(module)
            else:
                yield from kernels_called(module, kernel) or (find_kernel(module, kernel),)
