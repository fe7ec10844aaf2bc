"""What can be wrong with a locked config: from what must be mended before the kernel runs to what was merely never measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note, Severity


@dataclass(frozen=True)
class LockKey:
    """Which lock it is; `signature` is None when it is for all."""

    kernel: str
    device: str
    signature: str | None

    @property
    def lock(self) -> str:
        return f"the lock of `{self.kernel}` for {self.device}{'' if self.signature is None else f' × {self.signature}'}"


@dataclass(frozen=True)
class LockDoesNotFit(LockKey, Diagnostic):
    """A locked config cannot be used with the kernel as it is now: a list is too short or too long, a value is not allowed, or a list's
    entries stood for other places of the kernel when it was tuned. `origin` is the file of an override, empty when the lock stands in the
    decorator.

    `helion remap FILE::kernel` puts every entry to its place again; `helion refresh run FILE::kernel` tunes anew.

    Bad:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[16, 128])})
        ... def kernel(out: torch.Tensor):
        ...     for tile_n, tile_m in hl.tile([out.size(0), out.size(1)]): ...
        ... # kernels.py.helion.lock: {"method": "measured", "sites": {"block_sizes": ["tile_m", "tile_n"]}}
    Good:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[128, 16])})
        ... def kernel(out: torch.Tensor):
        ...     for tile_n, tile_m in hl.tile([out.size(0), out.size(1)]): ...
        ... # kernels.py.helion.lock: {"method": "measured", "sites": {"block_sizes": ["tile_n", "tile_m"]}}
    """

    code: ClassVar[str] = "lock-does-not-fit"
    exception: ClassVar[str] = "InvalidConfig"
    problems: tuple[str, ...]
    origin: str = ""

    def message(self) -> str:
        where = f" in {self.origin}" if self.origin else ""
        return f"{self.lock}{where} does not fit the kernel any more: {'; '.join(self.problems)}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("`helion remap` puts the entries of lists to their places again, `helion refresh run` tunes anew"),)


@dataclass(frozen=True)
class LockFileUnreadable(Diagnostic):
    """A file of locks is not what it should be: it still holds the marks of a merge, or was changed by hand. Nothing writes to it until
    it is mended, since what it holds would be lost. Kernels run without the file beside their source, which holds evidence only; of an
    override on the search path it is an error at the first call, since it holds the configs to run.

    After a merge, keep the entries of both sides: one for each kernel, device and signature; their order does not matter.

    Bad:
        >>> # kernels.py.helion.lock: <<<<<<< HEAD
    Good:
        >>> # kernels.py.helion.lock: {"version": 1, "entries": []}
    """

    code: ClassVar[str] = "lock-file-unreadable"
    exception: ClassVar[str] = "InvalidConfig"
    path: str
    reason: str

    def message(self) -> str:
        return f"`{self.path}` {self.reason}; mend or remove it first"


@dataclass(frozen=True)
class LockUnreachable(LockKey, Diagnostic):
    """No call can find the lock: its first key is no name that a device has, or its second is not a signature of the kernel.

    The first key is the name that `torch.cuda.get_device_name()` gives, an architecture such as `sm_90`, or `*`.

    Bad:
        >>> @helion.kernel(configs={"sm90": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured"}
    Good:
        >>> @helion.kernel(configs={"sm_90": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured"}
    """

    code: ClassVar[str] = "lock-unreachable"
    exception: ClassVar[str] = "StaleLock"
    severity: ClassVar[Severity] = Severity.WARNING
    why: str

    def message(self) -> str:
        return f"no call finds {self.lock}: {self.why}"


@dataclass(frozen=True)
class LockKernelChanged(LockKey, Diagnostic):
    """The kernel's body was changed since the config was tuned. It still fits, but another one may be faster now.

    `helion refresh run FILE::kernel` tunes anew; comments, docstrings and formatting never make a lock stale.

    Bad:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "kernel_hash": "0f3c8a2b5d6e7f10", "date": "2026-06-02"}
    Good:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "kernel_hash": "08fc6bd0fa12717b", "date": "2026-11-21"}
    """

    code: ClassVar[str] = "lock-kernel-changed"
    exception: ClassVar[str] = "StaleLock"
    severity: ClassVar[Severity] = Severity.WARNING
    date: str = ""
    done: str = "tuned"

    def message(self) -> str:
        when = f" on {self.date}" if self.date else ""
        return f"{self.lock} was {self.done}{when} for another body of the kernel"


@dataclass(frozen=True)
class LockEvidenceLeft(Diagnostic):
    """The file beside the source keeps evidence of a kernel that the source has not. A kernel that only got another name keeps its
    evidence, and so does one that moved within the file; this one was changed as well, or removed, or stands in another file now.

    Kernels run as before. Tune it again under its new name, which measures what it is now; `helion prune FILE` drops what is known of
    kernels that are gone.

    Bad:
        >>> @helion.kernel(configs={"*": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "kernel": "before", "kernel_hash": "0f3c8a2b5d6e7f10"}
    Good:
        >>> @helion.kernel(configs={"*": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "kernel": "kernel", "kernel_hash": "08fc6bd0fa12717b"}
    """

    code: ClassVar[str] = "lock-evidence-left"
    exception: ClassVar[str] = "StaleLock"
    severity: ClassVar[Severity] = Severity.WARNING
    path: str
    kernel: str
    devices: tuple[str, ...]
    alike: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.path}` keeps evidence of `{self.kernel}` for {', '.join(self.devices)}, and there is no such kernel any more"

    def notes(self) -> tuple[Note, ...]:
        renamed = (Note(f"the same is locked for `{name}`: was it renamed so, and changed? Tune that again") for name in self.alike)
        return (*renamed, Note("`helion prune` of the file drops what is known of kernels that are gone"))


@dataclass(frozen=True)
class LockVersionsChanged(LockKey, Diagnostic):
    """The config was tuned with other versions of Triton, torch or the toolkit. It stays in use: a new version seldom makes another config
    the best, and losing every lock with every upgrade is worse.

    `helion refresh run --state older FILE::kernel` measures again what was measured with another version.

    Bad:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "versions": {"triton": "3.0.0"}}
    Good:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "versions": {}}
    """

    code: ClassVar[str] = "lock-versions-changed"
    exception: ClassVar[str] = "StaleLock"
    severity: ClassVar[Severity] = Severity.INFORMATION
    versions: tuple[tuple[str, str, str], ...]
    done: str = "tuned"

    def message(self) -> str:
        return f"{self.lock} was {self.done} with {', '.join(f'{name} {then}, now {now}' for name, then, now in self.versions)}"


@dataclass(frozen=True)
class LockNotMeasured(LockKey, Diagnostic):
    """The config was never measured on the device that it is locked for: it is estimated, given by hand, borrowed from another device, kept
    from a tuning that was stopped, or nothing is known of it.

    `helion tune FILE::kernel --target sm_90 --lock` estimates; `helion refresh run FILE::kernel` on the device measures.

    Bad:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "model", "estimated": true}
    Good:
        >>> @helion.kernel(configs={"NVIDIA H200": helion.Config(block_sizes=[64])})
        ... def kernel(out: torch.Tensor):
        ...     for tile in hl.tile(out.size(0)): ...
        ... # kernels.py.helion.lock: {"method": "measured", "us": 12.3}
    """

    code: ClassVar[str] = "lock-not-measured"
    exception: ClassVar[str] = "StaleLock"
    severity: ClassVar[Severity] = Severity.HINT
    why: str

    def message(self) -> str:
        return f"{self.lock} was never measured there: {self.why}"
