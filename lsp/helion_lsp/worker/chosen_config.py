"""What somebody asks for as a config, by name or as text, in; a config of the kernel's space out, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.syntax.config_literals import config_literals
from helion.syntax.config_text import FORMS, config_values
from helion.syntax.tree import KernelSyntax
from helion.target import Target
from helion.types.untyped import is_mapping

DEFAULT, LOCKED = "default", "locked"


@dataclass(frozen=True)
class Chosen:
    """`words` say whose config it is."""

    config: Config
    words: str


def chosen_config(kernel: KernelSyntax, space: ConfigSpace, target: Target, given: object, sample: str | None) -> Chosen | str:
    """`given` is "default", "locked", a mapping, or a config as Python or JSON; nothing means the default. Problems are a text."""
    if given in (None, "", DEFAULT):
        return Chosen(space.default(), "the default config")
    if given == LOCKED:
        found = locked_config(kernel, space, target, sample)
        return found if found is not None else f"the decorator of `{kernel.name}` has no config that fits {target.name}"
    values = given if is_mapping(given) else config_values(str(given))
    if values is None:
        return FORMS
    problems = space.check(values)
    if problems:
        return "\n".join(problem.message() for problem in problems)
    return Chosen(space.normalize(values), "the given config")


def locked_config(kernel: KernelSyntax, space: ConfigSpace, target: Target, sample: str | None) -> Chosen | None:
    """The config that a call on the target would use, as far as the text says it."""
    literals = [literal for literal in config_literals(kernel) if literal.device in (None, "*", target.name)]
    literals.sort(key=lambda literal: (literal.device != target.name, literal.signature != sample))
    for literal in literals:
        if literal.is_said and not space.check(literal.values):
            return Chosen(space.normalize(literal.values), "the config in the decorator")
    return None
