"""A typed kernel in, the text of its gradient kernel out: which of its tensors are outputs and which have gradients is decided here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from helion.autodiff.differentiate import differentiate
from helion.autodiff.fresh_names import Names
from helion.autodiff.not_differentiable import NotDifferentiable
from helion.autodiff.read_tile import tile_program
from helion.autodiff.tile_program import TileProgram
from helion.autodiff.write_kernel import Host, KernelText, write_kernel
from helion.syntax.needed_statements import needed_statements, returns_early
from helion.syntax.reshapes import reshaped_name
from helion.typed_kernel import tree
from helion.types.types import TensorType, Type

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_LEAST_BYTES = 2  # of a float that is computed with: gradients in 8 bits are none


def returned_tensors(kernel: tree.TypedKernel) -> tuple[str | None, ...]:
    """The host tensors that a kernel returns, in order; None for what is no tensor. Raises NotDifferentiable."""
    statements = [statement for statement in kernel.body if isinstance(statement, tree.HostStatement)]
    early = next((statement for statement in statements if returns_early(statement.text)), None)
    if early is not None:
        raise NotDifferentiable(early.span, "this `return`", "which values it gives depends on the call")
    last = kernel.body[-1]
    if not isinstance(last, tree.HostStatement) or not last.text.startswith("return") or not last.values:
        raise NotDifferentiable(kernel.name_span, f"`{kernel.name}`", "it returns nothing")
    value = last.values[0]
    items = value.items if isinstance(value, tree.Sequence) else (value,)
    return tuple(_returned(kernel, item) for item in items)


def _returned(kernel: tree.TypedKernel, item: tree.Expr) -> str | None:
    if not isinstance(item.type, TensorType):
        return None
    name = item.name if isinstance(item, tree.Name) else reshaped_name(kernel.file.text_of(item.span))
    if name is None:
        raise NotDifferentiable(item.span, "what is returned", "it is computed after the loop; return the tensor that the loop stores")
    return name


def reshaped_outputs(kernel: tree.TypedKernel) -> Mapping[str, TensorType]:
    """The tensors of which a kernel returns another shape, with their types."""
    last = kernel.body[-1]
    assert isinstance(last, tree.HostStatement)
    items = last.values[0].items if isinstance(last.values[0], tree.Sequence) else last.values[:1]
    names = {reshaped_name(kernel.file.text_of(item.span)) for item in items if not isinstance(item, tree.Name)}
    bindings = (b for statement in kernel.body if isinstance(statement, tree.HostStatement) for b in statement.bindings)
    return {b.name: b.type for b in bindings if b.name in names and isinstance(b.type, TensorType)}


def differentiable_tensors(kernel: tree.TypedKernel) -> Mapping[str, str]:
    """The host tensors with the elements of a parameter that may have a gradient, and which parameter: itself, or `flat = x.view(-1)`."""
    shapes = {p.binding.name: p.binding.type for p in kernel.parameters}
    found = {name: name for name, type_ in shapes.items() if _is_differentiable(type_)}
    for statement in kernel.body:
        if isinstance(statement, tree.Loop):
            break
        for binding in statement.bindings if isinstance(statement, tree.HostStatement) else ():
            root = found.pop(binding.name, None)
            source = reshaped_name(statement.text) if isinstance(statement, tree.HostStatement) else None
            root = root if source == binding.name else found.get(source or "")
            if root is not None and (binding.name not in shapes or shapes[binding.name] == binding.type):
                found[binding.name] = root
    return found


def derive(kernel: tree.TypedKernel, parameters: Sequence[str], outputs: Sequence[str], decorator: str) -> KernelText:
    """The kernel that computes the gradients of the parameters from those of `outputs`. `parameters` are the forward's with their
    annotations. Raises NotDifferentiable."""
    roots = differentiable_tensors(kernel)
    names = Names({*_IDENTIFIER.findall(kernel.file.text_of(kernel.span)), "torch", "hl", "helion"})
    program = tile_program(kernel, frozenset(roots), names)
    _check_memory(program, frozenset(roots), outputs)
    gradient = differentiate(program, outputs)
    if not gradient.of_loads:
        raise NotDifferentiable(kernel.name_span, f"`{kernel.name}`", "no output depends on an argument that has a gradient")
    return write_kernel(program, gradient, names, Host(parameters, decorator, roots, reshaped_outputs(kernel)))


def _is_differentiable(type_: Type) -> bool:
    return (
        isinstance(type_, TensorType) and type_.dtype is not None and type_.dtype.is_floating_point and type_.dtype.itemsize >= _LEAST_BYTES
    )


def _check_memory(program: TileProgram, differentiable: frozenset[str], outputs: Sequence[str]) -> None:
    """What is read must be arguments as they came, or not depend on any; what is stored must be memory of its own."""
    kernel = program.kernel
    stored = {store.place.tensor for store in program.stores}
    parameters = {p.binding.name for p in kernel.parameters}
    for store in program.stores:
        if store.place.tensor in parameters:
            raise NotDifferentiable(
                store.span, f"a store to the argument `{store.place.tensor}`", "its gradient would be that of two values"
            )
    missing = next((name for name in outputs if name not in stored), None)
    if missing is not None:
        raise NotDifferentiable(kernel.name_span, f"the output `{missing}`", "the loop does not store it")
    before = [statement for statement in kernel.body if isinstance(statement, tree.HostStatement)]
    for leaf in program.leaves:
        tensor = leaf.loads
        if tensor is None or tensor in differentiable:
            continue
        if tensor in stored:
            raise NotDifferentiable(leaf.span, f"a load of `{tensor}`", "the loop stores it")
        _, read = needed_statements([statement.text for statement in before], [tensor])
        bound = {b.name: b.type for statement in before for b in statement.bindings}
        if tensor in bound and _is_differentiable(bound[tensor]) and read & differentiable_parameters(kernel):
            raise NotDifferentiable(
                leaf.span, f"a load of `{tensor}`", "the host computes it from an argument; let the loop load the argument"
            )


def differentiable_parameters(kernel: tree.TypedKernel) -> frozenset[str]:
    """The parameters that may have a gradient."""
    return frozenset(p.binding.name for p in kernel.parameters if _is_differentiable(p.binding.type))
