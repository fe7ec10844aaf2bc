"""An example in, the specializations of kernels that its `main()` calls out, at the sizes that it has on a GPU: without one, and without
data. Floats have shapes only; what integers the example makes is known, since sizes come from them."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast
from unittest import mock

import torch
from torch._subclasses.fake_tensor import DynamicOutputShapeException, FakeTensor, FakeTensorMode, unset_fake_temporarily
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.weak import WeakTensorKeyDictionary

from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.bound_reference import BoundReference
from helion.runtime.kernel import Kernel
from helion.runtime.shapes_only import launch_nothing
from helion.target import DEFAULT_TARGET

_GPU = torch.device("cuda", 0)
# Where the tensors say that they are: torch without CUDA differentiates none of a GPU, though they have no data.
_CPU = torch.device("cpu")
_ATEN: Any = torch.ops.aten
_MAKE_INTEGERS = (_ATEN.arange, _ATEN.randint, _ATEN.randperm)


def specializations(example: str) -> list[BoundKernel]:
    """Every specialization, once, in the order of the calls. Raises whatever `main()` raises."""
    module = importlib.import_module(f"examples.{example}")
    found: dict[int, BoundKernel] = {}
    bind = Kernel[..., Any].bind

    def recording(kernel: Kernel[..., Any], args: Sequence[Any]) -> BoundKernel | BoundReference:
        with _disable_current_modes():  # the compiler has probes of its own
            bound = bind(kernel, args)
            assert isinstance(bound, BoundKernel), "kernels that run eagerly are compiled for nothing"
            bound.ensure_config_exists(args)
        found.setdefault(id(bound), bound)
        return bound

    for kernel in vars(module).values():
        if isinstance(kernel, Kernel):
            cast("Kernel[..., Any]", kernel).reset()  # a call whose specialization is known binds nothing
    with _as_on_a_gpu(), mock.patch.object(Kernel, "bind", recording):
        module.main()
    return list(found.values())


@contextlib.contextmanager
def _as_on_a_gpu() -> Iterator[None]:
    """What examples ask of the machine is answered as on Hopper; what they check and time is called alone."""
    stands_for = {"DEVICE": _GPU, "check": _call, "run_example": _call_with_gradients}
    examples = [module for name, module in sys.modules.items() if name.startswith("examples.")]
    with contextlib.ExitStack() as stack:
        for module in examples:
            stack.enter_context(mock.patch.multiple(module, **{n: value for n, value in stands_for.items() if hasattr(module, n)}))
        capability = divmod(DEFAULT_TARGET.capability, 10)
        stack.enter_context(mock.patch("torch.cuda.get_device_capability", return_value=capability))
        stack.enter_context(mock.patch("triton.runtime.jit.JITFunction.run", launch_nothing))  # of code that stands alone
        torch.manual_seed(0)
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        stack.enter_context(_KnownIntegers())
        yield


def _call(name: str, kernel: Callable[..., Any], reference: Callable[..., Any], args: Sequence[Any]) -> None:
    kernel(*args)


def _call_with_gradients(
    functions: Callable[..., Any] | Mapping[str, Callable[..., Any]], baseline: Any, args: Sequence[Any], *, bwd: bool = False, **_: Any
) -> None:
    for function in [functions] if callable(functions) else functions.values():
        result = function(*args)
        if bwd:
            result.backward(torch.ones_like(result))


class _KnownIntegers(TorchDispatchMode):
    """Beside every fake tensor that is made of integers alone, what it would hold."""

    def __init__(self) -> None:
        super().__init__()
        self._known = WeakTensorKeyDictionary()

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        options = {name: _CPU if name == "device" else value for name, value in (kwargs or {}).items()}
        known = self._result(func, args, options)
        if func is _ATEN._local_scalar_dense.default and known is not None:
            return known
        try:
            result = func(*args, **options)
        except DynamicOutputShapeException:
            result = tree_map(lambda real: torch.empty(real.shape, dtype=real.dtype), known)
        for fake, real in zip(tree_leaves(result), tree_leaves(known), strict=False):
            if isinstance(fake, FakeTensor) and isinstance(real, torch.Tensor):
                self._known[fake] = real
        return result

    def _result(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What an operation gives on what is known; None where that is not enough, or no integer."""
        tensors = [leaf for leaf in tree_leaves((args, options)) if isinstance(leaf, torch.Tensor)]
        if any(isinstance(tensor, FakeTensor) and tensor not in self._known for tensor in tensors):
            return None
        if not tensors and func.overloadpacket not in _MAKE_INTEGERS:
            return None
        real_args, real_options = tree_map(
            lambda leaf: self._known.get(leaf, leaf) if isinstance(leaf, torch.Tensor) else leaf, (args, options)
        )
        with unset_fake_temporarily():
            return func(*real_args, **real_options)
