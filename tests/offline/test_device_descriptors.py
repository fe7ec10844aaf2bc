"""Descriptors that the kernel makes, for tiles that end before their tensor: where one is made, for which memory, and how often."""

from __future__ import annotations

import contextvars

import pytest
import torch
import triton

import helion
import helion.language as hl
from helion import compiler
from helion.codegen.standalone import standalone_text
from helion.codegen.triton_module import TritonModule
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.launcher import set_triton_allocator
from helion.target import find_target
from tests.parity.indexing.cut import BOUNDS, highest_of_groups, rows_of_groups, the_first_columns

ALLOCATOR = triton.runtime._allocation._allocator


def added_to_groups(x: torch.Tensor, bounds: torch.Tensor, out: torch.Tensor) -> None:
    for g in hl.grid(bounds.size(0) - 1):
        for t in hl.tile(bounds[g], bounds[g + 1]):
            hl.atomic_add(out, [t, slice(None)], x[t, :])


def _module(fn, *arguments, made: bool = True, target: str = "sm_90", **config) -> TritonModule:
    bound = BoundKernel(helion.kernel(fn, autotune_effort="none"), arguments)
    found = find_target(target)
    assert found is not None
    space = compiler.config_space(bound.ir, found)
    config = {**space.default(), "indexing": "tensor_descriptor", "device_descriptors": made, **config}
    return compiler.generate(bound.ir, space.normalize(config), found)


GROUPS = (torch.zeros(40, 64), BOUNDS, torch.zeros(40, 64))


def test_a_descriptor_ends_where_the_group_does() -> None:
    text = _module(rows_of_groups, *GROUPS).text
    assert "x_desc = tl.make_tensor_descriptor(x, [t_end, 64], [64, 1], [" in text
    assert "out_desc = tl.make_tensor_descriptor(out, [t_end, 64], [64, 1], [" in text
    assert "mask=" not in text
    assert "    _set_triton_allocator()\n    _launcher(" in text


def test_it_is_made_once_for_a_group_on_the_device() -> None:
    compiled = compile_module(_module(rows_of_groups, *GROUPS), find_target("sm_90"))
    assert isinstance(compiled, Artifact)
    head, _, loop = compiled.assembly.partition("Loop Header")
    assert head.count("tensormap.replace.tile.global_address") == 2
    assert "tensormap.replace" not in loop
    assert "cp.async.bulk.tensor" in loop


def test_lanes_beyond_an_end_are_what_the_reduction_leaves_out() -> None:
    text = _module(highest_of_groups, *GROUPS[:2], torch.zeros(4, 64)).text
    assert "x_desc.load(" in text
    assert 'tl.where(t_mask[:, None], x_desc.load([t_offset, u_offset]), float("-inf"))' in text


@pytest.mark.parametrize(
    ("fn", "arguments", "config"),
    [
        (rows_of_groups, GROUPS, {"made": False}),
        (rows_of_groups, GROUPS, {"indexing": "block_ptr"}),
        (rows_of_groups, GROUPS, {"indexing": "pointer"}),
        (rows_of_groups, GROUPS, {"target": "sm_80"}),
        (added_to_groups, GROUPS, {"indexing": "pointer", "atomic_indexing": "tensor_descriptor"}),
    ],
    ids=["not wished for", "block pointers", "pointers", "no copy engine", "atomics"],
)
def test_otherwise_it_moves_by_pointers(fn, arguments, config) -> None:
    text = _module(fn, *arguments, **config).text
    assert "make_tensor_descriptor" not in text
    assert "_set_triton_allocator" not in text


def test_columns_that_end_early_are_read_but_not_written() -> None:
    """The engine would write to the end of 16 bytes."""
    text = _module(the_first_columns, torch.zeros(40, 32), torch.zeros(40, 32)).text
    assert "tl.make_tensor_descriptor(x, [40, 10], [32, 1], [" in text
    assert "tl.store(out + " in text


def test_kernels_whose_tiles_end_with_their_tensors_have_no_such_key() -> None:
    def whole(x: torch.Tensor, out: torch.Tensor) -> None:
        for t in hl.tile(x.size(0)):
            out[t, :] = x[t, :]

    for fn, arguments, expected in ((whole, GROUPS[::2], False), (rows_of_groups, GROUPS, True)):
        ir = BoundKernel(helion.kernel(fn, autotune_effort="none"), arguments).ir
        for name in ("sm_80", "sm_90"):
            found = find_target(name)
            assert found is not None
            keys = {knob.knob.key for knob in compiler.config_space(ir, found).knobs}
            assert ("device_descriptors" in keys) is (expected and name == "sm_90")


def test_code_that_stands_alone_allocates_with_torch() -> None:
    text = standalone_text(_module(rows_of_groups, *GROUPS))
    assert "helion" not in text.replace("_helion_", "")
    assert "def _set_triton_allocator():" in text
    compile(text, "standalone", "exec")


def test_an_allocator_that_somebody_set_stays() -> None:
    def ours() -> object:
        set_triton_allocator()
        return ALLOCATOR.get()

    def theirs() -> object:
        triton.set_allocator(allocate)
        return ours()

    def allocate(size: int, alignment: int, stream: int | None) -> torch.Tensor:
        return torch.empty(size, dtype=torch.int8)

    before = ALLOCATOR.get()
    assert contextvars.Context().run(ours).__module__ == "helion.runtime.launcher"
    assert contextvars.copy_context().run(theirs) is allocate
    assert ALLOCATOR.get() is before
