"""A function in, whether it is one of torch's that only computes on its arguments out. The check calls those on tensors without data, in
editors, too: what reads files, seeds generators or changes how torch works is never called."""

from __future__ import annotations

from functools import cache
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodDescriptorType
from typing import Any

import torch

_PYTHON = (
    "torch.functional",
    "torch.nn.functional",
    "torch._tensor",
    "torch._jit_internal",
    "torch._refs",
    "torch._prims",
    "torch._decomp",
    "torch._higher_order_ops",
    "torch._lowrank",
    "torch._linalg_utils",
    "torch.nn.init",
    "torch.masked",
    "torch.signal",
)
_NAMESPACES = ("_VariableFunctions", "_nn", "_linalg", "_special", "_fft", "_sparse", "_nested")
_READS_A_FILE = frozenset({"from_file"})
_OF_TORCH_ITSELF = frozenset({"is_tensor", "is_storage", "typename", "get_default_dtype"})
_TYPES = frozenset({torch.Size, torch.finfo, torch.iinfo, torch.Generator, torch.SymInt, torch.SymFloat, torch.SymBool})


def is_pure_torch(function: Any) -> bool:
    """Operators count as torch's: on tensors they are."""
    if isinstance(function, MethodDescriptorType):
        return issubclass(torch.Tensor, function.__objclass__)
    module = getattr(function, "__module__", None) or ""
    if module in ("_operator", "operator"):
        return True
    if isinstance(function, BuiltinFunctionType | BuiltinMethodType):
        name = function.__name__
        return name in _OF_TORCH_ITSELF or (name not in _READS_A_FILE and function in _builtins())
    if isinstance(function, type):
        return function in _TYPES or issubclass(function, torch.Tensor)
    if isinstance(function, FunctionType):
        name = function.__name__
        is_of_torch = module == "torch" and (name.removeprefix("_").startswith("sym_") or name in _OF_TORCH_ITSELF)
        return is_of_torch or _is_within(module, _PYTHON)
    return module.split(".")[0] == "torch" or type(function).__module__.split(".")[0] == "torch"


def is_of_torch(function: Any) -> bool:
    """Whether torch has a function, whatever it does."""
    module = getattr(function, "__module__", None) or ""
    return _is_within(module, ("torch",))


def _is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@cache
def _builtins() -> frozenset[Any]:
    """Torch's functions in C that take tensors."""
    native: Any = torch._C  # pyright: ignore[reportPrivateUsage]  # torch has no other name for what it is made of
    spaces = [space for name in _NAMESPACES if (space := getattr(native, name, None)) is not None]
    return frozenset(value for space in spaces for name in dir(space) if isinstance(value := getattr(space, name), BuiltinFunctionType))
