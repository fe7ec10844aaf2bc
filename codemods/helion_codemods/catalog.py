"""Every codemod by name, as the command line, the editor and the manual find it: text and plain options in, an outcome out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from helion_codemods.commands import annotate, fix, lock, migrate, prune, remap, unlock
from helion_codemods.outcome import Example, Refused, Rewritten


@dataclass(frozen=True)
class Codemod:
    """One codemod; `run` takes the text and the options that its examples show."""

    description: str
    examples: tuple[Example, ...]
    run: Callable[..., Rewritten | Refused]


CODEMODS: Mapping[str, Codemod] = MappingProxyType(
    {
        "lock": Codemod(lock.DESCRIPTION, lock.EXAMPLES, lock.lock_config),
        "unlock": Codemod(unlock.DESCRIPTION, unlock.EXAMPLES, unlock.unlock),
        "prune": Codemod(prune.DESCRIPTION, prune.EXAMPLES, prune.prune),
        "remap": Codemod(remap.DESCRIPTION, remap.EXAMPLES, remap.remap),
        "migrate": Codemod(migrate.DESCRIPTION, migrate.EXAMPLES, migrate.migrate),
        "annotate": Codemod(annotate.DESCRIPTION, annotate.EXAMPLES, annotate.annotate),
        "fix": Codemod(fix.DESCRIPTION, fix.EXAMPLES, fix.fix),
    }
)
