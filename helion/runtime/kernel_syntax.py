"""A kernel's function in, its syntax out, read in the file that it was compiled from; and what decorating it raises for, with its place."""

from __future__ import annotations

import types
from collections.abc import Iterator

from helion import exc
from helion.diagnostics.diagnostic import Diagnostic
from helion.signatures.from_values import module_of_code
from helion.syntax.locate import function_at
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.typecheck.kernel_function import check_function, coroutines, generators


def kernel_syntax(fn: types.FunctionType) -> KernelSyntax | None:
    """The syntax of a function; None where its text is not there to be read."""
    code = fn.__code__
    module = module_of_code(code)
    function = None if module is None else function_at(module, code.co_firstlineno, code.co_name)
    if module is None or function is None:
        return None
    decorated = next((k for k in module.kernels if k.function.span == function.span), None)
    qualname = fn.__qualname__.replace(".<locals>", "")
    return decorated or KernelSyntax(module.file, fn.__name__, qualname, function, None, module)


def placed_error(fn: types.FunctionType, name: str) -> exc.CompileError | None:
    """What the text of a function says of the exception `name` that decorating it raises; None where it says nothing."""
    module = module_of_code(fn.__code__)
    if module is None:
        return None
    syntax = kernel_syntax(fn)
    said = _of_coroutine(module, fn.__code__) if syntax is None else (*check_function(syntax), *generators(syntax))
    found = [diagnostic for diagnostic in said if diagnostic.exception == name]
    return exc.compile_error(found, module.file) if found else None


def _of_coroutine(module: ModuleSyntax, code: types.CodeType) -> Iterator[Diagnostic]:
    """An `async def` is no kernel's syntax: it is found by its lines."""
    last = max(line for _, _, line in code.co_lines() if line is not None)
    for diagnostic in coroutines(module):
        if code.co_firstlineno <= module.file.position(diagnostic.span.start).line + 1 <= last:
            yield diagnostic
