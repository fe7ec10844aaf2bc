"""Values of the host in, what of a call tells them out, and whether every specialization knows it though the text alone does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from helion.types.dims import ConfigSymbol, DimFacts
from helion.types.sources import Sources, told_by
from helion.types.types import Star, Type


@dataclass
class KnownSizes:
    """`of_calls` are sizes and ints that the arguments of a call tell, `baked` those that are constants of a specialization. `computed` are
    what of a call tells the sizes that the host has names for."""

    of_calls: set[Any] = field(default_factory=set[Any])
    baked: set[Any] = field(default_factory=set[Any])
    computed: dict[Any, Sources] = field(default_factory=dict[Any, Sources])

    def copy(self) -> KnownSizes:
        return KnownSizes(set(self.of_calls), set(self.baked), dict(self.computed))

    def told_by(self, values: Iterable[Type], facts: DimFacts) -> Sources | None:
        """What a call has to tell for all of them to be known; None where that is not all that it takes."""
        sources = told_by(*values)
        if sources is None:
            return None
        return frozenset(leaf for part in _parts(sources, facts) for leaf in self.computed.get(part, (part,)))

    def is_baked(self, sources: Sources, facts: DimFacts) -> bool:
        """Whether there is something to know, and specializations know it."""
        return bool(sources) and _parts(self.baked, facts) >= sources

    def bake(self, sources: Sources) -> bool:
        """Have specializations know what arguments tell; False, and nothing done, where they do not tell all. What a config decides needs
        no telling."""
        asked = {source for source in sources if not isinstance(source, ConfigSymbol)}
        if not self.of_calls.issuperset(asked):
            return False
        self.baked |= asked
        return True


def _parts(sources: Iterable[Any], facts: DimFacts) -> set[Any]:
    """Sizes by the names that they have since some turned out to be equal."""
    return {part for source in sources for part in ((source,) if isinstance(source, Star) else facts.resolve(source).free_symbols)}
