"""A fix of a kernel in, whether the text that it makes is better out: the diagnostic is gone, nothing else is wrong that was not, and no
tensor has to have one size for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from helion import compiler
from helion.diagnostics.diagnostic import Diagnostic, Fix, Severity
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax
from helion.typed_kernel import tree
from helion.types.dims import constant


@dataclass(frozen=True)
class Trial:
    """`check` is how the kernel itself was checked."""

    kernel: KernelSyntax
    typed: tree.TypedKernel
    check: Callable[[KernelSyntax], tree.TypedKernel]

    def mends(self, diagnostic: Diagnostic, fix: Fix) -> bool:
        """Where the fix makes several kernels of this one, all of them are meant."""
        kernels, file = self.kernel.module.every_kernel, self.kernel.file
        module = compiler.parse(SourceFile(file.path, _with(file.text, fix)))
        position = kernels.index(self.kernel)
        made = module.every_kernel[position : position + 1 + len(module.every_kernel) - len(kernels)]
        if len(module.diagnostics) > len(self.kernel.module.diagnostics) or not made:
            return False
        mended = [(self.check(kernel), kernel) for kernel in made]
        before, after = _errors(self.typed, self.kernel), Counter[tuple[str, str]]()
        for typed, kernel in mended:
            after += _errors(typed, kernel)
        is_sized = any(
            constant(size) is not None
            for typed, _ in mended
            for assumption in typed.assumptions
            for size in (assumption.left, assumption.right)
            if assumption not in self.typed.assumptions
        )
        return after[_words(diagnostic)] < before[_words(diagnostic)] and not after - before and not is_sized


def _with(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text


def _words(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.message()


def _errors(typed: tree.TypedKernel, kernel: KernelSyntax) -> Counter[tuple[str, str]]:
    """What is wrong in the function; its configs are judged once nothing is wrong there."""
    inside = (d for d in typed.diagnostics if kernel.function.span.encloses(d.span))
    return Counter(_words(d) for d in inside if d.severity in (Severity.ERROR, Severity.WARNING))
