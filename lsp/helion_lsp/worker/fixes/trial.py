"""A fix of a kernel in, whether the text that it makes is better out: the diagnostic is gone, nothing else is wrong that was not, and no
tensor has to have one size for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from helion import compiler
from helion.diagnostics.diagnostic import Diagnostic, Fix, Severity
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax
from helion.typed_kernel import tree
from helion.types.dims import constant

_MOST = 24  # a kernel is checked as often after a key press at the most; what is wrong besides gets its fixes once some of it is mended


@dataclass
class Trial:
    """`check` is how the kernel itself was checked."""

    kernel: KernelSyntax
    typed: tree.TypedKernel
    check: Callable[[KernelSyntax], tree.TypedKernel]
    tried: int = field(default=0, init=False)

    def mends(self, diagnostic: Diagnostic, fix: Fix) -> bool:
        """Sure of the kernel's own text alone: a fix that changes what stands outside of it is not tried."""
        whole = self.kernel.function.span
        if self.tried == _MOST or not all(whole.encloses(edit.span) for edit in fix.edits):
            return False
        self.tried += 1
        module = compiler.parse(SourceFile(self.kernel.file.path, _with(self.kernel.file.text, fix)))
        position = list(self.kernel.module.every_kernel).index(self.kernel)
        if len(module.diagnostics) > len(self.kernel.module.diagnostics) or position >= len(module.every_kernel):
            return False
        mended = self.check(module.every_kernel[position])
        before, after = _errors(self.typed, self.kernel), _errors(mended, module.every_kernel[position])
        is_sized = any(
            constant(size) is not None for a in mended.assumptions for size in (a.left, a.right) if a not in self.typed.assumptions
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
    return Counter(_words(d) for d in inside if d.severity is Severity.ERROR)
