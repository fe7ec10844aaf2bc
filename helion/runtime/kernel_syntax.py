"""A kernel's function in, its syntax out, read in the file that it was compiled from; and what decorating it raises for, with its place."""

from __future__ import annotations

import types

from helion import exc
from helion.signatures.from_values import module_of_code
from helion.syntax.locate import function_at
from helion.syntax.tree import KernelSyntax
from helion.typecheck.kernel_function import check_function


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
    syntax = kernel_syntax(fn)
    found = [] if syntax is None else [diagnostic for diagnostic in check_function(syntax) if diagnostic.exception == name]
    return exc.compile_error(found, syntax.file) if syntax is not None and found else None
