"""The notes of a command's runs in, what was collected, tuned, decided and found out, as values and files; runs nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from helion.autotune.few_configs import Timed, few_configs
from helion.locks.versions import current_versions
from helion.runtime.aot_kernel import decision_file_name
from helion.runtime.aot_notes import KernelId, Note, read_notes
from helion.runtime.decision_file import Chosen, text_of_file, write_atomically

NOTHING, FAILED = 3, 4


class PhaseFailure(Exception):
    """Ends the run; the message is for people."""

    def __init__(self, words: str, exit_code: int) -> None:
        super().__init__(words)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Work:
    """Where things are: decision files in `output`, or beside the sources when None; the runner's own files in `folder`."""

    output: Path | None
    folder: Path

    @property
    def notes(self) -> str:
        return str(self.folder / "notes")

    @property
    def collected(self) -> Path:
        return self.folder / "collected.json"

    def read(self, kind: str) -> list[Note]:
        return [note for note in read_notes(Path(self.notes)) if note.kind == kind]


@dataclass(frozen=True)
class Collected:
    """How often each kernel was called with each signature, in the order of the first calls, and what `batched` says of it."""

    calls: Mapping[KernelId, Mapping[str, int]]
    batched: Mapping[KernelId, Sequence[Any]] = field(default_factory=dict[KernelId, Sequence[Any]])

    @property
    def planned(self) -> dict[str, list[str]]:
        return {kernel.key: list(signatures) for kernel, signatures in self.calls.items()}

    def to_json(self) -> list[dict[str, Any]]:
        return [{**asdict(kernel), "calls": dict(calls), "batched": list(self.batched[kernel])} for kernel, calls in self.calls.items()]

    def write(self, path: Path) -> None:
        write_atomically(path, json.dumps(self.to_json(), indent=2) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises PhaseFailure when nothing is collected."""
        try:
            records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise PhaseFailure(f"nothing is collected in {path.parent}: run --phase collect first", NOTHING) from None
        ids = [KernelId(r["name"], r["file"], r["device"], r["product"]) for r in records]
        return cls(
            {kernel: record["calls"] for kernel, record in zip(ids, records, strict=True)},
            {kernel: record["batched"] for kernel, record in zip(ids, records, strict=True)},
        )


def collected_of(work: Work, command: str) -> Collected:
    """Raises PhaseFailure when no kernel was called."""
    called = work.read("called")
    if not called:
        remedy = "decorate with @helion.aot_kernel, and without config=, what decisions are to be made for"
        raise PhaseFailure(f"`{command}` called no ahead-of-time kernel: {remedy}", NOTHING)
    calls: dict[KernelId, dict[str, int]] = {}
    for note in called:
        calls.setdefault(note.kernel, {}).setdefault(note.signature, 0)
    for note in work.read("counted"):
        calls[note.kernel][note.signature] += note.facts["calls"]
    return Collected(calls, {note.kernel: note.facts["batched"] for note in called})


@dataclass(frozen=True)
class Tuned:
    """The distinct winners of each kernel, in the order of its signatures; `remarks` say what could not be tuned."""

    candidates: Mapping[str, Sequence[Mapping[str, Any]]]
    remarks: Sequence[str]


def measured_of(work: Work) -> Tuned:
    """Raises PhaseFailure when no tuning gave a config."""
    notes = work.read("tune")
    remarks = [f"{note.kernel.name}, {note.signature}: {note.facts['failed']}" for note in notes if "failed" in note.facts]
    candidates: dict[str, list[Mapping[str, Any]]] = {}
    for note in notes:
        found = candidates.setdefault(note.kernel.key, [])
        if "config" in note.facts and note.facts["config"] not in found:
            found.append(note.facts["config"])
    if not any(candidates.values()):
        raise PhaseFailure("\n".join(["nothing could be tuned:", *(remarks or ["the command made none of the collected calls"])]), FAILED)
    return Tuned(candidates, remarks)


def decided_of(work: Work, collected: Collected, tuned: Tuned, within: float, how: str) -> list[Path]:
    """Writes the decision files and gives their paths. Raises PhaseFailure where two kernels of one name would share a file."""
    notes = work.read("time")
    files: dict[Path, list[Chosen]] = {}
    for kernel, calls in collected.calls.items():
        timed = [_timed(note, calls) for note in _one_a_signature(notes, kernel)]
        if not timed:
            continue
        configs = tuned.candidates.get(kernel.key, ())
        conditions = (f"measured on {kernel.product} with {_versions()}; {how}",)
        chosen = Chosen(kernel, collected.batched[kernel], timed, few_configs(timed, within), configs, within, conditions)
        files.setdefault(_path(work, kernel), []).append(chosen)
    for path, chosen in files.items():
        names = [one.kernel.name for one in chosen]
        if len(set(names)) < len(names):
            raise PhaseFailure(f"{path.name} would decide for two kernels of one name, of files of one name: leave --output out", FAILED)
        former = path.read_text(encoding="utf-8") if path.is_file() else ""
        write_atomically(path, text_of_file(Path(chosen[0].kernel.file).stem, chosen[0].kernel.device, chosen, former))
    return list(files)


def _path(work: Work, kernel: KernelId) -> Path:
    source = Path(kernel.file)
    return (work.output or source.parent) / decision_file_name(source, kernel.device)


def _one_a_signature(notes: Iterable[Note], kernel: KernelId) -> list[Note]:
    """The first process's word where several timed the same; failures are left out."""
    found = {note.signature: note for note in reversed(list(notes)) if note.kernel == kernel and "failed" not in note.facts}
    return [found[signature] for signature in sorted(found)]


def _timed(note: Note, calls: Mapping[str, int]) -> Timed:
    return Timed(note.signature, calls.get(note.signature, 0), _us(note.facts["default"]), tuple(_us(time) for time in note.facts["times"]))


def _us(time: Mapping[str, Any]) -> float:
    return math.inf if time["us"] is None else time["us"]


def _versions() -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(current_versions().items()))


