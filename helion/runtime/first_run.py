"""The first run of a config in, its result out: what Triton's compiler cannot do is raised with the config that asked for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from helion import exc

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel

# Triton's exceptions by name, since Triton is not imported before a kernel is.
_OF_THE_COMPILER = frozenset(
    {"CompilationError", "CompileTimeAssertionFailure", "OutOfResources", "PTXASError", "UnsupportedLanguageConstruct"}
)


def _is_of_the_compiler(problem: Exception) -> bool:
    """Of Triton's passes in C++ a failure comes as a plain error, by whatever name."""
    named = type(problem).__module__.startswith("triton.") and type(problem).__name__ in _OF_THE_COMPILER
    return named or (isinstance(problem, RuntimeError) and str(problem).startswith("PassManager::run failed"))


def first_run(bound: BoundKernel, run: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Raises `exc.TritonError`; with `print_repro` a script that does the same is printed before."""
    try:
        return run(*args)
    except Exception as problem:
        if not _is_of_the_compiler(problem):
            raise
        config = bound.selected_config
        decorator = bound.format_kernel_decorator(config) if config is not None else "@helion.kernel()"
        bound.maybe_log_repro(lambda text: print(text, file=sys.stderr), args, config)
        words = str(problem).strip()
        raise exc.TritonError(f"Triton cannot compile `{bound.kernel.name}` with this config:\n    {decorator}\n{words}") from problem
