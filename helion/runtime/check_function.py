"""A function given to the decorator in, nothing out: raises for what cannot be a kernel before any argument is known."""

from __future__ import annotations

import dis
import importlib
import inspect
import types
from typing import Any, NoReturn

from helion import exc
from helion.diagnostics.catalog.decorator import KernelParameters
from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.diagnostics.catalog.runtime import NotAFunction
from helion.source import Span
from helion.syntax.reserved_names import GENERATED, GENUINE, RESERVED

_SUSPENDS = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def check_function(fn: Any) -> None:
    """Raises of `helion.exc`: InvalidKernelFunction (a TypeError) for the wrong kind of object or parameters, StatementNotSupported for
    `async` and `yield`, ClosuresNotSupported, NamingConflict, DecoratorAfterHelionKernelDecorator."""
    if not isinstance(fn, types.FunctionType) or fn.__name__ == "<lambda>":
        raise exc.compile_error([NotAFunction(Span(0, 0), _described(fn))])
    if fn.__code__.co_flags & _SUSPENDS:
        word = "async" if fn.__code__.co_flags & ~inspect.CO_GENERATOR & _SUSPENDS else "yield"
        _refuse(fn, exc.compile_error([UnsupportedStatement(Span(0, 0), f"`{word}`", f"a kernel, `{fn.__name__}`")]))
    if hasattr(fn, "__wrapped__"):
        words = f"{fn.__name__}: a decorator stands below @helion.kernel; put it above, or remove it"
        raise exc.DecoratorAfterHelionKernelDecorator(words)
    for parameter in inspect.signature(fn).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            what = f"*args, **kwargs or keyword-only parameters (`{parameter.name}` of {fn.__name__})"
            _refuse(fn, exc.compile_error([KernelParameters(Span(0, 0), what)]))
    if fn.__code__.co_freevars:
        _refuse(fn, exc.ClosuresNotSupported(f"{fn.__name__} reads {', '.join(fn.__code__.co_freevars)} of an enclosing function"))
    _check_names(fn)


def _refuse(fn: types.FunctionType, problem: exc.BaseError) -> NoReturn:
    """Raises the error, as a diagnostic with its place where the function's text is there to be read. What reads text imports torch's
    types, which decorating does without."""
    texts: Any = importlib.import_module("helion.runtime.kernel_syntax")
    raise texts.placed_error(fn, type(problem).__name__) or problem


def _described(fn: Any) -> str:
    if isinstance(fn, types.FunctionType):
        return "a lambda"
    return f"the class {fn.__name__}" if isinstance(fn, type) else type(fn).__name__


def _check_names(fn: types.FunctionType) -> None:
    clash = sorted(RESERVED & set(fn.__code__.co_varnames))
    if clash:
        _refuse(fn, exc.NamingConflict(f"{fn.__name__}: `{clash[0]}` cannot be a parameter or a local, generated code needs the name"))
    read = {i.argval for i in dis.get_instructions(fn) if i.opname == "LOAD_GLOBAL"}
    generated = sorted(GENERATED & read)
    if generated:
        _refuse(fn, exc.NamingConflict(f"{fn.__name__}: `{generated[0]}` is a name of generated code"))
    for name in sorted(read & GENUINE.keys() & fn.__globals__.keys()):
        value = fn.__globals__[name]
        if not isinstance(value, types.ModuleType) or value.__name__ != GENUINE[name]:
            _refuse(fn, exc.NamingConflict(f"{fn.__name__}: the global `{name}` must be the module {GENUINE[name]}"))
