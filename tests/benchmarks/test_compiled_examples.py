"""Examples' kernels at the sizes of `main()` without a GPU: which are called, with what, and where machine code touches local memory."""

from __future__ import annotations

import pytest

from benchmarks.local_memory import LocalMemory, local_memory
from benchmarks.main_calls import specializations
from helion.offline.artifact import Artifact, InstructionFacts, LineMap
from helion.offline.occupancy import Occupancy


def called(example: str) -> list[tuple[str, str]]:
    return [(bound.kernel.name, str(bound.signature)) for bound in specializations(example)]


def test_gradients_are_called_and_a_second_time_is_as_the_first() -> None:
    forward = "bf16[4096, 10240], bf16[10240], "
    backward = "bf16[4096, 10240], bf16[4096, 10240], bf16[10240], "
    wanted = [
        ("layer_norm", f"{forward}bf16[10240], float"),
        ("layer_norm_backward", f"{backward}bool(True), float"),
        ("layer_norm", f"{forward}None, float"),
        ("layer_norm_backward", f"{backward}bool(False), float"),
    ]
    assert called("layer_norm") == wanted
    assert called("layer_norm") == wanted


def test_sizes_come_from_integers_that_the_example_draws() -> None:
    ((name, arguments),) = called("jagged_sum")
    rows = int(arguments.removeprefix("f32[").split(",")[0])
    assert name == "jagged_sum"
    assert 0 < rows <= 1024 * 512
    assert arguments == f"f32[{rows}, 128], i64[1025]"


@pytest.mark.parametrize(("example", "kernels"), [("fused_moe", 6), ("aot_compile_example", 1), ("flex_attention", 2)])
def test_what_is_sorted_launched_alone_or_captured_is_called(example: str, kernels: int) -> None:
    assert len(called(example)) == kernels


_LOOP = """
	scratch_store_dword off, v1, off
.LBB0_1:
	v_add_f32_e32 v2, v2, v1
	scratch_load_dword v1, off, off
	s_cbranch_scc1 .LBB0_2
	v_mul_f32_e32 v2, v2, v1
	s_branch .LBB0_1
.LBB0_2:
	scratch_load_dword v3, off, off
	s_endpgm
"""


def test_local_memory_is_told_in_loops_and_outside() -> None:
    artifact = Artifact(
        target="gfx950",
        kernel_name="f",
        assembly=_LOOP,
        binary=b"",
        registers=4,
        local_bytes=4,
        shared_memory=0,
        num_warps=4,
        num_stages=1,
        occupancy=Occupancy(1, 0.125, "registers"),
        instructions=InstructionFacts(None, uses_tma=False, uses_async_copy=False, widest_global_access=4),
        line_map=LineMap(()),
        source_map=(),
        compile_seconds=0.0,
    )
    assert local_memory(artifact) == LocalMemory(accesses=3, in_loops=1, loop_instructions=5)
