"""Calls that nothing watches, and how a call is known to be one of these: for them the host function allocates past torch's dispatcher.

Modes see what a function calls of torch (`torch.device(...)`, FakeTensorMode, functorch, a tracer), and deterministic algorithms fill what
was empty. Under any of these the host function runs as it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

_TORCH: Any = torch
# What a thread's dispatcher goes through for tensors that are neither watched nor of a kind that results take after: names, conjugates.
_OF_THREADS = ("BackendSelect", "ADInplaceOrView")
_OF_TENSORS = ("CPU", "CUDA", "ADInplaceOrView", "AutogradCPU", "AutogradCUDA", "AutocastCPU", "AutocastCUDA")


def is_unwatched(tensors: Iterable[torch.Tensor], device: torch.device) -> bool:
    """Whether calls like the one at hand, with these arguments, are watched by nothing that changes torch's dispatcher: of those in which
    torch's guards see the same dispatcher and tensors that are alike, `WATCHES` tells the others. What the host alone reads may be
    elsewhere than on the `device` of the call, and so is what is made like it."""
    threads, kinds = _keys(_OF_THREADS), _keys(_OF_TENSORS)
    if _others(_TORCH._C._dispatch_tls_local_include_set(), threads):
        return False
    # The strides of what is empty are those of something longer.
    return all(tensor.device == device and tensor.numel() and not _others(_TORCH._C._dispatch_keys(tensor), kinds) for tensor in tensors)


# By the names that a condition reads: modes of Python that see tensors, those that see functions, and empty memory that is filled. For
# a tensor of torch's own class the second says whether there is such a mode, in half the time of asking for their number.
WATCHES = "_dispatch_modes() or _has_function({tensor}) or _fills_memory()"
WATCHES_READ: Mapping[str, Any] = {
    "_dispatch_modes": _TORCH._C._len_torch_dispatch_stack,
    "_has_function": _TORCH._C._has_torch_function_unary,
    "_fills_memory": _TORCH._C._get_deterministic_algorithms,
}


def _keys(names: Iterable[str]) -> int:
    keys: Any = None
    for name in names:
        one = _TORCH._C.DispatchKeySet(getattr(_TORCH._C.DispatchKey, name))
        keys = one if keys is None else keys | one
    return keys.raw_repr()


def _others(keys: Any, known: int) -> bool:
    return bool(keys.raw_repr() & ~known)
