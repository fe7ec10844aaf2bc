"""Public exceptions: a class for each public name of the diagnostics catalog, and those that no diagnostic has.

BaseError(RuntimeError)
├── CompileError              one or more diagnostics of one kernel; its public subclasses are catchable by name
│   └── RankMismatch, ShapeMismatch, UndefinedVariable, ...
├── NotInsideKernel           an `hl` function was called outside a kernel
├── AutotuneError
│   └── NoConfigFound, NotEnoughConfigs, CacheAssertionError, AutotuningDisallowedInEnvironment
└── TritonError, ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helion.diagnostics import catalog
from helion.diagnostics.diagnostic import Diagnostic
from helion.diagnostics.render import render_plain
from helion.source import SourceFile


class Base(RuntimeError):
    """Everything the toolkit raises or warns with."""


class BaseError(Base):
    """Everything the toolkit raises."""

    def report(self) -> str:
        """`ERROR[ClassName]: text`."""
        return f"ERROR[{type(self).__name__}]: {self}"


class BaseWarning(Base):
    """Everything the toolkit warns with."""

    def report(self) -> str:
        """`WARNING[ClassName]: text`."""
        return f"WARNING[{type(self).__name__}]: {self}"


class CompileError(BaseError):
    """A kernel that does not compile: all its diagnostics. Catchable as any of their public names."""

    def __init__(self, diagnostics: Sequence[Diagnostic] = (), file: SourceFile | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.file = file
        if file is None:
            text = "\n".join(_without_place(d) for d in self.diagnostics)
        else:
            text = render_plain(file, self.diagnostics)
        super().__init__(text)


def _without_place(diagnostic: Diagnostic) -> str:
    return "\n".join([diagnostic.message(), *(f"  = note: {note.message}" for note in diagnostic.notes())])


def compile_error(diagnostics: Sequence[Diagnostic], file: SourceFile | None = None) -> CompileError:
    """One exception for all errors among `diagnostics`, an instance of every public class that they name."""
    errors = [d for d in diagnostics if d.severity.value == "error"] or list(diagnostics)
    names = list(dict.fromkeys(d.exception for d in errors))
    if len(names) == 1:
        return _COMPILE_ERRORS[names[0]](errors, file)
    combined = type(names[0], tuple(_COMPILE_ERRORS[name] for name in names), {"__module__": __name__})
    return combined(errors, file)


class NotInsideKernel(BaseError):
    """A function of `helion.language` was called outside a kernel."""


class ClosuresNotSupported(BaseError):
    """A kernel function reads variables of an enclosing function."""


class NamingConflict(BaseError):
    """A parameter or local has a name that the language reserves."""


class DecoratorAfterHelionKernelDecorator(BaseError):
    """A decorator stands below `@helion.kernel`."""


class InvalidKernelFunction(BaseError, TypeError):
    """What is decorated is not a function made by `def`, or one whose parameters a kernel cannot have."""


class InvalidArguments(BaseError, TypeError):
    """A call gives too few arguments or too many, or one of a kind that no kernel takes."""


class ConflictingArguments(BaseError, AssertionError):
    """The decorator is given two things that exclude each other: `config` and `configs`, or `settings` and single settings."""


class TensorAsConstexpr(BaseError, AssertionError):
    """A parameter that is baked into the code, `hl.constexpr`, is given a tensor."""


class GraphModuleUnsupportedOps(BaseError):
    """A graph module that is an argument has parameters or modules of its own."""


class InvalidFragment(BaseError):
    """A tunable's range is empty, or its bounds are not what such a range needs."""


class AutotuneError(BaseError):
    """Tuning could not be done."""


class InvalidSetting(AutotuneError, ValueError):
    """A setting has a value that it cannot have."""


class NoConfigFound(AutotuneError):
    """No candidate compiled, ran and gave the right result."""


class NotEnoughConfigs(AutotuneError):
    """A finite search needs two configs or more."""


class CacheAssertionError(AutotuneError):
    """A cache hit was demanded and there was none."""


class AutotuningDisallowedInEnvironment(AutotuneError):
    """The environment forbids tuning and no config is given."""


class TritonError(BaseError):
    """Triton's compiler cannot make anything of a config's code, or it needs more than the device has."""


class TritonUnrecoverableRuntimeError(BaseError):
    """A candidate left the GPU's context unusable."""


class IncompatibleInterpretModes(BaseError):
    """HELION_INTERPRET and TRITON_INTERPRET are both set."""


class DuplicateStoreIndicesError(BaseError):
    """In reference mode, a store writes different values to one place: compiled, any of them may stay."""


class RefEagerModeCodePrintError(BaseError):
    """Generated code cannot be printed in reference mode: there is none."""


class BackendUnsupported(BaseError):
    """The setting `backend` names another than Triton."""


class BackendImplementationMissing(BaseError):
    """An operation has no meaning in the way a kernel is run."""


