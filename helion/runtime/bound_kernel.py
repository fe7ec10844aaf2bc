"""One specialization of a kernel: checked, lowered, and compiled for configs; the first call selects a config, later calls only launch."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch

from helion import compiler, exc
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.catalog.runtime import SourceUnavailable
from helion.diagnostics.catalog.shapes import UnsupportedTorchCall
from helion.runtime.devices import target_of
from helion.runtime.loader import load_module
from helion.runtime.select_config import select_config
from helion.runtime.specialization import device_of
from helion.settings import Settings
from helion.signatures.from_arguments import signature_from_arguments
from helion.signatures.from_values import module_of_code
from helion.source import Span
from helion.syntax.tree import KernelSyntax
from helion.target import Target
from helion.typecheck.global_names import LiveGlobals
from helion.typed_kernel.tree import TypedKernel

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel


class BoundKernel:
    """A kernel bound to the types of some arguments. `b(*args)` takes positional arguments of the same specialization."""

    def __init__(self, kernel: Kernel, args: Sequence[Any]) -> None:
        self.kernel = kernel
        self.settings: Settings = kernel.settings
        device = device_of(args)
        if device is None:
            raise exc.NoTensorArgs(f"{kernel.name} got no tensor and no device: nothing says where to run")  # noqa: TRY003
        self.device: torch.device = device
        self.target: Target = target_of(device)
        self.typed: TypedKernel = _checked(kernel, args)
        self.ir: DeviceIR = _lowered(self.typed)
        self._compiled: dict[Config, Callable[..., Any]] = {}
        self._run: Callable[..., Any] | None = None
        self._config: Config | None = None

    @property
    def configs(self) -> list[Config]:
        return self.kernel.configs

    @cached_property
    def config_spec(self) -> ConfigSpace:
        """What can be tuned, with defaults and validity."""
        return compiler.config_space(self.ir, self.target)

    def __call__(self, *args: Any) -> Any:
        run = self._run
        if run is None:
            run = self.ensure_config_exists(args)
        return run(*args)

    def ensure_config_exists(self, args: Sequence[Any]) -> Callable[..., Any]:
        """Select a config if none is installed yet; the result runs the kernel."""
        if self._run is None:
            config = select_config(self, args)
            self.set_config(config)
        assert self._run is not None
        return self._run

    def normalized(self, config: Config | Mapping[str, Any]) -> Config:
        """The full form of a config. Raises `exc.InvalidConfig` listing everything that is wrong with it."""
        values = config.config if isinstance(config, Config) else dict(config)
        problems = self.config_spec.check(values, self.typed.name_span)
        if problems:
            raise exc.compile_error(problems, self.typed.file)
        return self.config_spec.normalize(values)

    def module(self, config: Config | Mapping[str, Any] | None = None) -> TritonModule:
        """The generated module of a config, the implicit one when None."""
        return compiler.generate(self.ir, self.normalized(self._implicit() if config is None else config), self.target)

    def to_triton_code(self, config: Config | Mapping[str, Any] | None = None) -> str:
        """The generated module's text. Without a config: the installed one, else the decorator's only one, else the default."""
        return self.module(config).text

    def _implicit(self) -> Config:
        if self._config is not None:
            return self._config
        if len(self.configs) == 1:
            return self.configs[0]
        if self.settings.autotune_effort == "none":
            return self.config_spec.default()
        raise RuntimeError("no config is selected yet: give one, or set autotune_effort='none'")  # noqa: TRY003 - public behaviour

    def compile_config(self, config: Config | Mapping[str, Any] | None = None, *, allow_print: bool = True) -> Callable[..., Any]:
        """The kernel as a Python function for one config; compiled once, and not installed."""
        full = self.normalized(self._implicit() if config is None else config)
        if full not in self._compiled:
            module = compiler.generate(self.ir, full, self.target)
            if self.settings.print_output_code and allow_print:
                print(module.text, file=sys.stderr)
            self._compiled[full] = load_module(module, self.kernel.fn.__globals__)
        return self._compiled[full]

    def set_config(self, config: Config | Mapping[str, Any]) -> None:
        """Compile a config and make it what calls run."""
        self._run = self.compile_config(config)
        self._config = config if isinstance(config, Config) else Config(**config)

    def format_kernel_decorator(self, config: Config) -> str:
        """The decorator that fixes a config, ready to paste."""
        extra = "" if self.settings.index_dtype is None else f", index_dtype={self.settings.index_dtype}"
        return f"@helion.kernel(config={config!r}, static_shapes={self.settings.static_shapes}{extra})"

    def autotune(self, args: Sequence[Any], *, force: bool = True, **options: Any) -> Config:
        """Tune for these arguments, install the winner and return it."""
        config = select_config(self, args, force_tuning=force, **options)
        self.set_config(config)
        return config


def _kernel_syntax(kernel: Kernel) -> KernelSyntax:
    code = kernel.fn.__code__
    module = module_of_code(code)
    found = None
    if module is not None:
        name = kernel.fn.__qualname__.replace("<locals>.", "")
        candidates = [k for k in module.kernels if k.name == code.co_name]
        found = next((k for k in candidates if k.qualname == name), candidates[0] if len(candidates) == 1 else None)
        if found is None:
            found = kernel.syntax_without_decorator(module)
    if found is None:
        raise exc.compile_error([SourceUnavailable(Span(0, 0), kernel.name)])
    return found


def _checked(kernel: Kernel, args: Sequence[Any]) -> TypedKernel:
    settings = kernel.settings
    signature = signature_from_arguments(
        inspect.signature(kernel.fn), args, static_shapes=settings.static_shapes, index_dtype=settings.index_dtype
    )
    typed = compiler.check(_kernel_syntax(kernel), signature, LiveGlobals(kernel.fn), settings)
    if typed.has_errors:
        raise exc.compile_error(typed.diagnostics, typed.file)
    return typed


def _lowered(typed: TypedKernel) -> DeviceIR:
    try:
        return compiler.lower(typed)
    except LoweringFailed as problem:
        raise exc.compile_error([UnsupportedTorchCall(problem.span, problem.call, problem.reason)], typed.file) from problem
