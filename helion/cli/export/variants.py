"""A kernel with its locks in, a generated module for each device × signature out, with what a call must be for it to serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from helion import compiler
from helion.cli.exit_codes import REFUSED
from helion.cli.failure import failure
from helion.cli.locks_of_text import locks_of_text
from helion.cli.subject import check_subject, space_of
from helion.codegen.standalone import missing_names
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.locks.evidence import evidence_of_entry
from helion.locks.identity import ANY_DEVICE, identity_of_key
from helion.locks.selection import select
from helion.signatures.written_settings import settings_as_written
from helion.syntax.tree import KernelSyntax
from helion.target import Target, find_target
from helion.typed_kernel.tree import TypedKernel


@dataclass(frozen=True)
class Variant:
    """The code of one config for one signature; `device` is the lock's key."""

    device: str
    signature: str
    config: Config
    module: TritonModule
    typed: TypedKernel


def variants_of(name: str, kernel: KernelSyntax, signatures: Sequence[str], target: Target, *, alone: bool = True) -> list[Variant]:
    """One for each lock by signature, and for each further signature with what a call with it would run. `target` is for locks whose own
    architecture is not known. Raises Failure for what does not fit any more and, when they must, for what cannot stand `alone`."""
    entries = locks_of_text(kernel)
    wanted: dict[tuple[str, str], Config | None] = {(e.device, e.signature): e.config for e in entries if e.signature is not None}
    for signature in signatures:
        for device in dict.fromkeys(entry.device for entry in entries) or [ANY_DEVICE]:
            found = select(entries, identity_of_key(device), signature)
            wanted.setdefault((device, signature), None if found is None else found.config)
    targets = {device: target_of_lock(kernel, device, target) for device, _ in wanted}
    found = [_variant(name, kernel, device, signature, config, targets[device]) for (device, signature), config in wanted.items()]
    for variant in found if alone else ():
        _must_stand_alone(kernel, variant)
    return found


def target_of_lock(kernel: KernelSyntax, device: str, usual: Target) -> Target:
    """That of an architecture's name, or the one that a product's lock was tuned for."""
    recorded = (evidence_of_entry(kernel, entry).get("target") for entry in locks_of_text(kernel) if entry.device == device)
    return find_target(device) or next((found for name in recorded if name and (found := find_target(str(name)))), usual)


def _variant(name: str, kernel: KernelSyntax, device: str, signature: str, config: Config | None, target: Target) -> Variant:
    subject = check_subject(name, signature, to_lower=True)
    # One variant serves all sizes, so that none divides by anything.
    origins = {size: replace(origin, multiple=None) for size, origin in subject.typed.dim_origins.items()}
    subject = replace(subject, typed=replace(subject.typed, dim_origins=origins))
    ir, space = space_of(subject, target)
    problems = () if config is None else space.check(config)
    if problems:
        words = "; ".join(problem.message() for problem in problems)
        raise failure("lock-does-not-fit", f"the lock of `{kernel.qualname}` for {device} × {signature}: {words}", REFUSED)
    full = space.default() if config is None else space.normalize(config)
    module = compiler.generate(ir, full, target)
    return Variant(device, signature, space.minimize(full), module, subject.typed)


def _must_stand_alone(kernel: KernelSyntax, variant: Variant) -> None:
    """What it reads of its module is not in it; a size that is baked in beside a dynamic signature no dispatcher could tell apart."""
    missing = missing_names(variant.module)
    if missing:
        words = f"the code of `{kernel.qualname}` reads {', '.join(missing)} of {Path(kernel.file.path).name}"
        raise failure("cannot-stand-alone", words, REFUSED)
    if variant.typed.specialized and not settings_as_written(kernel).static_shapes:
        texts = ", ".join(text for text, _ in variant.typed.specialized)
        raise failure("cannot-stand-alone", f"`{kernel.qualname}` specializes on {texts}: export it with static shapes", REFUSED)
