"""The pipeline, text to Triton: each arrow of docs/architecture.md is one function here. Nothing here runs user code or needs a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial

from helion.codegen.generate import generate_module
from helion.codegen.triton_module import TritonModule
from helion.config.check_literals import check_keys, check_literals
from helion.config.config import Config
from helion.config.space import ConfigSpace, build_space
from helion.config.tunables import name_conflicts
from helion.device_ir.build import build_device_ir
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.device_ir.late_inductor import LATE_INDUCTOR, InductorAdapter
from helion.device_ir.passes import run_passes
from helion.diagnostics.catalog.config import UnknownConfigKey
from helion.diagnostics.catalog.decorator import ClosureRead
from helion.diagnostics.catalog.names import UndefinedName
from helion.diagnostics.catalog.runtime import BadSignature
from helion.diagnostics.diagnostic import Diagnostic
from helion.locks.identity import ANY_DEVICE
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.signatures.notation import signature_from_notation
from helion.signatures.possible_ranks import possible_ranks
from helion.signatures.representative import has_known_ranks, representative
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import settings_as_written
from helion.source import SourceFile, Span
from helion.syntax.config_literals import ConfigLiteral, used_literals
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.target import DEFAULT_TARGET, TARGETS, Target, find_target
from helion.typecheck.check import check_kernel
from helion.typecheck.decorator import check_decorator
from helion.typecheck.environment_variables import check_variables
from helion.typecheck.global_names import FileGlobals, GlobalNames
from helion.typecheck.kernel_function import check_function, coroutines, decorators_below
from helion.typed_kernel.tree import TypedKernel
from helion.types.dims import Assumption

_LIKELIEST_RANKS = 16


def parse(file: SourceFile) -> ModuleSyntax:
    """Text to syntax; never fails: what could not be parsed is in `diagnostics` and the rest is kept."""
    return parse_module(file)


def check(
    kernel: KernelSyntax, signature: KernelSignature, names: GlobalNames, settings: Settings, expected: tuple[Assumption, ...] = ()
) -> TypedKernel:
    """Syntax and parameter types to a typed tree with every diagnostic; never raises for a user's error. `expected` are the
    equalities that were learned of a version before, which only save time."""
    typed = check_kernel(kernel, signature, names, settings, expected)
    more = (*decorators_below(kernel), *name_conflicts(typed))
    return replace(typed, diagnostics=(*more, *typed.diagnostics)) if more else typed


def check_as_written(
    kernel: KernelSyntax, signature: KernelSignature, names: GlobalNames, expected: tuple[Assumption, ...] = ()
) -> TypedKernel:
    """The check of a text that nobody runs: besides what a call would find, what importing the file would raise for, and the configs."""
    settings = settings_as_written(kernel)
    typed = check(kernel, signature, names, settings, expected)
    at_import = [d for d in (*check_function(kernel), *check_decorator(kernel)) if kernel.is_certain(d.span)]
    said = {d.name for d in at_import if isinstance(d, ClosureRead)}
    at_call = [d for d in typed.diagnostics if not (isinstance(d, UndefinedName) and d.name in said)]
    configs = check_configs(kernel, signature, names, settings, typed)
    return replace(typed, diagnostics=(*at_import, *at_call, *configs))


def lower(kernel: TypedKernel, inductor: InductorAdapter = LATE_INDUCTOR) -> DeviceIR:
    """A typed kernel without errors to device IR, with all passes run. `inductor` may be one that has kept answers."""
    return run_passes(build_device_ir(kernel, inductor))


def config_space(ir: DeviceIR, target: Target) -> ConfigSpace:
    """What may be tuned, with defaults and validity."""
    return build_space(ir, target)


def usual_space(kernel: KernelSyntax, target: Target = DEFAULT_TARGET) -> ConfigSpace | None:
    """What of a text can be tuned, with usual values for what it leaves open; None for a kernel that does not compile so."""
    names = FileGlobals(kernel.module)
    return _space(kernel, infer_signature(kernel, names), names, settings_as_written(kernel), target)


def lock_space(kernel: KernelSyntax, device: str, signature: str | None) -> ConfigSpace | None:
    """What can be tuned in the calls that a lock is for: those of its signature, and of the text for one that is for all. What sizes are
    known to be equal decides it, so that they differ. None where the kernel cannot be called so."""
    target = find_target(device) or DEFAULT_TARGET
    if signature is None:
        return usual_space(kernel, target)
    given = signature_from_notation(kernel, signature)
    settings = settings_as_written(kernel)
    return None if isinstance(given, BadSignature) else _space(kernel, given, FileGlobals(kernel.module), settings, target)


def _space(kernel: KernelSyntax, signature: KernelSignature, names: GlobalNames, settings: Settings, target: Target) -> ConfigSpace | None:
    typed = check(kernel, representative(signature)[0], names, settings)
    if typed.has_errors:
        return None
    try:
        return config_space(lower(typed), target)
    except LoweringFailed:
        return None


def check_configs(
    kernel: KernelSyntax, signature: KernelSignature, names: GlobalNames, settings: Settings, typed: TypedKernel
) -> tuple[Diagnostic, ...]:
    """What is wrong with the configs in a kernel's decorator. Dtypes that the text leaves open decide nothing of it and get usual values;
    of a kernel with errors, or one that does not parse, only the keys are judged. Where ranks are not known a config is wrong that is so
    whatever they are; a lock by signature says them itself."""
    literals = used_literals(kernel)
    if not literals:
        return ()
    if typed.has_errors or kernel.repairs:
        return tuple(check_keys(literals, typed))
    if not has_known_ranks(signature):
        unsigned = tuple(literal for literal in literals if literal.signature is None)
        signed = (literal for literal in literals if literal.signature is not None)
        by_signature = (d for literal in signed for d in _check_by_signature(kernel, literal, names, settings))
        at_any_rank = _check_at_any_rank(kernel, unsigned, signature, names, settings)
        return (*check_keys(literals, typed), *(d for d in (*at_any_rank, *by_signature) if not isinstance(d, UnknownConfigKey)))
    return _check_literals(kernel, literals, signature, names, settings, typed)


def _check_literals(
    kernel: KernelSyntax,
    literals: Sequence[ConfigLiteral],
    signature: KernelSignature,
    names: GlobalNames,
    settings: Settings,
    typed: TypedKernel,
) -> tuple[Diagnostic, ...]:
    usual, taken = representative(signature)
    try:
        ir = lower(check(kernel, usual, names, settings) if taken else typed)
    except LoweringFailed:
        return tuple(check_keys(literals, typed))
    space_for = cache(partial(config_space, ir))

    def wrong_with(literal: ConfigLiteral) -> tuple[Diagnostic, ...]:
        """Calls of a lock's own signature may have what those of the text have not: that one is looked at before anything is said."""
        found = _wrong_wherever(literal, space_for)
        return _check_by_signature(kernel, literal, names, settings) if found and literal.signature is not None else found

    return tuple(d for literal in literals for d in wrong_with(literal))