class TensorOperationInWrapper(BaseWarning):
    """The host part of a kernel computes on whole tensors."""


class TiledKMatmulAccumulationWarning(BaseWarning):
    """A loop over K adds products that were rounded first."""


class SettingWithoutEffect(BaseWarning):
    """A setting is accepted, for kernels written with it, but has nothing to change here."""


class ConfigTooLarge(BaseWarning):
    """A config needs more of a device than there is."""


class UnusedKey(BaseWarning):
    """`key=` tells calls apart that are the same to the kernel, or none that were not apart already."""


class NoConfigWritten(BaseWarning):
    """Calls of a kernel are refused, whatever they are: it has no config, and may not look for one."""


class StaleLock(BaseWarning):
    """A locked config was tuned for another body of the kernel, with other versions, or never measured on its device."""


class NoAOTHeuristicWarning(BaseWarning):
    """A kernel of `helion.aot_kernel` has no decision file for the device, and runs its default config."""


class WrongDevice(BaseWarning):
    """A host value is on another device than the arguments."""


_NEVER_RAISED: Mapping[str, tuple[type[Warning | Exception], str]] = {
    "NotAllowedInHelperFunction": (BaseError, "Helpers are checked where they are called: what a kernel may do they may."),
    "ClosureMutation": (BaseError, "Assigning a captured name in a function makes a local, as in Python."),
    "GlobalMutation": (BaseError, "Assigning a global in a function makes a local, as in Python."),
    "CantCombineTypesInControlFlow": (BaseError, "Said as `ControlFlowTensorMismatch`; ints may be carried."),
    "ReductionOnNonTile": (BaseError, "Every dimension of a value may be reduced."),
    "InvalidReductionDim": (BaseError, "Said as `TorchOpTracingError`, in torch's words."),
    "MultipleReductionDims": (BaseError, "Several dimensions may be reduced at once."),
    "ReductionDimInvalidForShape": (BaseError, "Said as `TorchOpTracingError`, in torch's words."),
    "CantReadOnDevice": (BaseError, "Said as `InductorLoweringError`, naming what cannot be passed to the device."),
    "AssignmentMultipleTargets": (BaseError, "`a = b = value` is accepted."),
    "InvalidAssignment": (BaseError, "Nested and list targets are accepted."),
    "StarredArgsNotSupportedOnDevice": (BaseError, "`a, *rest = values` is accepted."),
    "UnsupportedPythonType": (BaseError, "Said as `StatementNotSupported`."),
    "TracedArgNotSupported": (BaseError, "Said as `InductorLoweringError`."),
    "SpecializeArgType": (BaseError, "Said as `IncorrectTileUsage`."),
    "ShapeSpecializingCall": (BaseError, "Host calls are not traced, so none needs a size before run time."),
    "ShapeSpecializingAllocation": (BaseError, "Values may have sizes that are only known at run time."),
    "ConfigSpecFragmentWithSymInt": (BaseError, "Said as `RegisterTunableArgTypes`."),
    "ErrorCompilingKernel": (BaseError, "Errors of one kernel are raised together, each with its own name."),
    "AutodiffKernelNotCalled": (BaseError, "A gradient is computed from the arguments alone: the kernel need not have been called."),
    "TensorOperationInWrapper": (BaseWarning, "Host statements are ordinary PyTorch: computing on whole tensors there is no mistake."),
    "TensorOperationsInHostCall": (TensorOperationInWrapper, "Host statements are ordinary PyTorch."),
    "WrongDevice": (BaseWarning, "Said as the error `WrongDeviceError`, where device code uses the tensor."),
    "BlockSizeIgnoredInInterpretMode": (BaseWarning, "Reference mode honours block sizes."),
}


def never_raised() -> frozenset[str]:
    """The public names that exist only so that code which names them runs."""
    return frozenset(_NEVER_RAISED)


def _catchable() -> dict[str, type]:
    """Names of the public API that code may catch or silence, though nothing here raises them; the docstring says why."""
    return {
        name: type(name, (base,), {"__module__": __name__, "__doc__": reason})
        for name, (base, reason) in _NEVER_RAISED.items()
        if name not in _COMPILE_ERRORS and name not in globals()
    }


def _public_names() -> dict[str, type[CompileError]]:
    """A class a public name of the catalog; one that is also defined above is its subclass, and so caught by it."""
    names = {cls.exception for cls in catalog.ALL}
    bases = {name: (CompileError, globals()[name]) if name in globals() else (CompileError,) for name in names}
    return {name: type(name, bases[name], {"__module__": __name__}) for name in names}


_COMPILE_ERRORS = _public_names()
_CATCHABLE = _catchable()


def __getattr__(name: str) -> Any:
    found = _COMPILE_ERRORS.get(name) or _CATCHABLE.get(name)
    if found is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_COMPILE_ERRORS})
