"""A kernel's syntax, a target and a chosen signature in, the kernel as far down the pipeline as it goes out; runs in the worker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from helion import compiler
from helion.codegen.layout import Layout
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.diagnostic import Diagnostic
from helion.signatures.dynamic_sizes import with_dynamic_sizes
from helion.signatures.notation import signature_from_notation
from helion.signatures.representative import has_known_ranks
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import settings_as_written
from helion.syntax.tree import KernelSyntax
from helion.target import Target
from helion.typed_kernel.tree import TypedKernel
from helion.types.types import UnknownType
from helion_lsp.worker.chosen_config import Chosen, locked_config
from helion_lsp.worker.surroundings import ALONE, Surroundings
from helion_lsp.worker.usual_sizes import usual_signature


@dataclass(frozen=True)
class Prepared:
    """`sample` is the signature that somebody chose, None for what the text says; `taken` are what had to be assumed of that.

    `config` is the one that previews and estimates use, `config_words` says whose it is.
    """

    kernel: KernelSyntax
    typed: TypedKernel
    ir: DeviceIR
    space: ConfigSpace
    target: Target
    config: Config
    config_words: str
    sample: str | None
    taken: tuple[str, ...]

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.ir, self.config)

    @cached_property
    def module(self) -> TritonModule:
        return compiler.generate(self.ir, self.config, self.target)


def signature_of(kernel: KernelSyntax, sample: str | None, around: Surroundings = ALONE) -> KernelSignature | Diagnostic:
    """What a notation says of each parameter, and for those that it leaves open what the text says; sizes are those that a call makes
    code for, so `static_shapes=False` leaves them symbols."""
    inferred = around.signature(kernel)
    if sample is None:
        return inferred
    given = signature_from_notation(kernel, sample)
    if not isinstance(given, KernelSignature):
        return given
    known = {name: p for name, p in given.parameters.items() if not isinstance(p.type, UnknownType)}
    sampled = replace(given, parameters={name: known.get(name, p) for name, p in inferred.parameters.items()})
    return sampled if settings_as_written(kernel).static_shapes else with_dynamic_sizes(sampled)


def prepare(kernel: KernelSyntax, target: Target, sample: str | None = None, around: Surroundings = ALONE) -> Prepared | Diagnostic | None:
    """None for a kernel that cannot be lowered; a diagnostic when the sample is no signature of it."""
    names = around.names(kernel.module)
    signature = signature_of(kernel, sample, around)
    if not isinstance(signature, KernelSignature):
        return signature
    if not has_known_ranks(signature):
        return None
    usual, taken = usual_signature(kernel, signature, around)
    typed = compiler.check(kernel, usual, names, settings_as_written(kernel))
    if typed.has_errors or kernel.module.repairs:
        return next((d for d in typed.diagnostics if d.severity.value == "error"), None) if sample is not None else None
    try:
        ir = compiler.lower(typed)
    except LoweringFailed:
        return None
    space = compiler.config_space(ir, target)
    chosen = locked_config(kernel, space, target, sample) or Chosen(space.default(), "the default config")
    return Prepared(kernel, typed, ir, space, target, chosen.config, chosen.words, sample, taken)