@dataclass(frozen=True)
class Evaluated:
    """One signature's times by the default config and by the chosen one."""

    kernel: KernelId
    signature: str
    facts: Mapping[str, Any]

    @property
    def is_bad(self) -> bool:
        """The choice fails, or is slower than the default by more than a twentieth and the noise."""
        if "failed" in self.facts or self.facts["chosen"]["us"] is None:
            return True
        default, chosen = self.facts["default"], self.facts["chosen"]
        return default["us"] is not None and chosen["us"] > 1.05 * default["us"] + default["noise_us"] + chosen["noise_us"]

    @property
    def line(self) -> str:
        if "failed" in self.facts:
            return f"{self.signature}: {self.facts['failed']}"
        default, chosen = self.facts["default"], self.facts["chosen"]
        both = default["us"] is not None and chosen["us"] is not None
        speed = f"{default['us'] / chosen['us']:7.2f}×" if both else " " * 8
        cells = " ".join("     failed" if time["us"] is None else f"{time['us']:11.2f}" for time in (default, chosen))
        undecided = "" if self.facts["decision_file"] else ", there is no decision file"
        remark = f"  (the default{undecided})" if self.facts["is_default"] or undecided else ""
        why = "".join(f"  {time['failure']}" for time in (default, chosen) if time["failure"])
        return f"{cells} {speed}  {self.signature}{remark}{why}"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self.kernel), "signature": self.signature, **self.facts}


def evaluated_of(work: Work, command: str) -> list[Evaluated]:
    """Raises PhaseFailure when no kernel was called."""
    notes = work.read("evaluate")
    if not notes:
        raise PhaseFailure(f"`{command}` called no ahead-of-time kernel", NOTHING)
    found = {(note.kernel.key, note.signature): note for note in reversed(notes)}
    return [Evaluated(note.kernel, note.signature, note.facts) for _, note in sorted(found.items(), key=lambda item: item[0])]
