"""Compiling without a GPU: resources, instruction facts, line maps, and failures as data."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from helion.offline.artifact import Artifact, CompileFailure
from helion.target import find_target
from tests.offline import triton_modules

pytest.importorskip("triton")
from helion.offline.compile import compile_module


def check_artifact(result: Artifact | CompileFailure) -> Artifact:
    assert isinstance(result, Artifact), result
    return result


@pytest.mark.parametrize(("target", "tensor_core"), [("sm_80", "mma"), ("sm_90", "wgmma"), ("sm_100", "tcgen05"), ("gfx950", "mfma")])
def test_a_matmul_uses_the_tensor_cores_of_each_target(target: str, tensor_core: str) -> None:
    artifact = check_artifact(compile_module(triton_modules.matmul(), find_target(target)))
    assert artifact.instructions.tensor_core == tensor_core
    assert artifact.registers >= 32
    assert artifact.local_bytes == artifact.spills == 0
    assert artifact.instructions.widest_global_access == 16
    assert artifact.occupancy.blocks >= 1
    assert artifact.binary[:4] == b"\x7fELF"


def test_shared_memory_grows_with_the_pipeline() -> None:
    two, four = (check_artifact(compile_module(triton_modules.matmul(num_stages=n), find_target("sm_90"))).shared_memory for n in (2, 4))
    tile_bytes = 2 * (64 * 32 + 32 * 64)
    assert four - two == 2 * tile_bytes


def test_descriptors_compile_to_tma() -> None:
    artifact = check_artifact(compile_module(triton_modules.descriptor_copy(), find_target("sm_90")))
    assert artifact.instructions.uses_tma
    assert artifact.instructions.counts["tma"] == 2


def test_lines_map_through_triton_to_the_source_also_out_of_inlined_library_code() -> None:
    module = triton_modules.softmax()
    artifact = check_artifact(compile_module(module, find_target("sm_90")))
    assembly = artifact.assembly.splitlines()
    exponential = next(n for n, line in enumerate(assembly) if "ex2.approx" in line)
    store = next(n for n, line in enumerate(assembly) if "st.global" in line)
    assert module.text.splitlines()[artifact.line_map.triton_line(exponential)].strip().startswith("e = tl.exp")
    assert module.text.splitlines()[artifact.line_map.triton_line(store)].strip().startswith("tl.store")

    lines = {span.start for _, span in artifact.source_map}
    reduction = next(n for n, text in enumerate(module.text.splitlines()) if "tl.max" in text)
    assert reduction in lines


def test_too_much_shared_memory_is_a_failure_that_names_the_numbers() -> None:
    failure = compile_module(triton_modules.matmul((128, 256, 64), num_warps=8, num_stages=8), find_target("sm_90"))
    assert isinstance(failure, CompileFailure)
    assert failure.kind == "out-of-resources"
    assert "232448" in failure.message


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (triton_modules.SOFTMAX.replace("tl.exp(v", "tl.exp(w"), "triton", "w is not defined"),
        (triton_modules.SOFTMAX.replace("def softmax_kernel(", "def softmax_kernel"), "module", "SyntaxError"),
        (triton_modules.SOFTMAX.replace("import triton\n", "import no_such_module\n", 1), "module", "no_such_module"),
    ],
)
def test_bad_text_is_a_failure_never_an_exception(text: str, kind: str, words: str) -> None:
    failure = compile_module(triton_modules.softmax(text=text), find_target("sm_90"))
    assert isinstance(failure, CompileFailure)
    assert (failure.kind, words in failure.message) == (kind, True), failure.message


def test_a_length_that_is_no_power_of_two_is_a_failure() -> None:
    failure = compile_module(triton_modules.softmax(1000), find_target("sm_90"))
    assert isinstance(failure, CompileFailure)
    assert failure.kind == "triton"
    assert "power of 2" in failure.message


def test_an_interpreting_process_says_so() -> None:
    code = (
        "from tests.offline import triton_modules; from helion.offline.compile import compile_module;"
        "from helion.target import find_target;"
        "print(compile_module(triton_modules.softmax(), find_target('sm_90')).kind)"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        ["/usr/bin/env", "TRITON_INTERPRET=1", sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False
    )
    assert run.stdout.strip() == "unavailable", run.stderr


def test_a_kernel_that_was_compiled_for_another_module_has_its_lines() -> None:
    """Triton keeps it under the kernel's text and line alone."""
    module = triton_modules.softmax()
    other = replace(module, text=f"{module.text}# of another host function\n")
    first, second = (check_artifact(compile_module(one, find_target("sm_90"))).line_map for one in (module, other))
    assert first.entries
    assert second == first