def _wrong_wherever(literal: ConfigLiteral, space_for: Callable[[Target], ConfigSpace | None]) -> tuple[Diagnostic, ...]:
    """What is wrong with a config on the architecture that it is for. Of which one a product is, a text does not say: a config for it is
    wrong if it is so on all. A config for any device is for the default one, too."""
    known = find_target(literal.device or ANY_DEVICE)
    is_product = known is None and literal.device not in (None, ANY_DEVICE)
    first: tuple[Diagnostic, ...] = ()
    for target in dict.fromkeys((known or DEFAULT_TARGET, *(TARGETS if is_product else ()))):
        space = space_for(target)
        here = () if space is None else tuple(check_literals([literal], lambda device, space=space: space))
        if not here:
            return ()
        first = first or here
    return first


def _check_at_any_rank(
    kernel: KernelSyntax, literals: Sequence[ConfigLiteral], signature: KernelSignature, names: GlobalNames, settings: Settings
) -> tuple[Diagnostic, ...]:
    """What is wrong with configs whatever ranks the arguments have, of those that the kernel can be called with. A kernel that none of the
    likeliest fit is left alone: all of them take long."""
    found: tuple[Diagnostic, ...] | None = None
    for tried, possible in enumerate(possible_ranks(signature) if literals else ()):
        if found is None and tried == _LIKELIEST_RANKS:
            break
        typed = check(kernel, representative(possible)[0], names, settings)
        if typed.has_errors:
            continue
        here = _check_literals(kernel, literals, possible, names, settings, typed)
        found = here if found is None else tuple(d for d in found if d in here)
        if not found:
            break
    return found or ()


def _check_by_signature(kernel: KernelSyntax, literal: ConfigLiteral, names: GlobalNames, settings: Settings) -> tuple[Diagnostic, ...]:
    """What is wrong with a lock for calls of its own signature; nothing when it is none, or the kernel cannot be called so."""
    signature = signature_from_notation(kernel, literal.signature or "")
    if isinstance(signature, BadSignature):
        return ()
    return _wrong_wherever(literal, partial(_space, kernel, signature, names, settings))


def check_module(module: ModuleSyntax) -> tuple[Diagnostic, ...]:
    """What is wrong outside kernels: with the syntax, with functions that cannot be kernels, and with names of environment variables."""
    return (*module.diagnostics, *coroutines(module), *check_variables(module))


def check_file(file: SourceFile) -> list[tuple[str | None, Diagnostic]]:
    """The diagnostics of a file as an editor shows them, with the kernel each is in; None for those of the file's syntax."""
    module = parse(file)
    found: list[tuple[str | None, Diagnostic]] = [(None, d) for d in check_module(module)]
    names = FileGlobals(module)
    told: set[tuple[str, Span, str]] = set()
    for kernel in module.every_kernel:
        typed = check_as_written(kernel, infer_signature(kernel, names), names)
        for diagnostic in typed.diagnostics:
            what = (diagnostic.code, diagnostic.span, diagnostic.message())
            if what not in told:  # several kernels may be made of one function
                told.add(what)
                found.append((kernel.qualname, diagnostic))
    return found


def generate(ir: DeviceIR, config: Config, target: Target) -> TritonModule:
    """One config's Triton. `config` must be normalized by the space of this IR and target."""
    return generate_module(ir, config, target)
