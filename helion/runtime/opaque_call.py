"""A kernel and the arguments of a call that `torch.compile` traces in, one operation of the graph out, which sees shapes, not code.

The operation is made for a kernel and what is not a tensor in a call: its schema says which tensors the kernel writes to, found by running
the host statements on tensors without data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

from helion import exc
from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.late_import import late_import
from helion.source import Span

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel

_PYTREE: Any = pytree
_LIBRARY: Any = torch.library
_COMPILER: Any = torch.compiler
_TENSOR = object()


@dataclass(frozen=True)
class _Form:
    """How the results of a call are put together: `places` are ("new", n), ("argument", n) or ("constant", value), one a leaf."""

    operation: Callable[..., Any]
    places: tuple[tuple[str, Any], ...]
    structure: Any


@dataclass
class OpaqueCalls:
    """The operations made for one kernel, by what a call is like; lives as long as the kernel."""

    kernel: Kernel
    _library: Any = None
    _forms: dict[Any, _Form] = field(default_factory=dict[Any, _Form])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What stands in the graph. Raises `exc.CompileError` for kernels that return views of arguments."""
        leaves, structure = _PYTREE.tree_flatten(self.kernel.normalize_args(*args, **kwargs))
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        form = self._form(leaves, structure, tensors)
        given: Any = form.operation(*tensors)
        sources: dict[str, Sequence[Any]] = {"new": given if isinstance(given, tuple) else (given,), "argument": tensors}
        results = [sources[kind][value] if kind in sources else value for kind, value in form.places]
        return _PYTREE.tree_unflatten(results, form.structure)

    def _form(self, leaves: list[Any], structure: Any, tensors: list[torch.Tensor]) -> _Form:
        constants = tuple(_TENSOR if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves)
        key = (
            constants,
            str(structure),
            tuple((t.dtype, t.device, tuple(map(int, t.shape)), tuple(map(int, t.stride()))) for t in tensors),
        )
        if key not in self._forms:
            self._forms[key] = self._made(partial(_rebuilt, constants, structure), _with_known_sizes(tensors))
        return self._forms[key]

    def _made(self, rebuilt: Callable[[Sequence[Any]], Sequence[Any]], tensors: list[torch.Tensor]) -> _Form:
        kernel = self.kernel
        bound: Any = kernel.bind(rebuilt(tensors))
        versions = [tensor._version for tensor in tensors]
        stores: Any = late_import("helion.runtime.written_tensors")  # imports the device IR, as decorating must not
        results, launched = stores.written_tensors(bound, rebuilt(tensors))
        leaves, structure = _PYTREE.tree_flatten(results)
        written = {_memory(tensor) for tensor in launched}
        mutated = [_memory(t) in written or t._version != v for t, v in zip(tensors, versions, strict=True)]
        new: list[int] = []
        places = tuple(self._place(position, leaf, tensors, new) for position, leaf in enumerate(leaves))

        def run(*given: torch.Tensor) -> Any:
            found = _PYTREE.tree_leaves(kernel(*rebuilt(_with_known_sizes(given))))
            tensors = tuple(found[position] for position in new)
            return tensors[0] if len(tensors) == 1 else tensors or None

        return _Form(self._operation(mutated, len(new), run), places, structure)

    def _place(self, position: int, leaf: Any, tensors: list[torch.Tensor], new: list[int]) -> tuple[str, Any]:
        if not isinstance(leaf, torch.Tensor):
            return "constant", leaf
        if (same := next((n for n, tensor in enumerate(tensors) if tensor is leaf), None)) is not None:
            return "argument", same
        if any(_memory(tensor) == _memory(leaf) for tensor in tensors):
            why = "under torch.compile a kernel cannot return a view of an argument; return the argument itself, or nothing"
            raise exc.compile_error([InvalidArgument(Span(0, 0), self.kernel.name, why)])
        new.append(position)
        return "new", len(new) - 1

    def _operation(self, mutated: list[bool], results: int, run: Callable[..., Any]) -> Callable[..., Any]:
        if self._library is None:
            self._library = torch.library.Library("helion_kernels", "FRAGMENT")
        name = f"{self.kernel.name}_{id(self):x}_{len(self._forms)}"
        parameters = ", ".join(f"Tensor(a{n}!) t{n}" if writes else f"Tensor t{n}" for n, writes in enumerate(mutated))
        self._library.define(f"{name}({parameters}) -> ({', '.join(['Tensor'] * results)})")
        self._library.impl(name, run, "CompositeExplicitAutograd")
        _LIBRARY.register_fake(f"helion_kernels::{name}", run, lib=self._library)
        return getattr(torch.ops.helion_kernels, name).default


def _with_known_sizes(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Fake tensors with the sizes of the call in place of symbols, which the graph is thereby made for; others as they are."""
    return [_like(t) if isinstance(t, FakeTensor) and any(type(n) is not int for n in (*t.shape, *t.stride())) else t for t in tensors]


def _like(tensor: FakeTensor) -> torch.Tensor:
    with tensor.fake_mode:
        return torch.empty_strided(
            tuple(map(int, tensor.shape)), tuple(map(int, tensor.stride())), dtype=tensor.dtype, device=tensor.device
        )


def _memory(tensor: torch.Tensor) -> int:
    """What tensors that share memory have in common; those without data have no address."""
    storage: Any = tensor.untyped_storage()
    return storage._cdata


def _rebuilt(constants: tuple[Any, ...], structure: Any, tensors: Sequence[Any]) -> Sequence[Any]:
    """The arguments of a call with these tensors."""
    remaining = iter(tensors)
    return _PYTREE.tree_unflatten([next(remaining) if leaf is _TENSOR else leaf for leaf in constants], structure)


def not_prepared(*args: Any, **kwargs: Any) -> Any:
    """Stands where `prepare_graph_function` puts what graphs call."""
    raise NotImplementedError


def prepare_graph_function(kernel: Kernel) -> bool:
    """Give the kernel the function that stands for it in graphs; only while Dynamo traces is there a Dynamo to tell."""
    if kernel.graph_function is not_prepared:
        calls = OpaqueCalls(kernel)

        def call(*args: Any, **kwargs: Any) -> Any:
            return calls(*args, **kwargs)

        call.__name__ = kernel.name
        kernel.graph_function = _COMPILER.allow_in_graph(call)
    return True


def run_while_tracing(method: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Dynamo runs the method while it traces, and does not look into it: `torch.compiler.assume_constant_result` without importing Dynamo.
    For methods, since a function's arguments must be constants in torch 2.11, which objects of ours are not."""
    marked: Any = method
    marked._dynamo_marked_constant = True
    return method
