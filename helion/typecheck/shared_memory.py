"""Host statements of a kernel in, which of its names are the same elements in memory out: `flat` of `flat = x.view(-1)` has those of `x`.

Only views of a whole tensor are followed: two slices of one may have no element in common.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from helion.typed_kernel import tree
from helion.types.host_views import contiguous
from helion.types.types import TensorType, Type

# What torch gives for these is never a copy, as methods, attributes, or functions of the tensor.
_VIEWS = frozenset(
    {"view", "view_as", "t", "T", "mT", "transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis", "unsqueeze", "squeeze"}
    | {"expand", "expand_as", "broadcast_to", "unflatten", "detach", "data", "view_as_real", "view_as_complex"}
)
# A copy where the elements do not lie one behind the other.
_VIEWS_OF_ROWS = frozenset({"reshape", "reshape_as", "flatten", "ravel", "contiguous"})

Memory = tuple[str, int]


@dataclass
class SharedMemory:
    """What each name stands for, after the statements that were followed: the name that the memory first had, and which binding of it."""

    _of: dict[str, Memory] = field(default_factory=dict[str, Memory])
    _count: int = 0

    def of(self, name: str) -> Memory:
        """The memory of a name; that of a name which no statement bound is a parameter's."""
        return self._of.get(name, (name, 0))

    def follow(self, statement: tree.HostStatement) -> None:
        """What a statement binds is new, except for the names that an assignment gives a view to."""
        shared = dict(_given(statement))
        known = {name: self._seen_through(value) for name, value in shared.items()}
        self._count += 1
        for name in {binding.name for binding in statement.bindings} | set(statement.assigned):
            memory = known.get(name) if name in statement.assigned else None
            self._of[name] = memory or (name, self._count)

    def _seen_through(self, value: tree.Expr) -> Memory | None:
        while (whole := _viewed(value)) is not None:
            value = whole
        return self.of(value.name) if isinstance(value, tree.Name) and isinstance(value.type, TensorType) else None


def _given(statement: tree.HostStatement) -> list[tuple[str, tree.Expr]]:
    """The names of an assignment, each with the expression that it is given."""
    if not statement.assigned or len(statement.values) != 1:
        return []
    (value,) = statement.values
    assignment = ast.parse(statement.text).body[0]
    found: list[tuple[str, tree.Expr]] = []
    for target in assignment.targets if isinstance(assignment, ast.Assign) else ():
        if isinstance(target, ast.Name):
            found.append((target.id, value))
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, tree.Sequence) and len(target.elts) == len(value.items):
            found.extend((t.id, item) for t, item in zip(target.elts, value.items, strict=True) if isinstance(t, ast.Name))
    return found


def _viewed(value: tree.Expr) -> tree.Expr | None:
    """The tensor whose elements an expression has, all of them and no others; None where it is no such expression."""
    match value:
        case tree.Call(target=target, args=(tensor, *_)):
            name = getattr(target, "__name__", "")
        case tree.HostValue(text=text, parts=(tensor, *_)):
            name = _last_name(text)
        case _:
            return None
    return tensor if name in _VIEWS or (name in _VIEWS_OF_ROWS and _is_in_rows(tensor.type)) else None


def _is_in_rows(type_: Type) -> bool:
    if not isinstance(type_, TensorType) or type_.rank is None or type_.stride is None:
        return False
    return type_.stride == contiguous(type_.dims)


def _last_name(text: str) -> str:
    """`T` of `x.T`, `view` of `x.view(-1)` and of `torch.view(x, -1)`."""
    node = ast.parse(text, mode="eval").body
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else ""
