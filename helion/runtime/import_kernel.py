"""A file and a kernel's name in, the live kernel and its example arguments out; runs the user's module."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from helion.autotune.subject import CannotSetUpError
from helion.runtime.kernel import Kernel
from helion.runtime.locks_in_force import kernel_in_text
from helion.syntax.namesakes import number_of, place_name


def import_kernel(path: Path, qualname: str, number: int | None = None) -> Kernel:
    """Import a file as Python would (inside its package, if it is in one) and take the kernel from it; where the text has several of its
    name, the one that the import leaves must be that of the `number`. Raises CannotSetUpError and whatever the import raises."""
    package_root = path.resolve().parent
    parts = [path.stem]
    while (package_root / "__init__.py").exists():
        parts.insert(0, package_root.name)
        package_root = package_root.parent
    sys.path.insert(0, str(package_root))
    found: Any = importlib.import_module(".".join(parts))
    for name in qualname.split("."):
        found = getattr(found, name, None)
    if not isinstance(found, Kernel):
        raise CannotSetUpError(f"`{qualname}` in {path.name} is {type(found).__name__}, not a kernel")
    kernel = cast("Kernel", found)
    there = kernel_in_text(kernel)
    if number is not None and (isinstance(there, str) or number_of(there) != number):
        which = "another" if isinstance(there, str) else f"`{place_name(there)}`"
        raise CannotSetUpError(f"importing {path.name} here leaves {which} of its kernels `{qualname}`, not the one that is meant")
    return kernel


def examples_of(kernel: Kernel) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The argument tuples of the decorator's `inputs=`, each with its name, or with its number when they have none."""
    if kernel.inputs is None:
        return
    examples: Any = kernel.inputs()
    if isinstance(examples, Mapping):
        named: Iterable[tuple[str, Any]] = cast("Mapping[str, Any]", examples).items()
    else:
        named = ((str(number), example) for number, example in enumerate(cast("Iterable[Any]", examples)))
    for name, example in named:
        yield name, kernel.normalize_args(*(example if isinstance(example, tuple | list) else (example,)))
