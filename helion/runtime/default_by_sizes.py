"""A kernel whose sizes are arguments in, the default config of each call out: one for all calls whose sizes are of the same classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from helion import compiler
from helion.config.config import Config
from helion.config.defaults.size_classes import size_classes
from helion.config.space import ConfigSpace
from helion.device_ir.ir import DeviceIR
from helion.runtime.size_expressions import size_getter
from helion.target import Target


class DefaultBySizes:
    """`parameters` are the names of the call's arguments. Sizes that no argument gives are those of the first call."""

    def __init__(self, ir: DeviceIR, target: Target, parameters: Sequence[str]) -> None:
        self._ir, self._target = ir, target
        self._getters: dict[Any, Callable[[Sequence[Any]], int]] = {}
        self._spaces: dict[tuple[int, ...], ConfigSpace] = {}
        for size in size_classes(ir, target):
            origin = ir.kernel.dim_origins.get(size)
            getter = size_getter(origin.host_expression or "", parameters) if origin is not None else None
            if getter is not None:
                self._getters[size] = getter

    @property
    def has_several(self) -> bool:
        """Whether calls differ."""
        return bool(self._getters)

    def space_of(self, args: Sequence[Any]) -> ConfigSpace:
        """What can be tuned in calls like this one: with its default."""
        sizes = {size: get(args) for size, get in self._getters.items()}
        classes = size_classes(replace(self._ir, hints={**self._ir.hints, **sizes}), self._target)
        key = tuple(classes.values())
        if key not in self._spaces:
            self._spaces[key] = compiler.config_space(replace(self._ir, hints={**self._ir.hints, **classes}), self._target)
        return self._spaces[key]

    def config_of(self, args: Sequence[Any]) -> Config:
        """The default, in full."""
        return self.space_of(args).default()
