"""`helion run FILE::kernel`: one call of a kernel on its example arguments, or on made-up ones; what the editor runs and debugs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
import torch

from helion import exc
from helion.autotune.make_inputs import make_inputs
from helion.autotune.subject import CannotSetUpError
from helion.cli.exit_codes import OK, PROBLEMS, USAGE
from helion.cli.failure import failure
from helion.cli.kernel_name import KernelName
from helion.cli.read_source import split_name
from helion.cli.subject import check_subject
from helion.runtime.environment import is_flag_set, is_triton_interpreter
from helion.runtime.import_kernel import examples_of, import_kernel
from helion.runtime.kernel import Kernel
from helion.signatures.made_up import made_up_types
from helion.signatures.notation import format_notation, notation_of_arguments
from helion.syntax.namesakes import number_of
from helion.types.dtypes import short_name
from helion.types.types import Type
from helion.types.untyped import is_sequence


@click.command()
@click.argument("name", metavar="FILE::kernel", type=KernelName())
@click.option(
    "--args", "arguments", metavar="SIGNATURE", help="Argument types such as 'bf16[64,64], float(2.0)'; random values are made up."
)
@click.option("--example", metavar="NAME", help="Which of the decorator's `inputs=`; the first when left out.")
@click.option("--seed", default=0, metavar="N", show_default=True, help="Of made-up arguments.")
@click.option("--json", "as_json", is_flag=True, help="An object: example, arguments, results (type, min, mean, max; or value).")
def command(name: str, arguments: str | None, example: str | None, seed: int, as_json: bool) -> int:
    """Call a kernel once and print what it gives. With HELION_INTERPRET=1 Python runs it on the CPU, line by line."""
    subject = check_subject(name, arguments, to_lower=True)
    path, _ = split_name(name)
    device = "cpu" if is_flag_set("HELION_INTERPRET") or is_triton_interpreter() else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        raise failure("tensors-on-cpu", "there is no GPU here: set HELION_INTERPRET=1 to have Python run the kernel on the CPU", USAGE)
    try:
        kernel = import_kernel(Path(path), subject.kernel.qualname, number_of(subject.kernel))
        examples = [] if arguments is not None else [(n, v) for n, v in examples_of(kernel) if example in (None, n)]
        if example is not None and not examples:
            raise failure("no-such-example", f"`{kernel.name}` has no example {example!r} in its `inputs=`", USAGE)
        if examples:
            title, values = examples[0]
            types = notation_of_arguments(values)
        else:
            title = None
            types, values = _made_up(kernel, [p.binding.type for p in subject.typed.parameters], seed, device)
        if not as_json:
            click.echo(f"{'made-up arguments' if title is None else f'example {title}'}: {types}")
        result = kernel(*values)
    except CannotSetUpError as problem:
        raise failure("invalid-argument", str(problem), USAGE) from problem
    except exc.CompileError as problem:
        click.echo(str(problem), err=True)
        return PROBLEMS
    results = list(_described(result))
    if as_json:
        finite = [{name: value if _is_plain(value) else str(value) for name, value in described.items()} for described in results]
        click.echo(json.dumps({"example": title, "arguments": types, "results": finite}, indent=2))
    for described in () if as_json else results:
        click.echo(_words(described))
    return OK


def _made_up(kernel: Kernel, types: Sequence[Type], seed: int, device: str) -> tuple[str, tuple[Any, ...]]:
    """Random values, and their types."""
    defaults = [parameter.default for parameter in kernel.signature.parameters.values()]
    whole = made_up_types(types, defaults)
    return format_notation(whole), make_inputs(whole, list(kernel.signature.parameters), seed, device)


def _described(result: Any) -> Iterator[dict[str, Any]]:
    """Each tensor of a result by its type and the extent of its values; anything else by itself."""
    if is_sequence(result):
        for item in result:
            yield from _described(item)
    elif not isinstance(result, torch.Tensor):
        yield {"value": repr(result)}
    else:
        head = f"{short_name(result.dtype)}[{','.join(map(str, result.shape))}]"
        has_extent = result.numel() > 0 and not result.dtype.is_complex
        values = result.to(torch.float64) if has_extent else None
        extent = {} if values is None else {name: float(f(values)) for name, f in _EXTENT.items()}
        yield {"type": head, **extent}


_EXTENT: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] = MappingProxyType({"min": torch.min, "mean": torch.mean, "max": torch.max})


def _is_plain(value: Any) -> bool:
    """JSON has no word for infinities and what is no number."""
    return not isinstance(value, float) or math.isfinite(value)


def _words(described: Mapping[str, Any]) -> str:
    extent = [f"{name} {described[name]:.6g}" for name in _EXTENT if name in described]
    return " ".join([str(described.get("type", described.get("value"))), *extent])
