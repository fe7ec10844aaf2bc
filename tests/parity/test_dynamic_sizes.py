"""Sizes as arguments: calls of one kind share what is compiled, which is as good as where sizes are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
import torch

import helion
from examples.attention import attention
from examples.matmul import matmul
from examples.rms_norm import rms_norm
from examples.softmax import softmax
from helion import compiler
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.default_by_sizes import DefaultBySizes
from helion.runtime.kernel import Kernel
from helion.runtime.specialization import specialization_key
from helion.target import find_target
from tests.interpreter_process import InterpreterProcess
from tests.parity.dynamic_size_checks import check_lengths_of_attention, check_products, check_rows

H200 = find_target("sm_90")
assert H200 is not None
# Those of benchmarks/dynamic_shapes.py.
ROWS = (256, 1000, 1024, 2048, 3000, 4096, 8192, 16384)
LENGTHS = (1024, 2048, 3072, 4096, 5000, 8192, 12288, 16384)


def bf16(*shape: int) -> torch.Tensor:
    return torch.empty(shape, dtype=torch.bfloat16)  # pages that nobody touches take no memory


PRODUCTS = [(bf16(m, 4096), bf16(4096, 4096)) for m in ROWS]
NORMS = [(bf16(m, 8192), bf16(8192), 1e-5) for m in ROWS]
ATTENTIONS = [(bf16(1, 16, n, 128),) * 3 for n in LENGTHS]
SOFTMAXES = [(bf16(4096, n),) for n in LENGTHS]


def bound(kernel: Kernel, arguments: Sequence[Any], *, static_shapes: bool = False) -> BoundKernel:
    fresh = helion.kernel(kernel.fn, static_shapes=static_shapes, autotune_effort="none")
    return BoundKernel(fresh, tuple(arguments))


def modules(kernel: Kernel, calls: Sequence[Sequence[Any]]) -> dict[Config, TritonModule]:
    """What calls run, by config, when the first binds the kernel for all."""
    one = bound(kernel, calls[0])
    defaults = DefaultBySizes(one.ir, H200, tuple(one.kernel.signature.parameters))
    configs = {defaults.config_of(arguments) for arguments in calls}
    return {config: compiler.generate(one.ir, config, H200) for config in configs}


@pytest.mark.parametrize(("kernel", "calls"), [(matmul, PRODUCTS), (rms_norm, NORMS), (attention, ATTENTIONS), (softmax, SOFTMAXES)])
def test_eight_shapes_are_one_specialization(kernel: Kernel, calls: Sequence[Sequence[Any]]) -> None:
    keys = {specialization_key(arguments, static_shapes=False, baked=[False] * len(arguments)) for arguments in calls}
    assert len(keys) == 1


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("kernel", "calls"), [(matmul, PRODUCTS), (rms_norm, NORMS), (attention, ATTENTIONS)])
def test_eight_shapes_compile_once(kernel: Kernel, calls: Sequence[Sequence[Any]], *, backwards: bool) -> None:
    """One text, of which Triton compiles nothing for the value of a size."""
    (module,) = modules(kernel, calls[:: -1 if backwards else 1]).values()
    assert not [a.name for a in module.launch.arguments if a.kind == "int" and a.is_specialized]
    computed = [a.name for a in module.launch.arguments if a.kind == "constexpr" and a.host_expression != a.name]
    assert computed == {"matmul": ["_NUM_PROGRAMS"], "rms_norm": ["_SIZE_0"]}.get(kernel.name, []), "of the device, and lanes of a row"


def test_rows_have_a_default_a_power_of_two() -> None:
    """That of the static kernel, but for more warps where masks of long rows take registers."""
    found = {config["num_warps"] for config in modules(softmax, SOFTMAXES)}
    assert found == {4, 8, 16}
    one = bound(softmax, SOFTMAXES[0])
    defaults = DefaultBySizes(one.ir, H200, ("x",))
    for arguments in SOFTMAXES:
        static = compiler.config_space(bound(softmax, arguments, static_shapes=True).ir, H200)
        warps = {"num_warps": 16} if arguments[0].size(1) > 8192 else {}
        assert defaults.config_of(arguments) == static.normalize({**static.default(), **warps}), arguments[0].shape


def test_few_rows_of_a_product_have_a_default_of_their_own() -> None:
    calls = [(bf16(m, 4096), bf16(4096, 4096)) for m in (16, 64, 128, 256, 4096)]
    found = [next(iter(modules(matmul, [call]))).block_sizes[:2] for call in calls]
    assert found == [[16, 32], [64, 32], [64, 64], [128, 256], [128, 256]]


def compiled(module: TritonModule) -> Artifact:
    artifact = compile_module(module, H200)
    assert isinstance(artifact, Artifact), artifact
    return artifact


def rounds(artifact: Artifact) -> list[list[str]]:
    """The instructions of each innermost loop."""
    lines = [line.strip() for line in artifact.assembly.splitlines()]
    labels = {line.split(":")[0]: place for place, line in enumerate(lines) if line.startswith("$L__BB")}
    found: list[list[str]] = []
    for place, line in enumerate(lines):
        jump = re.search(r"bra(?:\.uni)?\s+(\$L__BB\w+)", line)
        if jump and labels.get(jump[1], len(lines)) < place:
            found.append([text for text in lines[labels[jump[1]] : place] if text and text[0] not in "./$"])
    return found


@pytest.mark.parametrize(("kernel", "calls"), [(matmul, PRODUCTS), (attention, ATTENTIONS)])
def test_the_main_loop_is_that_of_known_sizes(kernel: Kernel, calls: Sequence[Sequence[Any]]) -> None:
    """No more instructions in any of its loops, which is why none chooses by a mask; what comes after is for rests."""
    one, known = bound(kernel, calls[5]), bound(kernel, calls[5], static_shapes=True)
    config = compiler.config_space(one.ir, H200).default()
    dynamic, static = (compiled(compiler.generate(b.ir, config, H200)) for b in (one, known))
    assert dynamic.spills == 0
    assert dynamic.instructions.uses_tma == static.instructions.uses_tma is True
    wanted = [len(instructions) for instructions in rounds(static)]
    found = [len(instructions) for instructions in rounds(dynamic)]
    assert wanted
    assert all(here <= there for here, there in zip(found, wanted, strict=False)), (found, wanted)


@pytest.mark.parametrize(("columns", "width"), [(5000, 16), (5001, 2)])
def test_aligned_rows_move_in_wide_loads(columns: int, width: int) -> None:
    one = bound(softmax, [bf16(4096, columns)])
    module = compiler.generate(one.ir, compiler.config_space(one.ir, H200).default(), H200)
    assert compiled(module).instructions.widest_global_access == width


def test_sizes_that_only_a_descriptor_has_are_no_arguments() -> None:
    one = bound(matmul, PRODUCTS[0])
    config = compiler.config_space(one.ir, H200).default()
    names = [a.name for a in compiler.generate(one.ir, config, H200).launch.arguments if a.kind == "int"]
    assert names == ["x_size_0", "y_size_1", "x_size_1"]


@pytest.mark.parametrize("is_causal", [False, True])
def test_a_loop_in_two_parts_reads_all_keys(interpreter: InterpreterProcess, is_causal: bool) -> None:
    problem = interpreter.run(check_lengths_of_attention, is_causal)
    assert problem is None, problem


@pytest.mark.parametrize("check", [check_products, check_rows], ids=lambda check: check.__name__)
def test_results_stay_whatever_the_sizes(interpreter: InterpreterProcess, check: Any) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem
