"""Every example types without arguments, cleanly and completely: each name and each expression that is written has a type."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helion import compiler
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings, expressions, innermost
from helion.typed_kernel.tree import TypedKernel
from helion.types.types import UnknownType

EXAMPLES = Path(__file__).parents[2] / "examples"


def kernels() -> list[tuple[ModuleSyntax, KernelSyntax]]:
    modules = [compiler.parse(SourceFile.read(path)) for path in sorted(EXAMPLES.glob("*.py"))]
    return [(module, kernel) for module in modules for kernel in module.kernels]


def in_editor(module: ModuleSyntax, kernel: KernelSyntax) -> TypedKernel:
    return compiler.check(kernel, infer_signature(kernel, FileGlobals(module)), FileGlobals(module), Settings())


@pytest.mark.parametrize(("module", "kernel"), kernels(), ids=lambda v: v.name if isinstance(v, KernelSyntax) else "")
def test_no_false_error(module: ModuleSyntax, kernel: KernelSyntax) -> None:
    assert in_editor(module, kernel).diagnostics == ()


@pytest.mark.parametrize(("module", "kernel"), kernels(), ids=lambda v: v.name if isinstance(v, KernelSyntax) else "")
def test_every_name_has_a_type(module: ModuleSyntax, kernel: KernelSyntax) -> None:
    unknown = [b.name for b in bindings(in_editor(module, kernel)) if isinstance(b.type, UnknownType)]
    assert unknown == []


def written(kernel: KernelSyntax) -> Iterator[ast.expr]:
    """Every expression of a kernel's body."""
    assert isinstance(kernel.function.node, ast.FunctionDef)
    for statement in kernel.function.node.body[1:]:
        yield from (node for node in ast.walk(statement) if isinstance(node, ast.expr))


@pytest.mark.parametrize(("module", "kernel"), kernels(), ids=lambda v: v.name if isinstance(v, KernelSyntax) else "")
def test_every_expression_can_be_found_with_its_type(module: ModuleSyntax, kernel: KernelSyntax) -> None:
    typed = in_editor(module, kernel)
    known = {e.span for e in (*expressions(typed), *bindings(typed)) if not isinstance(e.type, UnknownType)}
    known |= {s.span for s in typed.body if isinstance(s, tree.Barrier)}  # a statement of its own, of no type
    missing = [ast.unparse(node) for node in written(kernel) if span_of(module.file, node) not in known]
    assert missing == []


def test_hover_of_the_accumulator() -> None:
    module, kernel = next((m, k) for m, k in kernels() if k.name == "matmul")
    typed = in_editor(module, kernel)
    found = innermost(typed, module.file.text.index("acc = hl.zeros") + 1)
    assert found is not None
    assert str(found.type) == "f32[tile_m, tile_n]"


def test_sizes_that_must_agree_are_assumed() -> None:
    module, kernel = next((m, k) for m, k in kernels() if k.name == "layer_norm")
    assert [f"{a.left} = {a.right}" for a in in_editor(module, kernel).assumptions] == ["n = bias.0"]


def test_sizes_that_the_kernel_asserts_are_not_assumptions() -> None:
    module, kernel = next((m, k) for m, k in kernels() if k.name == "matmul")
    typed = in_editor(module, kernel)
    assert typed.assumptions == ()
    assert str(typed.parameters[1].binding.type) == "bf16[k, n]"


def test_checking_is_a_matter_of_milliseconds() -> None:
    """Not a benchmark: only that nothing is rebuilt at every check."""
    module, kernel = next((m, k) for m, k in kernels() if k.name == "matmul")
    in_editor(module, kernel)
    start = time.process_time()
    in_editor(module, kernel)
    assert time.process_time() - start < 1.0
