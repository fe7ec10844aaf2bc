"""`FILE::kernel` with its options in, the checked, lowered kernel with its space and target out; raises Failure with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helion import compiler, exc
from helion.cli.exit_codes import NOT_FOUND, PROBLEMS, USAGE
from helion.cli.failure import Failure, failure
from helion.cli.read_source import read_file, split_name
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.catalog.runtime import BadSignature
from helion.diagnostics.render import render_plain
from helion.locks.identity import problem_of_key
from helion.runtime.environment import EnvironmentSettings
from helion.runtime.inductor_answers import inductor_of_environment
from helion.settings import Settings
from helion.signatures.dynamic_sizes import with_dynamic_sizes
from helion.signatures.infer import infer_signature
from helion.signatures.notation import signature_from_notation
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import written_settings
from helion.source import SourceFile
from helion.syntax.config_text import FORMS, config_values
from helion.syntax.namesakes import in_order, kernels_called, place_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.syntax.unfollowed_kernels import unfollowed_words
from helion.target import TARGETS, Target, find_target
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.tree import TypedKernel


@dataclass(frozen=True)
class Subject:
    """One kernel of a file, checked for a signature."""

    file: SourceFile
    module: ModuleSyntax
    kernel: KernelSyntax
    typed: TypedKernel
    settings: Settings
    taken: tuple[str, ...] = ()


def written_config(text: str) -> Mapping[str, Any]:
    """What `--config` says, in the form that a tuning prints or as JSON."""
    values = config_values(text)
    if values is None:
        raise failure("config-value", f"`{text}` is no config: {FORMS}", USAGE)
    return values


def find_kernel(module: ModuleSyntax, name: str | None) -> KernelSyntax:
    """The kernel of a name, or the only one of the file; of several of one name that of `name@line`, the line of its decorator,
    or of `name#2`. One that a call makes, `fast = helion.kernel(f)`, has the name it is assigned to."""
    kernels = in_order(module)
    found = kernels if name is None else kernels_called(module, name)
    names = ", ".join(place_name(k) for k in kernels)
    if len(found) == 0:
        what = "no kernel" if name is None or not names else f"no kernel `{name}`; its kernels: {names}"
        told = "; ".join(filter(None, (f"`{module.file.path}` has {what}", unfollowed_words(module))))
        raise failure("no-such-kernel", told, NOT_FOUND)
    if len(found) > 1:
        several = ", ".join(place_name(k) for k in found)
        raise failure("several-kernels", f"say which kernel of `{module.file.path}`, as FILE::kernel: {several}", USAGE)
    (kernel,) = found
    return kernel


def find_target_or_fail(name: str) -> Target:
    target = find_target(name)
    if target is None:
        raise failure("unknown-target", f"`{name}` is not a target; one of {', '.join(t.name for t in TARGETS)}", USAGE)
    return target


def checked_device(name: str) -> str:
    """A device's name that a lock may stand under. Raises Failure for one that no call would look for."""
    problem = problem_of_key(name)
    if problem is not None:
        raise failure("unknown-device", f"no call would find locks of `{name}`: {problem}", USAGE)
    return name


def check_subject(name: str, args: str | None, *, to_lower: bool = False) -> Subject:
    """Parse and check one kernel, with `--args` or with what the text says; `to_lower` puts usual values in for what is left open."""
    path, kernel_name = split_name(name)
    return subject_of(find_kernel(compiler.parse(read_file(path)), kernel_name), args, to_lower=to_lower)


def subject_of(kernel: KernelSyntax, args: str | None, *, to_lower: bool = False) -> Subject:
    """The same for a kernel that was found."""
    module = kernel.module
    signature: KernelSignature | BadSignature = (
        infer_signature(kernel, FileGlobals(module)) if args is None else signature_from_notation(kernel, args)
    )
    if isinstance(signature, BadSignature):
        raise failure(signature.code, signature.message(), USAGE)
    settings = settings_of(kernel)
    if args is not None and not settings.static_shapes:
        signature = with_dynamic_sizes(signature)
    taken: tuple[str, ...] = ()
    if to_lower:
        signature, taken = representative(signature)
    typed = compiler.check(kernel, signature, FileGlobals(module), settings)
    return Subject(kernel.file, module, kernel, typed, settings, taken)


def settings_of(kernel: KernelSyntax) -> Settings:
    """What the decorator states and, for what it does not, the environment, as when the kernel is called."""
    try:
        return EnvironmentSettings(**written_settings(kernel))
    except (ValueError, exc.BaseError) as problem:
        raise failure("bad-setting", str(problem), USAGE) from problem


def lower_subject(subject: Subject) -> DeviceIR:
    """The device IR of a kernel without errors."""
    problems = [*subject.module.diagnostics, *subject.typed.diagnostics]
    if any(p.severity.value == "error" for p in problems):
        raise Failure(render_plain(subject.file, problems), PROBLEMS)
    try:
        return compiler.lower(subject.typed, inductor_of_environment())
    except LoweringFailed as problem:
        text = render_plain(subject.file, [problem.diagnostic])
        raise Failure(f"{text}\n  = help: give the argument types, as --args 'bf16[4096,4096], ...'", PROBLEMS) from problem


def space_of(subject: Subject, target: Target) -> tuple[DeviceIR, ConfigSpace]:
    ir = lower_subject(subject)
    return ir, compiler.config_space(ir, target)
