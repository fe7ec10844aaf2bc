"""Expressions like `torch.randn(m, 512, dtype=torch.bfloat16).to(device)` in, dtype and rank out; follows local names, runs nothing."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from types import MappingProxyType

import torch

from helion.signatures.from_values import Names
from helion.source import SourceFile
from helion.syntax.names import nodes_of
from helion.syntax.parse import function_syntax
from helion.types.dims import Dim, dim, size_symbol
from helion.types.types import Region, TensorType, Type, UserFunctionType

_FLOAT_CREATIONS = frozenset({"randn", "rand", "zeros", "ones", "empty"})
_LIKE = frozenset({"randn_like", "rand_like", "zeros_like", "ones_like", "empty_like", "full_like"})
_DTYPE_METHODS: Mapping[str, torch.dtype] = MappingProxyType(
    {"half": torch.float16, "float": torch.float32, "bfloat16": torch.bfloat16, "double": torch.float64, "int": torch.int32}
)
_KEEPING_METHODS = frozenset({"cuda", "cpu", "contiguous", "clone", "detach", "requires_grad_", "t", "abs", "neg"})
_MAX_DEPTH = 16
_MOST_BITS = 48


class Creations:
    """One scope's assignments, by which the types of expressions in it are found. A name assigned twice is not followed.

    With `exact`, the module's constants, sizes are integers where the text says which (of a conditional expression the first), for samples;
    else only the rank counts.
    """

    def __init__(
        self, file: SourceFile, scope: ast.Module | ast.FunctionDef, names: Names | None, exact: Mapping[str, ast.expr] | None = None
    ) -> None:
        self._exact = exact
        self._file = file
        self._names = names
        self._values: dict[str, ast.expr | None] = {}
        self._whole_sizes: set[str] = set()
        for statement in scope.body:
            for node in nodes_of(statement):
                if isinstance(node, ast.For | ast.comprehension) and not _gives_numbers(node.iter):
                    self._whole_sizes |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
                if isinstance(node, ast.Assign) and len(node.targets) == 1:
                    self._record(node.targets[0], node.value)

    def _record(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._values[name] = None if name in self._values else value
            case ast.Tuple(elts=targets):
                for position, inner in enumerate(targets):
                    self._record(inner, _part(value, position, len(targets)))
            case _:
                pass

    def type_of(self, node: ast.expr, depth: int = 0) -> Type | None:
        """A tensor (sizes are symbols: only the rank is meant) or a lambda; None for anything else."""
        if depth > _MAX_DEPTH:
            return None
        match node:
            case ast.Name(id=name):
                value = self._values.get(name)
                return None if value is None else self.type_of(value, depth + 1)
            case ast.Lambda() if self._names is not None:
                names = LocalNames(self, self._names)
                return UserFunctionType("<lambda>", function_syntax(self._file, node), names)
            case ast.BinOp(left=left, right=right, op=op) if not isinstance(op, ast.MatMult):
                return self.type_of(left, depth + 1) if isinstance(right, ast.Constant) else None
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr=function)):
                return self._creation(function, node, depth)
            case ast.Call(func=ast.Attribute(value=owner, attr=method)):
                return self._method(self.type_of(owner, depth + 1), method, node)
            case _:
                return None

    def _creation(self, function: str, node: ast.Call, depth: int) -> Type | None:
        keywords = {k.arg: k.value for k in node.keywords}
        dtype = self._dtype(keywords.get("dtype"))
        if function in _LIKE and node.args:
            like = self.type_of(node.args[0], depth + 1)
            return TensorType(like.shape, dtype or like.dtype, like.region) if isinstance(like, TensorType) else None
        if "dtype" not in keywords and function != "full":
            dtype = torch.float32 if function in _FLOAT_CREATIONS else torch.int64
        sizes = keywords.get("size")
        match function:
            case _ if function in _FLOAT_CREATIONS:
                rank = self._rank_of_all([sizes] if sizes is not None else node.args)
            case "full" if node.args:
                rank = self._rank(node.args[0])
            case "randint":
                rank = self._rank(sizes if sizes is not None else node.args[-1]) if node.args else None
            case "arange":
                rank = 1
            case _:
                return None
        if rank is None:
            return None
        given = (
            [sizes]
            if sizes is not None
            else node.args[-1:]
            if function == "randint"
            else node.args[:1]
            if function == "full"
            else node.args
        )
        return TensorType(self._exact_sizes(given, rank) if self._exact is not None else _sizes(rank), dtype, Region.HOST)

    def _exact_sizes(self, given: list[ast.expr], rank: int) -> tuple[Dim, ...]:
        """The sizes with those that are known as integers."""
        nodes = given
        for _ in range(_MAX_DEPTH):
            if len(nodes) != 1 or self._rank(nodes[0]) is None:
                break
            node = nodes[0]
            if isinstance(node, ast.Name):
                node = self._values.get(node.id) or node
            nodes = node.elts if isinstance(node, ast.Tuple | ast.List) else [node.body] if isinstance(node, ast.IfExp) else [node]
        found = [self._int_of(node) for node in nodes]
        return tuple(_sizes(rank)[i] if n is None else dim(n) for i, n in enumerate(found)) if len(found) == rank else _sizes(rank)

    def _int_of(self, node: ast.expr | None, depth: int = 0) -> int | None:
        match node:
            case ast.Constant(value=int() as value):
                return value
            case ast.Name(id=name) if depth < _MAX_DEPTH:
                return self._int_of(self._values.get(name) or (self._exact or {}).get(name), depth + 1)
            case ast.IfExp(body=body):
                return self._int_of(body, depth + 1)
            case ast.BinOp(left=left, right=right, op=op):
                sides = (self._int_of(left, depth + 1), self._int_of(right, depth + 1))
                return None if sides[0] is None or sides[1] is None else _computed(op, sides[0], sides[1])
            case _:
                return None

    def _method(self, owner: Type | None, method: str, node: ast.Call) -> Type | None:
        if not isinstance(owner, TensorType):
            return None
        if method in _DTYPE_METHODS:
            return TensorType(owner.shape, _DTYPE_METHODS[method], owner.region)
        if method == "to":
            given = [*node.args, *(k.value for k in node.keywords if k.arg == "dtype")]
            dtypes = [d for d in (self._dtype(a) for a in given) if d is not None]
            may_be_dtype = any(isinstance(a, ast.Name) and self._dtype(a) is None and a.id.lower() != "device" for a in given)
            return TensorType(owner.shape, dtypes[0] if dtypes else None if may_be_dtype else owner.dtype, owner.region)
        return owner if method in _KEEPING_METHODS else None

    def _dtype(self, node: ast.expr | None) -> torch.dtype | None:
        match node:
            case ast.Attribute(value=ast.Name(id="torch"), attr=name):
                found = getattr(torch, name, None)
                return found if isinstance(found, torch.dtype) else None
            case ast.Name(id=name):
                return self._dtype(self._values.get(name))
            case _:
                return None

    def _rank_of_all(self, sizes: list[ast.expr]) -> int | None:
        if any(isinstance(s, ast.Starred) for s in sizes):
            return None
        if len(sizes) == 1 and (whole := self._rank(sizes[0])) is not None:
            return whole
        if len(sizes) == 1 and isinstance(sizes[0], ast.Name) and sizes[0].id in self._whole_sizes:
            return None  # a loop's name may be one size as well as all of them
        return len(sizes)

    def _rank(self, node: ast.expr | None, depth: int = 0) -> int | None:
        """The length of a tuple of sizes; None for a single size."""
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return len(items)
            case ast.Name(id=name) if depth < _MAX_DEPTH:
                return self._rank(self._values.get(name), depth + 1)
            case ast.IfExp(body=body, orelse=orelse):
                first = self._rank(body)
                return first if first == self._rank(orelse) else None
            case _:
                return None


def _part(value: ast.expr, position: int, count: int) -> ast.expr:
    """What a tuple target's element is given, where the text says; otherwise something that is not followed."""
    match value:
        case ast.Tuple(elts=items) if len(items) == count:
            return items[position]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return ast.IfExp(test, _part(body, position, count), _part(orelse, position, count))
        case ast.GeneratorExp(elt=item, generators=[loop]) | ast.ListComp(elt=item, generators=[loop]):
            match loop:
                case ast.comprehension(target=ast.Name(id=name), iter=ast.Tuple(elts=given) | ast.List(elts=given), ifs=[]) if (
                    len(given) == count
                ):
                    return _Replaced(name, given[position]).visit(copy.deepcopy(item))
                case _:
                    return item
        case _:
            return ast.Constant(value=Ellipsis)


