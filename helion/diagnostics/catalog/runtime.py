"""What can be wrong with a call of a kernel, or with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note


@dataclass(frozen=True)
class SourceUnavailable(Diagnostic):
    """The source text of a function cannot be read: it was made by `exec`, typed into a prompt, or its file is gone.

    Bad:
        >>> exec("@helion.kernel\\ndef f(x): ...")
    Good:
        >>> # in a file: @helion.kernel def f(x): ...
    """

    code: ClassVar[str] = "source-unavailable"
    exception: ClassVar[str] = "InvalidAPIUsage"
    function: str

    def message(self) -> str:
        return f"the source of `{self.function}` cannot be read; define it in a file"


@dataclass(frozen=True)
class NotAFunction(Diagnostic):
    """What is decorated has no statements that could be compiled: it is a lambda, a class, a built-in function or no function at all.

    Bad:
        >>> helion.kernel(lambda x: x + 1)
    Good:
        >>> # in a file: @helion.kernel def f(x): ...
    """

    code: ClassVar[str] = "not-a-function"
    exception: ClassVar[str] = "InvalidKernelFunction"
    what: str

    def message(self) -> str:
        return f"`helion.kernel` takes a function made by `def`, not {self.what}"


@dataclass(frozen=True)
class InvalidArguments(Diagnostic):
    """A call gives too few arguments or too many, or one of a kind that no kernel takes.

    Bad:
        >>> kernel(torch.randn(64), torch.randn(64))
    Good:
        >>> kernel(torch.randn(64))
    """

    code: ClassVar[str] = "invalid-arguments"
    exception: ClassVar[str] = "InvalidArguments"
    problem: str

    def message(self) -> str:
        return self.problem


@dataclass(frozen=True)
class NoTensorArgs(Diagnostic):
    """No argument is a tensor or a device, nor holds one in a list, tuple, dict or dataclass, so nothing says where to run.

    Bad:
        >>> fill(16)                               # def fill(n: int)
    Good:
        >>> fill(16, torch.device("cuda"))         # def fill(n: int, device: torch.device)
    """

    code: ClassVar[str] = "no-tensor-args"
    exception: ClassVar[str] = "NoTensorArgs"
    kernel: str

    def message(self) -> str:
        return f"`{self.kernel}` was called without a tensor and without a device, so nothing says where to run"

    def notes(self) -> tuple[Note, ...]:
        return (Note("add a parameter that takes a tensor or a `torch.device`"),)


@dataclass(frozen=True)
class UnsupportedTensor(Diagnostic):
    """A tensor is not laid out in memory by strides (sparse, nested, quantized, packed by a library), or is read as something else than
    what is stored, or has no data where others have.

    Bad:
        >>> kernel(torch.eye(4).to_sparse())
    Good:
        >>> kernel(torch.eye(4))
    """

    code: ClassVar[str] = "unsupported-tensor"
    exception: ClassVar[str] = "InvalidAPIUsage"
    kernel: str
    argument: str
    why: str

    def message(self) -> str:
        return f"`{self.kernel}` cannot take this tensor as `{self.argument}`: {self.why}"


@dataclass(frozen=True)
class MixedDevices(Diagnostic):
    """Device code uses a tensor that is on another device than the first of the arguments, where the kernel runs.

    Host statements may use tensors of any device.

    Bad:
        >>> matmul(torch.randn(16, 32, device="cuda"), torch.randn(32, 8))
    Good:
        >>> matmul(torch.randn(16, 32, device="cuda"), torch.randn(32, 8, device="cuda"))
    """

    code: ClassVar[str] = "mixed-devices"
    exception: ClassVar[str] = "WrongDeviceError"
    kernel: str
    argument: str
    other: str
    device: str

    def message(self) -> str:
        return f"`{self.kernel}` runs on {self.device}, and `{self.argument}` is on {self.other}"

    def notes(self) -> tuple[Note, ...]:
        return (Note(f"move it: `{self.argument}.to({self.device!r})`"),)


@dataclass(frozen=True)
class BadSignature(Diagnostic):
    """A signature text (`--args`, a lock's key) does not say the types of the arguments.

    Bad:
        >>> # --args 'bfloat[4096]'
    Good:
        >>> # --args 'bf16[4096,4096], bf16[4096,4096]'
    """

    code: ClassVar[str] = "bad-signature"
    exception: ClassVar[str] = "InvalidAPIUsage"
    text: str
    why: str

    def message(self) -> str:
        return f"`{self.text}` is not a signature: {self.why}"


@dataclass(frozen=True)
class InternalProblem(Diagnostic):
    """A bug of the toolkit, not of the kernel. Please report it with the kernel and the arguments' shapes.

    Bad:
        >>> # nothing you wrote
    Good:
        >>> # a report helps
    """

    code: ClassVar[str] = "internal-error"
    exception: ClassVar[str] = "InternalError"
    words: str
    has_repro: bool = False

    def message(self) -> str:
        return f"a bug of the toolkit, please report it: {self.words}"

    def notes(self) -> tuple[Note, ...]:
        script = "the script printed above does the same" if self.has_repro else "HELION_PRINT_REPRO=1 prints a script that does the same"
        return (Note(f"{script}; it helps in a report"),)


@dataclass(frozen=True)
class TensorsOnCpu(Diagnostic):
    """A kernel was called with CPU tensors where nothing can run generated code on a CPU.

    Two environment variables make CPU tensors work: TRITON_INTERPRET=1 runs the generated code in Triton's interpreter, HELION_INTERPRET=1
    runs the kernel's own statements eagerly. Both must be set before Python starts.

    Bad:
        >>> kernel(torch.randn(16))
    Good:
        >>> kernel(torch.randn(16, device="cuda"))
    """

    code: ClassVar[str] = "tensors-on-cpu"
    exception: ClassVar[str] = "WrongDeviceError"
    kernel: str
    has_gpu: bool

    def message(self) -> str:
        return f"`{self.kernel}` was called with CPU tensors, and generated code runs on a GPU"

    def notes(self) -> tuple[Note, ...]:
        move = (Note('there is a GPU: pass tensors made with device="cuda"'),) if self.has_gpu else ()
        return (
            *move,
            Note("set TRITON_INTERPRET=1 before Python starts to run the generated code in Triton's interpreter, on the CPU"),
            Note("set HELION_INTERPRET=1 to run the kernel's statements eagerly, without generated code"),
        )


@dataclass(frozen=True)
class SizesDiffer(Diagnostic):
    """Two sizes that the kernel needs to be equal are not, in a call with dynamic shapes. A tensor that the host slices up to a constant
    (`x[:, :64]`) is needed to be as long.

    Bad:
        >>> matmul(torch.randn(16, 32), torch.randn(31, 8))
    Good:
        >>> matmul(torch.randn(16, 32), torch.randn(32, 8))
    """

    code: ClassVar[str] = "sizes-differ"
    exception: ClassVar[str] = "ShapeMismatch"
    kernel: str
    needs: str

    def message(self) -> str:
        return f"`{self.kernel}` needs {self.needs}, and in this call {'it is' if 'at least' in self.needs else 'they are'} not"
