"""A config with the code that it gives: what an evaluator judges."""

from __future__ import annotations

from dataclasses import dataclass

from helion.codegen.triton_module import TritonModule
from helion.config.config import Config


@dataclass(frozen=True)
class Candidate:
    """A config and its code; `code` is a hash of everything about the code that can change its speed."""

    config: Config
    module: TritonModule
    code: str