class _Replaced(ast.NodeTransformer):
    """An expression with another one in the place of a name: what a comprehension makes of one of its items."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self._name = name
        self._value = value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._value if node.id == self._name else node


def _gives_numbers(node: ast.expr) -> bool:
    """Whether a loop over this binds a single size: `range(4)`, `(16, 32)`."""
    match node:
        case ast.Call(func=ast.Name(id="range")):
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(isinstance(item, ast.Constant | ast.BinOp) for item in items)
        case _:
            return False


def _computed(op: ast.operator, left: int, right: int) -> int | None:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.FloorDiv() if right:
            return left // right
        case ast.LShift() if 0 <= right < _MOST_BITS:
            return left << right
        case ast.Pow() if 0 <= right < _MOST_BITS:
            return int(left**right)
        case _:
            return None


def _sizes(rank: int) -> tuple[Dim, ...]:
    return tuple(size_symbol(f"size.{i}") for i in range(rank)) if rank else ()


class LocalNames:
    """The free names of a lambda at a call site: the locals around it that are creations, then the file's names."""

    def __init__(self, creations: Creations, names: Names) -> None:
        self._creations = creations
        self._outer = names

    def resolve(self, name: str) -> Type | None:
        found = self._creations.type_of(ast.Name(id=name))
        if isinstance(found, TensorType):
            own = tuple(size_symbol(f"{name}.{i}") for i in range(len(found.shape)))
            return TensorType(own, found.dtype, found.region)
        return self._outer.resolve(name)

    def path_of(self, name: str) -> str:
        return self._outer.path_of(name)
