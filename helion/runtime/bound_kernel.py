"""One specialization of a kernel: checked, lowered, and compiled for configs; the first call selects a config, later calls only launch."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch

from helion import compiler, exc
from helion.codegen.origin_lines import with_origin_lines
from helion.codegen.standalone import missing_names, standalone_text
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.diagnostics.catalog.runtime import NoTensorArgs, SizesDiffer, SourceUnavailable
from helion.locks.explanation import Explanation
from helion.reference.run import reference_function
from helion.runtime.check_arguments import misplaced_arguments, unreadable_arguments
from helion.runtime.compiled_hash import compiled_hash
from helion.runtime.default_by_sizes import DefaultBySizes
from helion.runtime.devices import identity_of, target_of
from helion.runtime.direct_launch import launcher_of
from helion.runtime.dispatch_by_sizes import Runs, dispatch_by_sizes
from helion.runtime.environment import is_triton_interpreter
from helion.runtime.first_run import first_run
from helion.runtime.inductor_answers import inductor_of_environment
from helion.runtime.internal_errors import reported
from helion.runtime.interpreter.only import interpreted_only
from helion.runtime.kernel_syntax import kernel_syntax
from helion.runtime.loader import load_module, write_module
from helion.runtime.logs import log_code, log_types
from helion.runtime.output_code import OutputCodeOptions
from helion.runtime.repro import describe_call
from helion.runtime.select_config import Choice, choose, config_of_choice, explain_choice
from helion.runtime.shapes_only import have_no_data, launch_nothing
from helion.runtime.show_stages import show_bound, show_code
from helion.runtime.size_expressions import SizeGetter, guards_of, size_getter, width_getter
from helion.runtime.unwatched_host import unwatched_host
from helion.runtime.warn import warn_of_diagnostics
from helion.settings import Settings
from helion.signatures.from_arguments import signature_from_arguments
from helion.signatures.from_values import device_of
from helion.signatures.notation import notation_of_arguments
from helion.signatures.signature import KernelSignature
from helion.source import Span
from helion.syntax.repro_text import Repro
from helion.syntax.tree import KernelSyntax
from helion.target import Target
from helion.typecheck.global_names import LiveGlobals
from helion.typecheck.late_blocks import late_blocks
from helion.typed_kernel.tree import TypedKernel

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel


# Typed loosely: torch's own functions in C++ have no types.
_TORCH: Any = torch


class BoundKernel:
    """A kernel bound to the types of some arguments. `b(*args)` takes positional arguments of the same specialization; `run` is what that
    runs, None before a config is selected, and `run_unwatched` what may run in its place where nothing watches torch's calls.

    `specialized` give the sizes that are baked in beyond the types; `guards` are equalities that later arguments must keep.
    """

    def __init__(self, kernel: Kernel, args: Sequence[Any]) -> None:
        self.kernel = kernel
        self.settings: Settings = kernel.settings
        self.syntax: KernelSyntax = _kernel_syntax(kernel)
        device = device_of(args)
        if device is None:
            raise exc.compile_error([NoTensorArgs(self.syntax.function.name_span, kernel.name)], self.syntax.file)
        where = self.syntax.function.name_span
        unreadable = unreadable_arguments(kernel, args, where)
        if unreadable:
            raise exc.compile_error(unreadable, self.syntax.file)
        self.has_no_data = have_no_data(args)
        self.device: torch.device = device
        self.repro: Repro = describe_call(self.syntax, args)
        with reported(kernel, self.repro, self.syntax.file, where):
            self._analyse(args)
        misplaced = misplaced_arguments(kernel, self.ir, args, device)
        if misplaced:
            raise exc.compile_error(misplaced, self.syntax.file)
        self.check_guards(args)
        self._compiled: dict[Config, Callable[..., Any]] = {}
        self._unwatched: dict[Callable[..., Any], Callable[..., Any]] = {}
        self._config: Config | None = None
        self._installed = False
        self._lock = threading.RLock()
        self.run: Callable[..., Any] | None = None
        self.run_unwatched: Callable[..., Any] | None = None
        show_bound(self)
        log_types(self)

    def _analyse(self, args: Sequence[Any]) -> None:
        """The check and the device IR, and what later calls must have in common with this one."""
        kernel = self.kernel
        self.target: Target = target_of(self.device)
        self.signature: KernelSignature = signature_from_arguments(
            kernel.signature, args, static_shapes=self.settings.static_shapes, index_dtype=self.settings.index_dtype
        )
        self.typed: TypedKernel = _checked(kernel, self.syntax, self.signature)
        self.ir: DeviceIR = _lowered(self.typed)
        parameters = tuple(kernel.signature.parameters)
        found = [size_getter(text, parameters) for text, _ in self.typed.specialized]
        if self.settings.index_dtype != torch.int64:
            found.append(width_getter(self.typed, parameters))
        self.specialized: tuple[SizeGetter, ...] = tuple(getter for getter in found if getter is not None)
        self.guards = guards_of(self.typed, parameters)

    def __call__(self, *args: Any) -> Any:
        run = self.run
        if run is None:
            return first_run(self, self.ensure_config_exists(args), args)
        return run(*args)

    def check_guards(self, args: Sequence[Any]) -> None:
        """Raises `exc.ShapeMismatch` when the arguments break an equality that the kernel was checked under."""
        broken = [g.words for g in self.guards if not g.holds(args)]
        if broken:
            where = self.typed.name_span
            raise exc.compile_error([SizesDiffer(where, self.kernel.name, words) for words in broken], self.typed.file)

    # -- configs ----------------------------------------------------------------------------------------------------

    @property
    def configs(self) -> list[Config]:
        return self.kernel.configs

    @cached_property
    def config_spec(self) -> ConfigSpace:
        """What can be tuned, with defaults and validity."""
        return compiler.config_space(self.ir, self.target)

    @cached_property
    def defaults(self) -> DefaultBySizes:
        """The default config of each call."""
        return DefaultBySizes(self.ir, self.target, tuple(self.kernel.signature.parameters))

    @property
    def plain_config(self) -> Config:
        """A config whose host function makes nothing but the launch's arguments: no descriptors, which need tensors with data."""
        return self.config_spec.normalize({k: v for k, v in self.config_spec.default().items() if k == "block_sizes"})

    @property
    def selected_config(self) -> Config | None:
        """The config that calls run; None before the first."""
        return self._config

    def ensure_config_exists(self, args: Sequence[Any]) -> Callable[..., Any]:
        """Select a config if none is installed yet; the result runs the kernel."""
        with self._lock:
            if self.run is None and self.has_no_data:
                run = functools.partial(self.compile_config(self.plain_config, allow_print=False), _launcher=launch_nothing)
                self._install(run, run)
            if self.run is None:
                choice = choose(self, args)
                config = config_of_choice(self, choice, args)
                self.set_config(config)
                self._installed = choice.config is None
                if not self.settings.static_shapes:
                    self._go_by_sizes(choice, args)
            assert self.run is not None
            return self.run

    def _install(self, run: Callable[..., Any], unwatched: Callable[..., Any]) -> None:
        # A guard is made, by any thread, once there is a `run`.
        self.run_unwatched, self.run = unwatched, run

    def _go_by_sizes(self, first: Choice, args: Sequence[Any]) -> None:
        """With sizes as arguments one specialization serves many, for which several configs may be locked, or decided on ahead of time."""
        goes_by_sizes: Callable[[BoundKernel], bool] | None = getattr(self.settings.autotuner_fn, "goes_by_sizes", None)
        if first.by_size:
            several = True
        elif first.selected is not None:
            several = any(entry.config != first.selected.entry.config for entry in self.kernel.lock_entries())
        else:
            several = first.config is None and goes_by_sizes is not None and goes_by_sizes(self)
        if not several:
            return

        def runs_of(args: Sequence[Any]) -> Runs:
            choice = choose(self, args)
            if choice.by_size:  # what the first call runs was told then
                choice = replace(choice, note=None, note_once=None if choice.config == first.config else choice.note)
            return self._ready(self.compile_config(config_of_choice(self, choice, args)))

        self._install(*dispatch_by_sizes(args, runs_of))

    def explain(self, args: Sequence[Any]) -> Explanation:
        """Which config a call runs, and why. What `set_config` or a tuning installed is used whatever is locked."""
        if self._installed:
            reason = "installed by set_config or by an earlier tuning"
            device = identity_of(self.device)
            return Explanation(self.kernel.name, reason, self._config, notation_of_arguments(args), device)
        return explain_choice(self, args)

    def normalized(self, config: Config | Mapping[str, Any]) -> Config:
        """The full form of a config. Raises `exc.InvalidConfig` listing everything that is wrong with it."""
        values = config.config if isinstance(config, Config) else dict(config)
        problems = self.config_spec.check(values, self.typed.name_span)
        if problems:
            raise exc.compile_error(problems, self.typed.file)
        return self.config_spec.normalize(values)

    def _implicit(self) -> Config:
        if self._config is not None:
            return self._config
        if len(self.configs) == 1:
            return self.configs[0]
        if self.settings.autotune_effort == "none":
            return self.config_spec.default()
        raise RuntimeError("no config is selected yet: give one, or set autotune_effort='none'")

    def set_config(self, config: Config | Mapping[str, Any]) -> None:
        """Compile a config and make it what calls run."""
        with self._lock:
            run = self.compile_config(config)
            self._config = config if isinstance(config, Config) else Config(**config)
            self._installed = True
            self._install(*self._ready(run))

    def autotune(self, args: Sequence[Any], *, force: bool = True, **options: Any) -> Config:
        """Tune for these arguments, install the winner and return it. `force=False` follows the decorator's configs and the cache.
        `options` go to the search: `initial_population=30`, `budget_seconds=10`."""
        choice = Choice(None, "tuning was asked for", forced=True) if force else choose(self, args)
        config = config_of_choice(self, choice, args, **options)
        self.set_config(config)
        return config

    # -- code -------------------------------------------------------------------------------------------------------

    def module(self, config: Config | Mapping[str, Any] | None = None) -> TritonModule:
        """The generated module of a config, the implicit one when None."""
        return compiler.generate(self.ir, self.normalized(self._implicit() if config is None else config), self.target)

    def to_triton_code(
        self,
        config: Config | Mapping[str, Any] | None = None,
        *,
        emit_repro_caller: bool = False,
        output_origin_lines: bool | None = None,
    ) -> str:
        """The generated module's text. Without a config: the installed one, else the decorator's only one, else the default.

        `emit_repro_caller` appends a `call()` that makes arguments like the ones bound, and runs it as a script. `output_origin_lines`,
        the setting's value when None, adds comments that say which line of the kernel each statement comes from.
        """
        return self._presented(self.module(config), emit_repro_caller, output_origin_lines)

    def _presented(self, module: TritonModule, with_caller: bool, with_origins: bool | None = None) -> str:
        wanted = self.settings.output_origin_lines if with_origins is None else with_origins
        text = with_origin_lines(module, self.syntax.file) if wanted else module.text
        return text + self.repro.caller() if with_caller else text

    def to_code(
        self,
        config: Config | Mapping[str, Any] | None = None,
        *,
        options: OutputCodeOptions | None = None,
        emit_repro_caller: bool = False,
        output_origin_lines: bool | None = None,
    ) -> str:
        """As `to_triton_code`; `options` may ask for a module that stands alone, for which the kernel must read no globals."""
        if options is None or options.allow_helion_deps:
            return self.to_triton_code(config, emit_repro_caller=emit_repro_caller, output_origin_lines=output_origin_lines)
        module = self.module(config)
        missing = missing_names(module)
        if missing:
            why = f"the code of `{self.kernel.name}` cannot stand alone, since it reads {', '.join(missing)} of the kernel's module"
            raise exc.compile_error([InvalidArgument(self.syntax.function.name_span, "to_code", why)], self.syntax.file)
        text = standalone_text(module)
        return text + self.repro.caller() if emit_repro_caller else text

    def get_cached_path(self, config: Config | Mapping[str, Any] | None = None) -> str:
        """The file of the generated module."""
        return str(write_module(self.module(config)))

    def backend_cache_key(self, config: Config | Mapping[str, Any] | None = None) -> str | None:
        """The key under which Triton keeps the binary of a config; None before that config's first launch, since alignments of arguments
        are part of it. Raises `exc.BackendImplementationMissing` where there is none: Triton interprets, or the arguments are on a CPU."""
        if is_triton_interpreter() or self.device.type == "cpu":
            raise exc.BackendImplementationMissing(
                f"{self.kernel.name}: Triton compiles for a GPU only, and keeps nothing of what it interprets"
            )
        return compiled_hash(self.compile_config(config))

    def compile_config(self, config: Config | Mapping[str, Any] | None = None, *, allow_print: bool = True) -> Callable[..., Any]:
        """The kernel as a Python function for one config; compiled once, and not installed."""
        full = self.normalized(self._implicit() if config is None else config)
        with self._lock:
            if full not in self._compiled:
                with reported(self.kernel, self.repro, self.syntax.file, self.typed.name_span):
                    module = compiler.generate(self.ir, full, self.target)
                if self.settings.print_output_code and allow_print:
                    print(self._presented(module, with_caller=True), file=sys.stderr)
                show_code(self, module.text)
                log_code(self, module.text, write_module(module))
                self._compiled[full] = host = load_module(module, self.kernel.fn, launcher_of(self.device))
                self._unwatched[host] = unwatched_host(module, host, self.device)
            return self._compiled[full]

    def format_kernel_decorator(self, config: Config, settings: Settings | None = None) -> str:
        """The decorator that fixes a config, ready to paste."""
        chosen = self.settings if settings is None else settings
        extra = "" if chosen.index_dtype is None else f", index_dtype={chosen.index_dtype}"
        return f"@helion.kernel(config={config!r}, static_shapes={chosen.static_shapes}{extra})"

    def maybe_log_repro(self, log: Callable[[str], Any], args: Sequence[Any], config: Config | None = None) -> None:
        """When `print_repro` is set: a script that makes such arguments and calls the kernel with this config."""
        if self.settings.print_repro:
            used = config if config is not None else self._implicit()
            log(describe_call(self.syntax, args).script(self.format_kernel_decorator(used)))

    # -- other ways to run ------------------------------------------------------------------------------------------

    def run_ref(self, *args: Any) -> Any:
        """Run the kernel's own statements eagerly."""
        return reference_function(self.kernel.fn, self._config or {})(*args)

    def _ready(self, host: Callable[..., Any]) -> Runs:
        """What runs calls from any device, and says what they were where that is asked for."""
        ready = self._on_device(self._with_repro(host))
        unwatched = self._unwatched.get(host, host)
        return ready, ready if unwatched is host else self._on_device(self._with_repro(unwatched))

    def _with_repro(self, run: Callable[..., Any]) -> Callable[..., Any]:
        if not self.settings.print_repro:
            return run

        def logged(*args: Any) -> Any:
            self.maybe_log_repro(lambda text: print(text, file=sys.stderr), args)
            return run(*args)

        return logged

    def _on_device(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """With several GPUs, Triton launches on the current one, which may not be the arguments'."""
        if self.device.type != "cuda" or torch.cuda.device_count() < 2:
            return run
        index = self.device.index
        current: Callable[[], int] = _TORCH._C._cuda_getDevice  # of `torch.cuda`'s, the part after "is there CUDA at all?"

        def on_device(*args: Any) -> Any:
            if current() == index:
                return run(*args)
            with torch.cuda.device(index):
                return run(*args)

        return on_device


def _kernel_syntax(kernel: Kernel) -> KernelSyntax:
    syntax = kernel_syntax(kernel.fn)
    if syntax is None:
        raise exc.compile_error([SourceUnavailable(Span(0, 0), kernel.name)])
    return syntax


def _checked(kernel: Kernel, syntax: KernelSyntax, signature: KernelSignature) -> TypedKernel:
    typed = compiler.check(syntax, signature, LiveGlobals(kernel.fn), kernel.settings)
    problems = typed.diagnostics if typed.has_errors else (*interpreted_only(typed), *late_blocks(typed))
    if problems:
        raise exc.compile_error(problems, typed.file)
    warn_of_diagnostics(typed.diagnostics, typed.file, kernel.settings)
    return typed


def _lowered(typed: TypedKernel) -> DeviceIR:
    try:
        return compiler.lower(typed, inductor_of_environment())
    except LoweringFailed as problem:
        raise exc.compile_error([problem.diagnostic], typed.file) from problem
