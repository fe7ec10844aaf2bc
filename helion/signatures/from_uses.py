"""A kernel's body in, what it says about its tensors' ranks and sizes out: `m, k = x.size()`, `x.size(1)`, `x[tile_m, tile_k]`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache

from helion.ops.table import OPS
from helion.syntax.names import nodes_of

_ACCESSES = frozenset(op.function.__name__ for op in OPS.ops if op.accesses is not None and inspect.isfunction(op.function))


@dataclass(frozen=True)
class ShapeEvidence:
    """`names` are what the source calls the sizes, None where it does not say. `strength` ranks kinds of evidence, `node` is the one."""

    names: tuple[str | None, ...]
    node: ast.expr | ast.stmt
    strength: int

    @property
    def words(self) -> str:
        return f"from `{ast.unparse(self.node)}`, line {self.node.lineno}"


def shapes_from_uses(function: ast.FunctionDef) -> dict[str, ShapeEvidence]:
    """The best evidence for each parameter that is used as a tensor."""
    parameters = {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
    found: dict[str, list[ShapeEvidence]] = {}
    rebound, shared = _rebound(function, parameters), _throwaway_names(function)
    for name, evidence in _every_evidence(function):
        if name in parameters and (name not in rebound or evidence.strength == 3):
            names = tuple(None if size in shared else size for size in evidence.names)
            found.setdefault(name, []).append(replace(evidence, names=names))
    return {name: _best(evidence) for name, evidence in found.items()}


def size_names_from_uses(function: ast.FunctionDef) -> dict[str, dict[int, str]]:
    """What the source calls single sizes of its parameters, by position: `m = x.size(-2)` gives `{"x": {-2: "m"}}`."""
    parameters = {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
    names: dict[str, dict[int, str]] = {}
    rebound, shared = _rebound(function, parameters), _throwaway_names(function)
    for node in nodes_of(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if (one := _one_size(value)) is not None:
                name, position = one
                if name in parameters and name not in rebound and target not in shared:
                    names.setdefault(name, {}).setdefault(position, target)
            case _:
                pass
    return names


def _rebound(function: ast.FunctionDef, parameters: set[str]) -> set[str]:
    """Parameters that the body assigns again: their later uses say nothing about the argument."""
    stores = {n.id for n in nodes_of(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stores & parameters


@lru_cache(maxsize=4)  # they are asked for twice of each function
def _every_evidence(function: ast.FunctionDef) -> tuple[tuple[str, ShapeEvidence], ...]:
    return tuple(found for node in nodes_of(function) if (found := _evidence(node)) is not None)


@lru_cache(maxsize=4)
def _throwaway_names(function: ast.FunctionDef) -> AbstractSet[str]:
    """Throwaway names that the body gives more than one size, as in `_, n = x.size(); _, k = y.size()`: no size is called by them. Other
    names are: who writes `m, k = x.size()` and `k, n = y.size()` means one `k`."""
    sizes: dict[str, set[tuple[str, int]]] = {}
    for tensor, evidence in _every_evidence(function):
        for position, name in enumerate(evidence.names):
            if name is not None and name.startswith("_"):
                sizes.setdefault(name, set()).add((tensor, position))
    return {name for name, places in sizes.items() if len(places) > 1}


def _best(evidence: list[ShapeEvidence]) -> ShapeEvidence:
    strongest = max(evidence, key=lambda e: (e.strength, len(e.names)))
    if strongest.strength == 3:
        return strongest
    rank = max(len(e.names) for e in evidence)
    names: list[str | None] = [None] * rank
    for each in evidence:
        if len(each.names) == rank or each.strength == 1:
            for position, name in enumerate(each.names):
                names[position] = names[position] or name
    return replace(strongest, names=tuple(names))


def _evidence(node: ast.AST) -> tuple[str, ShapeEvidence] | None:
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if (name := _sizes_of(value)) is not None:
            if all(isinstance(t, ast.Name) for t in targets):
                names = tuple(t.id for t in targets if isinstance(t, ast.Name))
                return name, ShapeEvidence(names, node, 3)
        case ast.Assign(targets=[ast.Name(id=target)], value=value) if (one := _one_size(value)) is not None:
            name, position = one
            names = (*(None for _ in range(position)), target)
            return (name, ShapeEvidence(names, node, 1)) if position >= 0 else None
        case (
            ast.Subscript(value=ast.Name(id=name), slice=index)
            | ast.Call(func=ast.Attribute(attr=_), args=[ast.Name(id=name), ast.List() as index, *_])
        ) if isinstance(node, ast.Subscript) or _is_access(node):
            elements = index.elts if isinstance(index, ast.Tuple | ast.List) else [index]
            kept = [e for e in elements if not (isinstance(e, ast.Constant) and e.value is None)]
            leaves_rest = len(kept) == 1 and (isinstance(kept[0], ast.Name) or _is_part(kept[0]))
            if not leaves_rest and not any(isinstance(e, ast.Starred) or _is_ellipsis(e) or _is_key(e) for e in kept):
                return name, ShapeEvidence(tuple(None for _ in kept), node, 2)
        case ast.For(target=ast.Name(id=tile), iter=ast.Call(func=ast.Attribute(), args=[count]), body=body):
            name = _counted(count)
            if name is not None and any(_is_element(inner, name, tile) for statement in body for inner in ast.walk(statement)):
                return name, ShapeEvidence((None,), count, 2)
        case _:
            pass
    return None


def _counted(node: ast.expr) -> str | None:
    """`x` of `x.numel()`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="numel" | "nelement"), args=[]):
            return name
        case _:
            return None


def _is_element(node: ast.AST, tensor: str, tile: str) -> bool:
    """Whether a node is `x[tile]`: where a tile goes over all elements, it has one dim."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=index)):
            return (name, index) == (tensor, tile)
        case _:
            return False


def _is_access(node: ast.AST) -> bool:
    """`hl.load(x, [a, b])`, and whatever else takes a tensor and where in it."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ACCESSES


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _is_part(node: ast.expr) -> bool:
    """Whether it is a slice with a bound: `x[: n // 2]`, as the host cuts a tensor in two, has all other dims as well."""
    return isinstance(node, ast.Slice) and (node.lower is not None or node.upper is not None)


def _is_key(node: ast.expr) -> bool:
    """Whether it is an index of a dict's only: `arguments["scale"]`."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _sizes_of(node: ast.expr) -> str | None:
    """`x` of `x.size()` and `x.shape`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="size"), args=[]):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr="shape"):
            return name
        case _:
            return None


def _one_size(node: ast.expr) -> tuple[str, int] | None:
    """`x` and 1 of `x.size(1)` and `x.shape[1]`, also inside `hl.specialize(...)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="size"), args=[index]) if (at := _integer(index)) is not None:
            return name, at
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=index) if (at := _integer(index)) is not None:
            return name, at
        case ast.Call(func=ast.Attribute(attr="specialize"), args=[inner]):
            return _one_size(inner)
        case _:
            return None


def _integer(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return None
    return value if isinstance(value, int) else None
