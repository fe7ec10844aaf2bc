"""Every example types without arguments, cleanly; the editor's types are the JIT's with sizes left open (the agreement property)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import sympy

from helion import compiler
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.queries import bindings, innermost
from helion.typed_kernel.tree import TypedKernel
from helion.types.dims import BlockSymbol
from helion.types.types import NumberType, SequenceType, Star, StarSequenceType, TensorType, TileType, Type, UnknownType

EXAMPLES = Path(__file__).parents[2] / "examples"
ARGUMENTS = {
    "vector_add": "f32[1000], f32[1000]",
    "add": "bf16[37,50], bf16[37,50]",
    "exp": "f32[37,50]",
    "gelu": "f16[37,50]",
    "row_sum": "f32[37,300]",
    "softmax": "bf16[37,300]",
    "softmax_decomposed": "bf16[37,300]",
    "softmax_two_pass": "bf16[37,300]",
    "layer_norm": "bf16[37,300], bf16[300], bf16[300]",
    "rms_norm": "bf16[37,300], bf16[300]",
    "matmul": "bf16[128,64], bf16[64,32]",
    "bmm": "bf16[2,128,64], bf16[2,64,32]",
    "attention": "bf16[2,4,128,64], bf16[2,4,128,64], bf16[2,4,128,64]",
    "causal_attention": "bf16[2,4,128,64], bf16[2,4,128,64], bf16[2,4,128,64]",
}


def kernels() -> list[tuple[ModuleSyntax, KernelSyntax]]:
    modules = [compiler.parse(SourceFile.read(path)) for path in sorted(EXAMPLES.glob("*.py"))]
    return [(module, kernel) for module in modules for kernel in module.kernels]


def in_editor(module: ModuleSyntax, kernel: KernelSyntax) -> TypedKernel:
    return compiler.check(kernel, infer_signature(kernel), FileGlobals(module), Settings())


def for_arguments(module: ModuleSyntax, kernel: KernelSyntax, text: str) -> TypedKernel:
    signature = signature_from_notation(kernel, text)
    assert isinstance(signature, KernelSignature)
    return compiler.check(kernel, signature, FileGlobals(module), Settings())


@pytest.mark.parametrize(("module", "kernel"), kernels(), ids=lambda v: v.name if isinstance(v, KernelSyntax) else "")
def test_no_false_error(module: ModuleSyntax, kernel: KernelSyntax) -> None:
    assert in_editor(module, kernel).diagnostics == ()


@pytest.mark.parametrize(("module", "kernel"), kernels(), ids=lambda v: v.name if isinstance(v, KernelSyntax) else "")
def test_every_name_has_a_type(module: ModuleSyntax, kernel: KernelSyntax) -> None:
    unknown = [b.name for b in bindings(in_editor(module, kernel)) if isinstance(b.type, UnknownType)]
    assert unknown == (["epilogue"] if kernel.name == "matmul_with_epilogue" else [])


def agrees(editor: Type, jit: Type) -> bool:
    """Whether the JIT's type is the editor's with its open sizes filled in, or more specific."""
    match editor, jit:
        case (UnknownType(), _):
            return True
        case (TensorType(), TensorType()):
            if editor.region is not jit.region or editor.dtype not in (None, jit.dtype):
                return False
            if editor.rank is None or jit.rank is None:
                return True
            return len(editor.shape) == len(jit.shape) and all(map(dims_agree, editor.shape, jit.shape))
        case (SequenceType(), SequenceType()):
            return len(editor.items) == len(jit.items) and all(map(agrees, editor.items, jit.items))
        case (StarSequenceType(), SequenceType()):
            return True
        case (NumberType(), NumberType()):
            return editor.kind is jit.kind
        case (TileType(), TileType()):
            return editor.axis.name == jit.axis.name
        case _:
            return editor == jit


def dims_agree(editor: object, jit: object) -> bool:
    if isinstance(editor, Star) or isinstance(jit, Star):
        return True
    assert isinstance(editor, sympy.Expr)
    assert isinstance(jit, sympy.Expr)
    if editor.atoms(BlockSymbol) or jit.atoms(BlockSymbol):
        return {str(s) for s in editor.atoms(BlockSymbol)} == {str(s) for s in jit.atoms(BlockSymbol)}
    return bool(editor.free_symbols) or editor == jit


@pytest.mark.parametrize(("module", "kernel"), kernels(), ids=lambda v: v.name if isinstance(v, KernelSyntax) else "")
def test_agreement(module: ModuleSyntax, kernel: KernelSyntax) -> None:
    if kernel.name not in ARGUMENTS:
        pytest.skip("takes a function")
    editor, jit = in_editor(module, kernel), for_arguments(module, kernel, ARGUMENTS[kernel.name])
    assert jit.diagnostics == ()
    found = {b.span: b for b in bindings(jit)}
    compared = 0
    for binding in bindings(editor):
        if binding.span in found:
            assert agrees(binding.type, found[binding.span].type), f"{binding.name}: {binding.type} against {found[binding.span].type}"
            compared += 1
    assert compared >= 3


def test_hover_of_the_accumulator() -> None:
    module, kernel = next((m, k) for m, k in kernels() if k.name == "matmul")
    typed = in_editor(module, kernel)
    found = innermost(typed, module.file.text.index("acc = hl.zeros") + 1)
    assert found is not None
    assert str(found.type) == "f32[tile_m, tile_n]"


def test_sizes_that_must_agree_are_assumed() -> None:
    module, kernel = next((m, k) for m, k in kernels() if k.name == "rms_norm")
    assert [f"{a.left} = {a.right}" for a in in_editor(module, kernel).assumptions] == ["n = weight.0"]


def test_checking_is_a_matter_of_milliseconds() -> None:
    """Not a benchmark: only that nothing is rebuilt at every check."""
    module, kernel = next((m, k) for m, k in kernels() if k.name == "matmul")
    in_editor(module, kernel)
    start = time.perf_counter()
    in_editor(module, kernel)
    assert time.perf_counter() - start < 1.0
