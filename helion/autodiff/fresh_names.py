"""Names that are taken in, names that are not out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Names:
    """Names that nothing else in the text has."""

    taken: set[str]

    def fresh(self, wish: str) -> str:
        base = wish.split("@")[0]
        name, number = base, 0
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        return name
