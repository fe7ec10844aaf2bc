"""What a launch reads of the host's names: values as they were, though a later statement gives the name to something else, and sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from helion.device_ir.ir import DeviceIR
from helion.typed_kernel.tree import HostStatement
from helion.types.dims import Dim
from helion.types.types import DimOrigin, NumberType

PARAMETERS = -1


@dataclass
class SavedValues:
    """Aliases by (index of the host statement after which to save, name); `PARAMETERS` is before the first statement."""

    ir: DeviceIR
    aliases: dict[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])

    @cached_property
    def _before_launch(self) -> tuple[HostStatement, ...]:
        first = next((i for i, item in enumerate(self.ir.host) if isinstance(item, int)), len(self.ir.host))
        return tuple(item for item in self.ir.host[:first] if isinstance(item, HostStatement))

    @cached_property
    def _last_binding(self) -> Mapping[str, int]:
        return {binding.name: index for index, item in enumerate(self._before_launch) for binding in item.bindings}

    @cached_property
    def _names_of_sizes(self) -> Mapping[Dim, str]:
        """The first name of each number, of those that are given to nothing else."""
        parameters = [parameter.binding.name for parameter in self.ir.kernel.parameters]
        bound = [(item, binding) for item in self._before_launch for binding in item.bindings]
        times = Counter([*parameters, *(binding.name for _, binding in bound)])
        found: dict[Dim, str] = {}
        for item, binding in bound:
            is_sure = binding.name in item.assigned and times[binding.name] == 1
            if is_sure and isinstance(binding.type, NumberType) and binding.type.kind is int and isinstance(binding.type.value, Dim):
                found.setdefault(binding.type.value, binding.name)
        return found

    def name_of(self, size: Dim, before: int | None = None) -> str | None:
        """The host's own name for a size at the launch, or in the statement with the index `before`: to ask a tensor again takes torch
        0.3 µs."""
        name = self._names_of_sizes.get(size)
        return name if name is None or before is None or self._last_binding[name] < before else None

    def expression(self, origin: DimOrigin) -> str:
        """Python that yields, at the launch, what `origin.host_expression` was where it was bound."""
        assert origin.host_expression is not None
        name = origin.host_expression.split(".")[0].split("[")[0]
        birth = self._birth(origin)
        if self._last_binding.get(name, PARAMETERS) <= birth:
            return origin.host_expression
        alias = f"_given_{name}" if birth == PARAMETERS else f"_{name}_{birth}"
        self.aliases[birth, name] = alias
        return alias + origin.host_expression.removeprefix(name)

    def _birth(self, origin: DimOrigin) -> int:
        """The statement that bound the name; PARAMETERS for an argument."""
        if origin.span is None:
            return PARAMETERS
        for index, item in enumerate(self._before_launch):
            if item.span.start <= origin.span.start < item.span.end:
                return index
        return PARAMETERS

    def after(self, index: int) -> tuple[tuple[str, str], ...]:
        """The (alias, name) pairs to save after a statement."""
        return tuple((alias, name) for (birth, name), alias in self.aliases.items() if birth == index)
