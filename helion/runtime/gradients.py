"""A kernel and its arguments in, the kernel of its gradient out, and the gradients themselves; derives nothing."""

from __future__ import annotations

import hashlib
import inspect
import types
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch

import helion.language as hl
from helion import exc
from helion.autodiff.derive import derive, returned_tensors
from helion.autodiff.not_differentiable import NotDifferentiable
from helion.autodiff.write_kernel import KernelText
from helion.diagnostics.catalog.gradients import GradientNotSupported
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.environment import cache_directory
from helion.runtime.kernel import Kernel
from helion.runtime.loader import write_once
from helion.settings import RefMode
from helion.types.untyped import is_sequence

_HEAD = "import torch\n\nimport helion\nimport helion.language as hl\n\n\n"
_WRITABLE = (bool, int, float, str, type(None))


@dataclass(frozen=True)
class GradientKernel:
    """`kernel(*gradients, *args)` returns the gradients of the parameters at `positions`; `takes` says which outputs' gradients."""

    kernel: Kernel[..., Any]
    takes: tuple[bool, ...]
    positions: tuple[int, ...]


class _OnlyRead(Kernel[..., Any]):
    """A kernel that is bound to be read, never to run: tensors on a CPU, which Python runs the gradient's kernel for, are as good."""

    def _refuse_cpu(self, args: Sequence[Any]) -> None:
        pass


def backward(kernel: Kernel[..., Any], grad_out: Any, *args: Any) -> Any:
    """The gradients of a kernel's arguments, given that of its output: `backward(kernel, grad_out, x, y)` is `(grad_x, grad_y)`.

    A kernel with several outputs takes a tuple with one for each, None for those that nothing depends on. The result is a tuple with an
    entry for each argument, None for numbers, integer tensors and what no output depends on; for one argument it is that entry.
    The gradient is computed by a kernel of its own, from the arguments alone: the forward need not have run. `gradient_kernel` gives it.

    Raises `exc.AutodiffNotSupported`, naming what of the kernel has no gradient kernel.
    """
    values = kernel.normalize_args(*args)
    given = tuple(cast("Sequence[Any]", grad_out)) if is_sequence(grad_out) else (grad_out,)
    found = _gradient_kernel(kernel, values, tuple(gradient is not None for gradient in given))
    results = found.kernel(*(gradient for gradient, is_taken in zip(given, found.takes, strict=True) if is_taken), *values)
    by_position = dict(zip(found.positions, results if len(found.positions) > 1 else (results,), strict=True))
    gradients = tuple(by_position.get(position) for position in range(len(args)))
    return gradients[0] if len(gradients) == 1 else gradients


def gradient_kernel(kernel: Kernel[..., Any], *args: Any) -> Kernel[..., Any]:
    """The kernel that computes the gradients of `kernel` for such arguments: `grad(grad_out, ..., *args)`. It is one like any other: to be
    tuned, locked and looked at; `kernel_source()` is its text. Raises `exc.AutodiffNotSupported`."""
    return _gradient_kernel(kernel, kernel.normalize_args(*args), None).kernel


def _gradient_kernel(kernel: Kernel[..., Any], args: tuple[Any, ...], takes: tuple[bool, ...] | None) -> GradientKernel:
    """The gradient kernel for the type of these arguments, of the outputs that `takes` names (all, if None); derived once."""
    try:
        return _for_sizes(kernel, args, takes, static_shapes=False)
    except exc.AutodiffNotSupported:
        if not kernel.settings.static_shapes:
            raise
        # What torch computes of sizes while it takes derivatives, as that of a variance, is known for the sizes of a call.
        return _for_sizes(kernel, args, takes, static_shapes=True)


def _for_sizes(kernel: Kernel[..., Any], args: tuple[Any, ...], takes: tuple[bool, ...] | None, *, static_shapes: bool) -> GradientKernel:
    settings = replace(kernel.settings, static_shapes=static_shapes, ref_mode=RefMode.OFF)
    checked = kernel.derived(("checked for its gradient", static_shapes), lambda: _OnlyRead(kernel.fn, settings=settings))
    bound = checked.bind(args)
    assert isinstance(bound, BoundKernel)
    try:
        outputs = returned_tensors(bound.typed)
        wanted = _wanted(kernel, outputs, takes)
        return kernel.derived((bound, wanted), lambda: _derived(kernel, bound, outputs, wanted))
    except NotDifferentiable as problem:
        raise exc.compile_error([GradientNotSupported(problem.span, kernel.name, problem.what, problem.why)], bound.typed.file) from problem


def _wanted(kernel: Kernel[..., Any], outputs: Sequence[str | None], takes: Sequence[bool] | None) -> tuple[str, ...]:
    """The outputs whose gradients are given."""
    if takes is None:
        return tuple(output for output in outputs if output is not None)
    if len(takes) != len(outputs):
        raise TypeError(f"{kernel.name} returns {len(outputs)} values, and gradients of {len(takes)} are given")
    if None in (output for output, is_given in zip(outputs, takes, strict=True) if is_given):
        raise TypeError(f"{kernel.name}: a gradient is given for something returned that is no tensor; give None there")
    return tuple(output for output, is_given in zip(outputs, takes, strict=True) if is_given and output is not None)


def _derived(kernel: Kernel[..., Any], bound: BoundKernel, outputs: Sequence[str | None], wanted: Sequence[str]) -> GradientKernel:
    decorator = f"@helion.kernel(static_shapes={kernel.settings.static_shapes})"
    text = derive(bound.typed, _parameters(kernel), wanted, decorator)
    positions = tuple(list(kernel.signature.parameters).index(name) for name in text.of)
    takes = tuple(output in text.outputs for output in outputs)
    settings = replace(kernel.settings, autotune_baseline_fn=None)
    return GradientKernel(Kernel(_function(kernel, text), settings=settings), takes, positions)


def _parameters(kernel: Kernel[..., Any]) -> tuple[str, ...]:
    """The parameters as the gradient kernel has them; an annotation matters where it bakes a value in."""
    found: list[str] = []
    for parameter in kernel.signature.parameters.values():
        text = parameter.annotation if isinstance(parameter.annotation, str) else getattr(parameter.annotation, "__name__", "")
        is_baked = "constexpr" in text.lower()
        name = f"{parameter.name}: hl.constexpr" if is_baked else parameter.name
        default: Any = parameter.default
        value = repr(default) if isinstance(default, _WRITABLE) else "..."
        found.append(name if default is parameter.empty else f"{name} = {value}" if is_baked else f"{name}={value}")
    return tuple(found)


def _function(kernel: Kernel[..., Any], text: KernelText) -> types.FunctionType:
    """The function of a text, in a file of its own, with the forward's globals."""
    module = _HEAD + text.text
    path = _written(text.name, module)
    code = next(c for c in compile(module, str(path), "exec").co_consts if inspect.iscode(c) and c.co_name == text.name)
    names = {**kernel.fn.__globals__, "torch": torch, "hl": hl}
    return types.FunctionType(code, names, text.name, kernel.fn.__defaults__)


def _written(name: str, text: str) -> Path:
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    path = cache_directory() / "gradients" / f"{name}_{digest}.py"
    write_once(path, text)
    return path
