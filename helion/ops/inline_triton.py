"""Triton inside a kernel: `hl.inline_triton` for statements, `hl.triton_kernel` for functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, cast

from helion import exc
from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.static_types import OutputLike
from helion.ops.triton_text import Definitions, NotTriton, definition_in, inline_code
from helion.types.dtypes import triton_name
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DictType,
    DtypeType,
    NumberType,
    Region,
    SequenceType,
    TensorType,
    TunableType,
    Type,
    UnknownType,
    UserFunctionType,
)

NONE = ConstantType(None)
_INLINE, _KERNEL = "hl.inline_triton", "hl.triton_kernel"
_PASSED = (TensorType, NumberType, BlockSizeType, TunableType, DtypeType, ConstantType, UnknownType)


def inline_triton(triton_source: str, args: Sequence[Any] | Mapping[str, Any], output_like: OutputLike) -> OutputLike:
    """Run Triton statements, given as a literal string, inside the kernel.

    `{0}`, `{1}`, ... in the source stand for the elements of a list of `args`, `{name}` for those of a dict: device values (of their
    whole shape), host tensors (as pointers), scalars. The last statement is an expression, the result; `output_like` is a value of its
    dtype and shape, or a tuple of several for a tuple. With `output_like` None there are statements only and no result. Names that the
    source assigns are its own. There is no Triton in reference mode.

    Example:
        >>> doubled = hl.inline_triton("{0} + {0}", args=[x[tile]], output_like=x[tile])
    """
    only_inside_kernel(_INLINE)


def triton_kernel(
    triton_source_or_fn: str | Callable[..., Any], args: Sequence[Any] | Mapping[str, Any], output_like: OutputLike
) -> OutputLike:
    """Call a Triton function inside the kernel.

    The function is given by itself, by its name in the kernel's module, or as source text that defines it; `@triton.jit` may be left
    out. It may call other such functions, and read constants, of its module. `args` are positional in a list, by keyword in a dict;
    what they and `output_like` may be is said at `hl.inline_triton`.

    Example:
        >>> total = hl.triton_kernel(add_scaled, args=[x[tile], y[tile], 2.0], output_like=x[tile])
    """
    only_inside_kernel(_KERNEL)


# -- types ----------------------------------------------------------------------------------------------------------


def infer_inline_triton(ctx: TypingContext, triton_source: Type, args: Type, output_like: Type) -> Type:
    if not isinstance(triton_source, ConstantType) or not isinstance(triton_source.value, str):
        return _refused(ctx, _INLINE, "triton_source", f"the source must be a literal string, not {triton_source}")
    names = _names_of(ctx, _INLINE, args)
    result = _result_type(ctx, _INLINE, output_like)
    if names is None or isinstance(result, UnknownType):
        return UnknownType("an argument is not known")
    try:
        code = inline_code(triton_source.value, names, has_result=output_like != NONE)
    except NotTriton as problem:
        return _refused(ctx, _INLINE, "triton_source", str(problem))
    if isinstance(code.result, ast.Tuple) != isinstance(result, SequenceType) and isinstance(code.result, ast.Tuple):
        return _refused(ctx, _INLINE, "output_like", f"the source gives {len(code.result.elts)} results, and output_like is one value")
    if isinstance(code.result, ast.Tuple) and isinstance(result, SequenceType) and len(code.result.elts) != len(result.items):
        why = f"the source gives {len(code.result.elts)} results, and output_like is {len(result.items)} values"
        return _refused(ctx, _INLINE, "output_like", why)
    return result


def infer_triton_kernel(ctx: TypingContext, triton_source_or_fn: Type, args: Type, output_like: Type) -> Type:
    try:
        _check_function(triton_source_or_fn)
    except NotTriton as problem:
        return _refused(ctx, _KERNEL, "triton_source_or_fn", str(problem))
    names = _names_of(ctx, _KERNEL, args)
    result = _result_type(ctx, _KERNEL, output_like)
    return UnknownType("an argument is not known") if names is None else result


def _check_function(function: Type) -> None:
    """Raises NotTriton when a type is no function that can be written into the module."""
    match function:
        case UnknownType():
            pass
        case UserFunctionType():
            Definitions().add(function)
        case ConstantType(value=str() as source) if source.strip().isidentifier():
            raise NotTriton(f"the kernel's module has no function `{source.strip()}`")
        case ConstantType(value=str() as source):
            definition_in(source)
        case _:
            raise NotTriton(f"the first argument must be a Triton function, its name or its source, not {function}")


def _refused(ctx: TypingContext, function: str, parameter: str, why: str) -> UnknownType:
    return ctx.report(InvalidArgument(ctx.argument_span(parameter), function, why))


def _names_of(ctx: TypingContext, function: str, args: Type) -> dict[str, str] | tuple[str, ...] | None:
    """What the code calls its arguments; None (reported) when there is one that it cannot be given."""
    if isinstance(args, UnknownType):
        return None
    items: tuple[tuple[object, Type], ...]
    if isinstance(args, DictType):
        items = args.items
    elif isinstance(args, SequenceType):
        items = tuple(enumerate(args.items))
    else:
        _refused(ctx, function, "args", f"args must be a list or a dict, not {args}")
        return None
    for key, type_ in items:
        if not isinstance(type_, _PASSED) or (isinstance(args, DictType) and not (isinstance(key, str) and key.isidentifier())):
            _refused(ctx, function, "args", f"argument {key} cannot be {type_}: values, host tensors, scalars and dtypes can be passed")
            return None
    return _names(dict(args.items) if isinstance(args, DictType) else list(args.items))


def _names(args: Mapping[Any, Any] | Sequence[Any]) -> dict[str, str] | tuple[str, ...]:
    if isinstance(args, Mapping):
        return {str(key): f"_{key}" for key in args}
    return tuple(f"_argument_{position}" for position in range(len(args)))


def _result_type(ctx: TypingContext, function: str, output_like: Type) -> Type:
    match output_like:
        case TensorType():
            return TensorType(output_like.shape, output_like.dtype, Region.DEVICE)
        case SequenceType(items=items) if items and all(isinstance(item, TensorType | UnknownType) for item in items):
            return SequenceType(tuple(_result_type(ctx, function, item) for item in items))
        case UnknownType() | ConstantType(value=None):
            return output_like
        case _:
            return _refused(ctx, function, "output_like", f"output_like must be a value, a tuple of values or None, not {output_like}")


# -- code -----------------------------------------------------------------------------------------------------------


def emit_inline_triton(ctx: EmitContext, triton_source: str, args: Any, output_like: Any) -> Any:
    names = _names(args)
    code = inline_code(triton_source, names, has_result=output_like is not None)
    parameters, values = (tuple(names.values()), args.values()) if isinstance(names, dict) else (names, args)
    lines = code.statements.splitlines()
    if code.result is not None:
        lines.append(f"return {ast.unparse(code.result)}")
    function = ctx.foreign.function("inline", parameters, tuple(lines))
    return _called(ctx, _INLINE, function, ", ".join(ctx.foreign.argument(value) for value in values))


def emit_triton_kernel(ctx: EmitContext, triton_source_or_fn: Any, args: Any, output_like: Any) -> Any:
    definitions = Definitions()
    if isinstance(triton_source_or_fn, str):
        function = definitions.add_text(triton_source_or_fn)
    else:
        function = definitions.add(triton_source_or_fn)
    for piece in definitions.lines():
        ctx.foreign.verbatim(piece)
    if isinstance(args, Mapping):
        named = cast("Mapping[str, Any]", args)
        listed = ", ".join(f"{key}={ctx.foreign.argument(value)}" for key, value in named.items())
    else:
        listed = ", ".join(ctx.foreign.argument(value) for value in args)
    return _called(ctx, _KERNEL, function, listed)


def _called(ctx: EmitContext, name: str, function: str, arguments: str) -> Any:
    """Call the function and check that its results are as `output_like` says."""
    call, result = f"{function}({arguments})", ctx.result_type
    if result == NONE:
        ctx.statement(call)
        return None
    results = ctx.temporary("result", call)
    if isinstance(result, TensorType):
        return _checked(ctx, name, results, result)
    return tuple(_checked(ctx, name, f"{results}[{i}]", item) for i, item in enumerate(result.items))


def _checked(ctx: EmitContext, name: str, text: str, type_: TensorType) -> str:
    assert type_.dtype is not None
    dtype = triton_name(type_.dtype)
    ctx.statement(f"tl.static_assert({text}.dtype == {dtype}, 'a result of {name} must be {dtype}')")
    lengths = [ctx.length(d) for d in type_.dims]
    if lengths and None not in lengths:
        shape = ", ".join(map(str, lengths))
        same = " and ".join(f"{text}.shape[{i}] == {length}" for i, length in enumerate(lengths))
        ctx.statement(f"tl.static_assert(len({text}.shape) == {len(lengths)}, 'a result of {name} must have the shape [{shape}]')")
        ctx.statement(f"tl.static_assert({same}, 'a result of {name} must have the shape [{shape}]')")
    return ctx.foreign.result(text, type_.dims)


def run_inline_triton(*args: Any, **options: Any) -> NoReturn:
    raise exc.BackendImplementationMissing("Triton code has no eager meaning: hl.inline_triton and hl.triton_kernel run compiled only")


OPS = (
    Op(
        _INLINE,
        inline_triton,
        Region.DEVICE,
        infer=infer_inline_triton,
        emit=emit_inline_triton,
        run=run_inline_triton,
        has_effect=True,
        takes_host_tensors=True,
    ),
    Op(
        _KERNEL,
        triton_kernel,
        Region.DEVICE,
        names_function="triton_source_or_fn",
        infer=infer_triton_kernel,
        emit=emit_triton_kernel,
        run=run_inline_triton,
        has_effect=True,
        takes_host_tensors=True,
    ),
)
