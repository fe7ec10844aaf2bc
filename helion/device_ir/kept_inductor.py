"""Inductor's answers, kept in a folder: a process asks for what an earlier one was told, and imports no Inductor, which takes seconds.

A folder is for one installed torch and Triton and one set of variables (`answers_are_of`). Where Inductor is imported already, it is
asked itself. Answers under settings that somebody changed are not kept. A file that cannot be read or written is only a question more.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import torch

from helion.device_ir.element_code import ElementCall, ElementProgram, Step, TensorOperand, Way
from helion.device_ir.late_inductor import LATE_INDUCTOR
from helion.types.untyped import is_sequence

T = TypeVar("T")

_TORCH: Any = torch  # which has no types for its table
_DECOMPOSITIONS: Mapping[Any, Callable[..., Any]] = _TORCH._decomp.decomposition_table
_PLAIN = (TensorOperand, bool, int, float, str, torch.dtype, torch.device, torch.layout, torch.memory_format, type(None))
# What the text of an answer comes from besides torch.
_SOURCES = ("device_ir/inductor.py", "device_ir/element_code.py", "device_ir/kept_inductor.py", "types/dtypes.py", "types/integer_range.py")


@cache
def answers_are_of(triton: str, variables: tuple[tuple[str, str], ...]) -> str:
    """A digest of everything that an answer depends on besides its question: torch, the version of `triton`, the `variables` that Inductor
    reads, and the adapter."""
    package = Path(__file__).parents[1]
    sources = [(package / name).read_text(encoding="utf-8") for name in _SOURCES]
    facts = (torch.__version__, torch.version.git_version, torch.version.cuda, torch.version.hip, triton, variables, sources)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def has_imported_inductor() -> bool:
    """Whether asking Inductor itself costs nothing."""
    return "torch._inductor.lowering" in sys.modules


def has_changed_settings() -> bool:
    """Whether Inductor's settings are not those that it has by itself and by variables: then what it said is of no use."""
    config: Any = sys.modules.get("torch._inductor.config")
    return config is not None and bool(config.codegen_config())


@cache
def kept_inductor(folder: Path) -> KeptInductor:
    """One for each folder, so that what it read is read once."""
    return KeptInductor(folder)


class KeptInductor:
    """An `InductorAdapter` before Inductor's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ways: dict[Any, Way] = {}
        self._programs: dict[ElementCall, ElementProgram] = {}

    def way_of(self, target: Any) -> Way:
        way = self._ways.get(target)
        if way is None:
            question = f"way of {target}"
            way = self._read(question, lambda found: _way(target, found))
            if way is None:
                way = LATE_INDUCTOR.way_of(target)
                if way.decomposition is None or way.decomposition is _DECOMPOSITIONS.get(target):
                    self._keep(question, {"decomposed": way.decomposition is not None, "lowered": way.has_lowering})
            self._ways[target] = way
        return way

    def element_program(self, call: ElementCall) -> ElementProgram:
        """Raises NotPointwise."""
        program = self._programs.get(call)
        if program is None:
            is_plain = _is_plain(call.args) and _is_plain(tuple(value for _, value in call.kwargs))
            program = self._read(call.text, _program) if is_plain else None
            if program is None:
                program = LATE_INDUCTOR.element_program(call)
                if is_plain:
                    self._keep(call.text, _as_data(program))
            self._programs[call] = program
        return program

    def _file(self, question: str) -> Path:
        return self._folder / f"{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"

    def _read(self, question: str, answer_of: Callable[[Any], T]) -> T | None:
        if has_imported_inductor():
            return None
        try:
            return answer_of(json.loads(self._file(question).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self, question: str, data: Any) -> None:
        path = self._file(question)
        if path.exists() or has_changed_settings():
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file)
            Path(temporary).replace(path)


def _is_plain(value: Any) -> bool:
    """Whether its text says all of an argument."""
    return all(map(_is_plain, value)) if is_sequence(value) else isinstance(value, _PLAIN)


def _way(target: Any, data: Any) -> Way:
    return Way(_DECOMPOSITIONS[target] if data["decomposed"] else None, data["lowered"])


def _as_data(program: ElementProgram) -> Any:
    steps = [[step.template, step.uses, _name(step.dtype)] for step in program.steps]
    return {"steps": steps, "result": program.result, "dtype": _name(program.dtype)}


def _program(data: Any) -> ElementProgram:
    steps = tuple(Step(template, tuple(uses), _dtype(dtype)) for template, uses, dtype in data["steps"])
    return ElementProgram(steps, data["result"], _dtype(data["dtype"]))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _dtype(name: str) -> torch.dtype:
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise TypeError(f"{name} is not a dtype")
    return found
