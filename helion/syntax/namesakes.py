"""A kernel, or what a user calls one, in; the kernels of the file that share its name, and which of them is which, out.

People tell them apart by lines, `f@12`, which they can see. What is kept while a text is edited counts them: `f#2` is still the second of
its name when lines above it come and go.
"""

from __future__ import annotations

from helion.syntax.tree import KernelSyntax, ModuleSyntax


def in_order(module: ModuleSyntax) -> tuple[KernelSyntax, ...]:
    """Decorated and wrapped, in order of the text."""
    return tuple(sorted(module.every_kernel, key=lambda kernel: 0 if kernel.decorator is None else kernel.decorator.span.start))


def namesakes(kernel: KernelSyntax) -> tuple[KernelSyntax, ...]:
    """The kernels of its file that have its name, in order of the text, as in the branches of an `if`; itself among them."""
    same = kernel.module.kernels_by_name.get(kernel.qualname, ())
    return tuple(sorted(same, key=_place)) if len(same) > 1 else (kernel,)


def number_of(kernel: KernelSyntax) -> int | None:
    """Which of its namesakes a kernel is, counted from 1: lines change with what is written above. None when it has its name alone."""
    same = namesakes(kernel)
    if len(same) == 1:  # as nearly always, and asked of each kernel after a key press
        return None
    place = _place(kernel)
    return next((number for number, k in enumerate(same, 1) if _place(k) == place), None)


def decorator_line(kernel: KernelSyntax) -> int:
    """The line of the decorator, counted from 1, by which people tell kernels of one name apart."""
    return kernel.file.position(_place(kernel)).line + 1


def place_name(kernel: KernelSyntax) -> str:
    """The kernel's name, as `name@line` where another has the same."""
    return kernel.qualname if len(namesakes(kernel)) == 1 else f"{kernel.qualname}@{decorator_line(kernel)}"


def numbered_name(kernel: KernelSyntax) -> str:
    """The kernel's name, as `name#2` where another has the same: like `place_name` for `kernels_called`, and true after an edit above."""
    number = number_of(kernel)
    return kernel.qualname if number is None else f"{kernel.qualname}#{number}"


def kernels_called(module: ModuleSyntax, name: str) -> tuple[KernelSyntax, ...]:
    """Those of a qualified name, else those of a last name; of `name@line` the one whose decorator stands there, of `name#2` the second."""
    plain, number = _counted(name)
    wanted, _, line = plain.partition("@")
    found = module.kernels_by_name.get(wanted) or tuple(k for k in module.every_kernel if k.name == wanted)
    ordered = sorted(found, key=_place)
    return tuple(k for k in ordered if line in ("", str(decorator_line(k))) and number in (None, number_of(k) or 1))


def editor_name(kernel: KernelSyntax) -> str:
    """What an editor calls a kernel of an open file: its name, `name#2` for the second of it. The first has the name alone, and so keeps it
    when others get the same or lose it."""
    number = number_of(kernel)
    return kernel.qualname if number in (None, 1) else f"{kernel.qualname}#{number}"


def kernel_of_editor(module: ModuleSyntax, name: str) -> KernelSyntax | None:
    """The kernel of an `editor_name`, also one that was given for an older text; a last name will do where one kernel alone has it."""
    plain, number = _counted(name)
    same = module.kernels_by_name.get(plain)
    if same is None:
        called = [kernel for kernel in module.every_kernel if kernel.name == plain]
        return called[0] if len(called) == 1 and number is None else None
    at = 0 if number is None else number - 1
    return sorted(same, key=_place)[at] if 0 <= at < len(same) else None


def plain_name(name: str) -> str:
    """The qualified name in any of the names above."""
    return name.partition("#")[0].partition("@")[0]


def _counted(name: str) -> tuple[str, int | None]:
    """A name and what stands behind its `#`; a number that is none is nobody's."""
    plain, mark, number = name.partition("#")
    return plain, None if not mark else int(number) if number.isdecimal() and int(number) > 0 else -1


def _place(kernel: KernelSyntax) -> int:
    return (kernel.function.span if kernel.decorator is None else kernel.decorator.span).start
