"""A kernel, or what a user calls one, in; the kernels of the file that share its name, and which of them is which, out."""

from __future__ import annotations

from helion.syntax.tree import KernelSyntax, ModuleSyntax


def in_order(module: ModuleSyntax) -> tuple[KernelSyntax, ...]:
    """Decorated and wrapped, in order of the text."""
    return tuple(sorted(module.every_kernel, key=lambda kernel: 0 if kernel.decorator is None else kernel.decorator.span.start))


def namesakes(kernel: KernelSyntax) -> tuple[KernelSyntax, ...]:
    """The kernels of its file that have its name, in order of the text, as in the branches of an `if`; itself among them."""
    return tuple(k for k in in_order(kernel.module) if k.qualname == kernel.qualname) or (kernel,)


def number_of(kernel: KernelSyntax) -> int | None:
    """Which of its namesakes a kernel is, counted from 1: lines change with what is written above. None when it has its name alone."""
    same = namesakes(kernel)
    place = _place(kernel)
    return None if len(same) == 1 else next((number for number, k in enumerate(same, 1) if _place(k) == place), None)


def decorator_line(kernel: KernelSyntax) -> int:
    """The line of the decorator, counted from 1, by which people tell kernels of one name apart."""
    return kernel.file.position(_place(kernel)).line + 1


def place_name(kernel: KernelSyntax) -> str:
    """The kernel's name, as `name@line` where another has the same."""
    return kernel.qualname if len(namesakes(kernel)) == 1 else f"{kernel.qualname}@{decorator_line(kernel)}"


def kernels_called(module: ModuleSyntax, name: str) -> tuple[KernelSyntax, ...]:
    """Those of a qualified name, else those of a last name; of `name@line` the one whose decorator stands there."""
    wanted, _, line = name.partition("@")
    kernels = in_order(module)
    found = [k for k in kernels if k.qualname == wanted] or [k for k in kernels if k.name == wanted]
    return tuple(k for k in found if line in ("", str(decorator_line(k))))


def _place(kernel: KernelSyntax) -> int:
    return (kernel.function.span if kernel.decorator is None else kernel.decorator.span).start
