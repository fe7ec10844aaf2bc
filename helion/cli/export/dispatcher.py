"""Variants with the names of their functions in, the text of the public function that picks one for a call out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

import torch

from helion.cli.exit_codes import REFUSED
from helion.cli.export.variants import Variant
from helion.cli.failure import failure
from helion.syntax.tree import KernelSyntax
from helion.types.dims import constant
from helion.types.types import ConstantType, DtypeType, NumberType, SequenceType, TensorType, Type

_SELECTION = '''

def _facts(value):
    """What of an argument a variant depends on."""
    if isinstance(value, torch.Tensor):
        return (value.dtype, tuple(value.shape), tuple(value.stride()), value.data_ptr() % 16 == 0)
    if isinstance(value, (list, tuple)):
        return tuple(_facts(item) for item in value)
    return type(value) if isinstance(value, (bool, int, float)) else value


def _serves(wanted, value):
    """A size of None is any but 1, and strides of None are those of a contiguous tensor."""
    if isinstance(wanted, _Tensor):
        if not isinstance(value, torch.Tensor) or value.dtype != wanted.dtype or value.dim() != len(wanted.shape):
            return False
        sizes = all(size != 1 if want is None else size == want for want, size in zip(wanted.shape, value.shape))
        return sizes and value.is_contiguous() and value.data_ptr() % 16 == 0
    if isinstance(wanted, tuple):
        return isinstance(value, (list, tuple)) and len(wanted) == len(value) and all(map(_serves, wanted, value))
    return type(value) is wanted if isinstance(wanted, type) else value is wanted or value == wanted


def _devices(arguments):
    """The names that the device of the call has, the narrowest first."""
    for value in arguments:
        if isinstance(value, (list, tuple)):
            found = _devices(value)
            if found is not None:
                return found
        elif isinstance(value, torch.Tensor):
            if value.device.type != "cuda":
                return None
            properties = torch.cuda.get_device_properties(value.device)
            amd = getattr(properties, "gcnArchName", "").split(":")[0]
            architecture = amd if torch.version.hip else f"sm_{properties.major}{properties.minor}"
            return (properties.name, architecture, "*")
    return None


def _select(arguments):
    names = _devices(arguments)
    fitting = [v for v in _VARIANTS if len(v.arguments) == len(arguments) and all(map(_serves, v.arguments, arguments))]
    # Without a GPU (Triton's interpreter) any variant computes the same.
    ordered = fitting if names is None else [v for name in names for v in fitting if v.device == name]
    if not ordered:
        known = "\\n".join(f"    {v.device}: {v.signature}" for v in _VARIANTS)
        raise TypeError(f"no exported variant serves these arguments on {names}: tensors must be contiguous, and one of\\n{known}")
    return ordered[0].run
'''


def dispatcher_text(kernel: KernelSyntax, variants: Sequence[tuple[Variant, str]]) -> str:
    """A table of variants, and a function with the kernel's name that asks it once for each kind of call."""
    parameters, names = _parameters(kernel)
    rows = "".join(
        f"    _Variant({variant.device!r}, {variant.signature!r}, {_tuple(map(_wanted, _types(variant)))}, {function}),\n"
        for variant, function in variants
    )
    table = (
        '\n_Tensor = collections.namedtuple("_Tensor", "dtype shape")\n'
        '_Variant = collections.namedtuple("_Variant", "device signature arguments run")\n'
        f"_VARIANTS = (\n{rows})\n_CHOSEN = {{}}\n"
    )
    device = "tuple(a.device for a in arguments if isinstance(a, torch.Tensor))"
    public = (
        f"\n\ndef {kernel.name}({parameters}):\n    arguments = {_tuple(names)}\n"
        f"    key = (tuple(map(_facts, arguments)), {device})\n    run = _CHOSEN.get(key)\n"
        "    if run is None:\n        run = _CHOSEN[key] = _select(arguments)\n    return run(*arguments)\n"
    )
    return f"{table}{_SELECTION}{public}"


def _tuple(items: Iterable[str]) -> str:
    """The text of a tuple."""
    texts = list(items)
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def _types(variant: Variant) -> list[Type]:
    return [parameter.binding.type for parameter in variant.typed.parameters]


def _wanted(type_: Type) -> str:
    """What `_serves` compares with, as Python text."""
    match type_:
        case TensorType(dtype=torch.dtype() as dtype):
            return f"_Tensor({dtype}, {_tuple(str(constant(size)) for size in type_.dims)})"
        case NumberType(kind=kind):
            return kind.__name__
        case SequenceType(items=items):
            return _tuple(map(_wanted, items))
        case DtypeType(dtype=dtype):
            return str(dtype)
        case ConstantType(value=value) if value is None or isinstance(value, str):
            return repr(value)
        case _:
            raise failure("cannot-stand-alone", f"an argument is {type_}, which no signature can say", REFUSED)


def _parameters(kernel: KernelSyntax) -> tuple[str, list[str]]:
    """The parameters without annotations, with their defaults, and their names."""
    node = kernel.function.node
    assert isinstance(node, ast.FunctionDef)
    arguments = [*node.args.posonlyargs, *node.args.args]
    for argument in arguments:
        if argument.annotation is not None and "constexpr" in ast.unparse(argument.annotation):
            words = f"`{argument.arg}` of `{kernel.qualname}` is a constexpr: its value is part of the code, and of no signature"
            raise failure("cannot-stand-alone", words, REFUSED)
    plain = [*[None] * (len(arguments) - len(node.args.defaults)), *node.args.defaults]
    for default in plain:
        if default is not None and not isinstance(default, ast.Constant):
            raise failure("cannot-stand-alone", f"a default of `{kernel.qualname}` is computed: {ast.unparse(default)}", REFUSED)
    texts = [a.arg if d is None else f"{a.arg}={ast.unparse(d)}" for a, d in zip(arguments, plain, strict=True)]
    return ", ".join(texts), [a.arg for a in arguments]
