"""What is wrong with how a kernel is decorated: options that do not exist or fit, a key that is no use, and where decorators stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, Severity, TextEdit
from helion.source import Span


@dataclass(frozen=True)
class DecoratorBelowKernel(Diagnostic):
    """Another decorator stands below `@helion.kernel`, which reads the source of the function itself and so would leave it out.

    Bad:
        >>> @helion.kernel
        ... @functools.cache
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @functools.cache
        ... @helion.kernel
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "decorator-below-kernel"
    exception: ClassVar[str] = "DecoratorAfterHelionKernelDecorator"
    decorator: str
    kernel_at: Span
    kernel_text: str

    def message(self) -> str:
        return f"`@{self.decorator}` stands below `@helion.kernel`, which compiles the plain function: it must stand above"

    def notes(self) -> tuple[Note, ...]:
        return (Note("the kernel's decorator", self.kernel_at),)

    def fixes(self) -> tuple[Fix, ...]:
        swap = (TextEdit(self.kernel_at, self.decorator), TextEdit(self.span, self.kernel_text))
        return (Fix(f"Swap it with `@{self.kernel_text.partition('(')[0]}`", swap, safe=False),)


@dataclass(frozen=True)
class UnknownSetting(Diagnostic):
    """The decorator takes `config`, `configs`, `key`, `inputs`, and the fields of `helion.Settings`.

    Bad:
        >>> @helion.kernel(static_shape=False)
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel(static_shapes=False)
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "unknown-setting"
    exception: ClassVar[str] = "InvalidSetting"
    name: str
    suggestion: str | None = None

    def message(self) -> str:
        hint = "" if self.suggestion is None else f"; did you mean `{self.suggestion}`?"
        return f"there is no setting `{self.name}`{hint}"

    def fixes(self) -> tuple[Fix, ...]:
        if self.suggestion is None:
            return ()
        return (Fix(f"Change to `{self.suggestion}`", (TextEdit(self.span, self.suggestion),)),)


@dataclass(frozen=True)
class SettingValue(Diagnostic):
    """An option of the decorator has a value that it cannot have.

    Bad:
        >>> @helion.kernel(autotune_effort="fast")
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel(autotune_effort="quick")
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "setting-value"
    exception: ClassVar[str] = "InvalidSetting"
    name: str
    value: str
    allowed: str
    choices: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.name}` cannot be {self.value}: it takes {self.allowed}"

    def fixes(self) -> tuple[Fix, ...]:
        return tuple(Fix(f"Change to {choice}", (TextEdit(self.span, choice),), safe=False) for choice in self.choices)


@dataclass(frozen=True)
class ConflictingOptions(Diagnostic):
    """Two options of the decorator exclude each other: `config` and `configs`, or `settings` and a single setting.

    Bad:
        >>> @helion.kernel(config=helion.Config(block_sizes=[64]), configs=[helion.Config(block_sizes=[128])])
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel(configs=[helion.Config(block_sizes=[64]), helion.Config(block_sizes=[128])])
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "conflicting-options"
    exception: ClassVar[str] = "ConflictingArguments"
    name: str
    other: str
    removal: Span | None = None

    def message(self) -> str:
        return f"`{self.name}` and `{self.other}` exclude each other"

    def fixes(self) -> tuple[Fix, ...]:
        return () if self.removal is None else (Fix(f"Remove `{self.name}`", (TextEdit(self.removal, ""),), safe=False),)


@dataclass(frozen=True)
class SettingWithoutEffect(Diagnostic):
    """A setting is accepted, for kernels written with it, but has nothing to change here.

    Bad:
        >>> @helion.kernel(torch_compile_fusion=True)
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "setting-without-effect"
    exception: ClassVar[str] = "SettingWithoutEffect"
    severity: ClassVar[Severity] = Severity.INFORMATION
    name: str
    reason: str
    removal: Span | None = None

    def message(self) -> str:
        return f"`{self.name}` changes nothing: {self.reason}"

    def fixes(self) -> tuple[Fix, ...]:
        return () if self.removal is None else (Fix(f"Remove `{self.name}`", (TextEdit(self.removal, ""),), safe=False),)


@dataclass(frozen=True)
class KeyArguments(Diagnostic):
    """`key=` is called with the kernel's arguments, so it must take as many.

    Bad:
        >>> @helion.kernel(key=lambda x: x.size(0))
        ... def f(x: torch.Tensor, y: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel(key=lambda x, y: x.size(0).bit_length(), static_shapes=False)
        ... def f(x: torch.Tensor, y: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "key-arguments"
    exception: ClassVar[str] = "InvalidAPIUsage"
    expected: int
    takes: str

    def message(self) -> str:
        return f"`key` takes {self.takes} where the kernel has {self.expected}"


@dataclass(frozen=True)
class UnusedKey(Diagnostic):
    """`key=` tells specializations apart that are the same, each compiled and tuned anew, or none that were not apart already.

    Bad:
        >>> @helion.kernel(key=lambda x, step: step)      # `step` is not used by the kernel
        ... def f(x: torch.Tensor, step: int):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel(key=lambda x, step: x.size(0).bit_length(), static_shapes=False)
        ... def f(x: torch.Tensor, step: int):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "unused-key"
    exception: ClassVar[str] = "UnusedKey"
    severity: ClassVar[Severity] = Severity.WARNING
    reason: str
    removal: Span | None = None

    def message(self) -> str:
        return self.reason

    def fixes(self) -> tuple[Fix, ...]:
        return () if self.removal is None else (Fix("Remove `key`", (TextEdit(self.removal, ""),), safe=False),)


@dataclass(frozen=True)
class NothingToRun(Diagnostic):
    """With `on_missing="error"` a call without a config that serves it is refused, and this kernel has no config at all.

    Bad:
        >>> @helion.kernel(on_missing="error")
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel(on_missing="error", configs={"sm_90": helion.Config(block_sizes=[64])})
        ... def f(x: torch.Tensor):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "nothing-to-run"
    exception: ClassVar[str] = "NoConfigWritten"
    severity: ClassVar[Severity] = Severity.WARNING
    kernel: str

    def message(self) -> str:
        return f"every call of `{self.kernel}` is refused: there is no config, and `on_missing` is 'error'"

    def notes(self) -> tuple[Note, ...]:
        return (Note("only locks of a folder in HELION_LOCK_PATH could serve it"),)


@dataclass(frozen=True)
class KernelParameters(Diagnostic):
    """A kernel is a plain function whose arguments can be told apart by position.

    Bad:
        >>> @helion.kernel
        ... def f(x: torch.Tensor, *rest):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel
        ... def f(x: torch.Tensor, rest: list[torch.Tensor]):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "kernel-parameters"
    exception: ClassVar[str] = "InvalidKernelFunction"
    what: str

    def message(self) -> str:
        return f"a kernel cannot have {self.what}"


@dataclass(frozen=True)
class ReservedName(Diagnostic):
    """Generated code uses some names itself: a parameter, a local or another global cannot have them.

    Bad:
        >>> @helion.kernel
        ... def f(x: torch.Tensor, tl: int):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    Good:
        >>> @helion.kernel
        ... def f(x: torch.Tensor, tile_length: int):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] = 0
    """

    code: ClassVar[str] = "reserved-name"
    exception: ClassVar[str] = "NamingConflict"
    name: str
    must_be: str | None = None

    def message(self) -> str:
        if self.must_be is not None:
            return f"`{self.name}` must be the module `{self.must_be}` in the file of a kernel that reads it"
        return f"`{self.name}` cannot be a parameter or a local of a kernel: generated code needs the name"


@dataclass(frozen=True)
class ClosureRead(Diagnostic):
    """A kernel reads a variable of the function that it is defined in, which its source text does not have.

    Bad:
        >>> def make(scale):
        ...     @helion.kernel
        ...     def f(x: torch.Tensor):
        ...         for tile in hl.tile(x.size(0)):
        ...             x[tile] *= scale
    Good:
        >>> @helion.kernel
        ... def f(x: torch.Tensor, scale: float):
        ...     for tile in hl.tile(x.size(0)):
        ...         x[tile] *= scale
    """

    code: ClassVar[str] = "closure-read"
    exception: ClassVar[str] = "ClosuresNotSupported"
    name: str
    function: str
    is_imported: bool = False

    def message(self) -> str:
        remedy = "import it at the top of the file" if self.is_imported else "make it an argument"
        return f"`{self.name}` is a variable of `{self.function}`, which a kernel cannot read: {remedy}"
