"""What kernels make of unusual arguments: graphs, Python's functions, marked dims; each function runs where Triton interprets."""

from __future__ import annotations

import operator

import pytest
import torch

import helion
from helion import exc
from tests.runtime import kernels
from tests.runtime.call_checks import bound_of
from tests.runtime.kernels import plain

X = torch.linspace(-2, 2, 9)


def _graph(scale: float) -> torch.fx.GraphModule:
    return torch.fx.symbolic_trace(lambda v: torch.relu(v) * scale)


def check_a_graph_is_a_function_of_the_device() -> None:
    kernel = plain(kernels.applied)
    assert torch.equal(kernel(X, _graph(2.0)), X.relu() * 2)
    assert torch.equal(kernel(X, _graph(3.0)), X.relu() * 3)
    assert bound_of(kernel, X, _graph(2.0)) is bound_of(kernel, X, _graph(2.0))
    with pytest.raises(exc.GraphModuleUnsupportedOps, match="call_module 0"):
        kernel(X, torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.ReLU())))


def check_functions_of_python_and_torch_are_functions_of_the_device() -> None:
    kernel = plain(kernels.applied)
    for function in (abs, operator.neg, torch.sigmoid, torch.nn.functional.silu):
        torch.testing.assert_close(kernel(X, function), function(X))


def check_dims_marked_static_are_constants_of_the_code() -> None:
    kernel = plain(kernels.row_dots, static_shapes=False)
    marked = torch.ones(3, 24)
    torch._dynamo.mark_static(marked, 1)
    assert torch.equal(kernel(marked, marked), torch.full([3], 24.0))
    assert "x_size_1" not in bound_of(kernel, marked, marked).to_triton_code()
    assert "x_size_1" in bound_of(kernel, torch.ones(3, 24), torch.ones(3, 24)).to_triton_code()


def check_a_tensor_cannot_be_baked_in() -> None:
    with pytest.raises(exc.TensorAsConstexpr, match="a tensor cannot be an"):
        plain(kernels.baked_times)(X, X)


def check_code_for_jax_is_refused() -> None:
    assert helion.OutputCodeOptions() == helion.OutputCodeOptions(allow_helion_deps=True, jax_fn=False)
    with pytest.raises(exc.BackendUnsupported, match="jax_fn"):
        helion.OutputCodeOptions(jax_fn=True)


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
