"""A user's callable and its arguments in, what the measuring side asks about it out; a candidate's code is its config as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils._pytree import tree_map

from helion.autotune.correctness import Comparison
from helion.autotune.subject import CannotSetUpError, Timer
from helion.codegen.triton_module import LaunchPlan, TritonModule


@dataclass(frozen=True)
class ConfigModule(TritonModule):
    """Stands where generated code would: nothing is generated for a callable, and two configs do the same when their values are."""

    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


def module_of_values(name: str, values: Mapping[str, Any]) -> ConfigModule:
    """The values as what is executed."""
    return ConfigModule(repr(sorted(values.items())), (), LaunchPlan(name, name, (), "()", None, 0, 0), values=values)


@dataclass(frozen=True)
class CallableSubject:
    """`function(config, *args)` is what is tuned, `baseline` gives the right result, in words `reference_name`. Every call but the timed
    ones has copies of the tensors among `args`; the timed ones share a copy. Numbers are never made up: a callable may demand what it likes
    of its arguments."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    baseline: Callable[..., Any]
    reference_name: str
    comparison: Comparison
    timer: Callable[[], Timer]
    device: str

    def make_timer(self) -> Timer:
        return self.timer()

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        return tree_map(_copied, self.args)

    def load(self, module: TritonModule) -> Callable[..., Any]:
        assert isinstance(module, ConfigModule)
        return lambda *args: self.function(dict(module.values), *args)

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        try:
            return self.baseline(*arguments)
        except Exception as error:
            words = f"there is nothing to compare results with: {self.reference_name} raised {type(error).__name__}: {error}"
            raise CannotSetUpError(words) from error


def _copied(value: Any) -> Any:
    return value.detach().clone(memory_format=torch.preserve_format) if isinstance(value, torch.Tensor) else value
