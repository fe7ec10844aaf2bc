"""A generated Triton module and a target in, an `Artifact` or a `CompileFailure` out, in this process and without a GPU.

Triton decides when it is imported whether it interprets kernels, and LLVM may abort or never return: callers that must survive
both use `helion.offline.worker.CompileWorker`, which runs this function in a process of its own.
"""

from __future__ import annotations

import contextlib
import io
import time
import traceback
from typing import Any

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.compiler.errors import CompilationError
from triton.runtime.errors import OutOfResources, PTXASError
from triton.runtime.jit import JITFunction

from helion.codegen.triton_module import TritonModule
from helion.offline.artifact import Artifact, CompileFailure, LineMap
from helion.offline.assembly import instruction_facts, line_map, multiplies_from_registers
from helion.offline.jit_function import loaded_function
from helion.offline.occupancy import occupancy_of
from helion.offline.resources import amdgcn_resources, cubin_resources
from helion.offline.triton_source import attributes_of, constants_of, options_of, signature_of
from helion.offline.unset_registers import UnsetRegister, unset_registers_of
from helion.source import Span
from helion.target import Target

# PTX ISA, tcgen05: 512 columns of tensor memory a multiprocessor.
TENSOR_MEMORY_COLUMNS = 512
_TRITON: Any = triton
_IS_COMPILING = isinstance(_TRITON.language.sum, JITFunction)
_CONSTANTS_HAVE_ATTRIBUTES = tuple(map(int, triton.__version__.split(".")[:2])) >= (3, 7)


def prepare() -> None:
    """What the first compilation of a process does for all others: hash Triton's own files, half a gigabyte that its cache asks about."""
    for owner in (_TRITON.runtime.cache, _TRITON.compiler.compiler):
        getattr(owner, "triton_key", lambda: None)()


def compile_module(module: TritonModule, target: Target) -> Artifact | CompileFailure:
    """Compile for `target`. Results are kept in Triton's own cache, where a later launch of the same code finds them."""
    started = time.perf_counter()
    if not _IS_COMPILING:
        return CompileFailure("unavailable", "triton is interpreting in this process (TRITON_INTERPRET); nothing can be compiled")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), loaded_function(module) as function:
            compiled = _triton_compile(function, module, target)
        return _artifact(compiled, module, target, time.perf_counter() - started)
    except PTXASError as error:
        return CompileFailure("assembler", str(error))
    except (CompilationError, OutOfResources) as error:
        return CompileFailure("triton", _message(error))
    except (SyntaxError, ImportError, NameError, AttributeError) as error:
        return CompileFailure("module", _message(error))
    except Exception as error:  # noqa: BLE001 - Triton's passes raise RuntimeError, IndexError, ...: all are data here
        return CompileFailure("triton", _message(error))


def _triton_compile(function: Any, module: TritonModule, target: Target) -> Any:
    plan = module.launch
    source = ASTSource(function, signature_of(plan), constants_of(plan), attributes_of(plan, constants_too=_CONSTANTS_HAVE_ATTRIBUTES))
    return _TRITON.compile(source, target=gpu_target(target), options=options_of(plan))


def gpu_target(target: Target) -> GPUTarget:
    """Triton's name of a target."""
    return GPUTarget(target.vendor, target.name if target.vendor == "hip" else target.capability, target.warp_size)


def _artifact(compiled: Any, module: TritonModule, target: Target, seconds: float) -> Artifact | CompileFailure:
    is_amd = target.vendor == "hip"
    assembly: str = compiled.asm["amdgcn" if is_amd else "ptx"]
    binary: bytes = compiled.asm["hsaco" if is_amd else "cubin"]
    resources = amdgcn_resources(assembly) if is_amd else cubin_resources(binary)
    shared, warps = int(compiled.metadata.shared), int(compiled.metadata.num_warps)
    tensor_memory = int(getattr(compiled.metadata, "tmem_size", 0) or 0)
    if tensor_memory > TENSOR_MEMORY_COLUMNS:
        return CompileFailure(
            "out-of-resources", f"{tensor_memory} columns of tensor memory are more than the {TENSOR_MEMORY_COLUMNS} there are"
        )
    occupancy = occupancy_of(resources.registers, shared, warps, target)
    if occupancy.blocks == 0:
        return CompileFailure("out-of-resources", _does_not_fit(resources.registers, shared, warps, occupancy.limited_by, target))
    unset = unset_registers_of(binary) if not is_amd and multiplies_from_registers(assembly) else ()
    if unset:
        return CompileFailure("miscompiled", _miscompiled(unset[0]))
    lines = line_map(assembly)
    return Artifact(
        target=target.name,
        kernel_name=module.launch.kernel_name,
        assembly=assembly,
        binary=binary,
        registers=resources.registers,
        local_bytes=resources.local_bytes,
        shared_memory=shared,
        num_warps=warps,
        num_stages=module.launch.num_stages,
        occupancy=occupancy,
        instructions=instruction_facts(assembly, target.vendor),
        line_map=lines,
        source_map=_source_map(lines, module),
        compile_seconds=seconds,
    )


def _source_map(lines: LineMap, module: TritonModule) -> tuple[tuple[int, Span], ...]:
    spans = dict(module.source_map)
    return tuple((assembly_line, spans[line]) for assembly_line, line in lines.entries if line in spans)


def _does_not_fit(registers: int, shared: int, warps: int, limited_by: str, target: Target) -> str:
    if limited_by == "shared memory":
        return f"{shared} bytes of shared memory are more than the {target.shared_memory_per_block} that {target.name} has a block"
    threads = warps * target.warp_size
    return f"{threads} threads of {registers} registers are more than one multiprocessor of {target.name} can hold"


def _miscompiled(read: UnsetRegister) -> str:
    return (
        f"ptxas lost what sets {read.register}, which `{read.instruction}` reads at {read.address:#06x}: the kernel would take an operand "
        "from anywhere in shared memory; other block sizes or stages, or another ptxas (TRITON_PTXAS_PATH), avoid it"
    )


def _message(error: BaseException) -> str:
    text = str(error).strip()
    if text and isinstance(error, CompilationError):
        return text
    return "".join(traceback.format_exception_only(error)).strip()
