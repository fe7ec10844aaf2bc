"""`@helion.kernel`: a Python function made callable on the GPU; maps a call to its specialization and runs it, no more."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import threading
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Unpack, overload

import torch
from torch.compiler import is_dynamo_compiling
from typing_extensions import ParamSpec, TypeVar

from helion import exc, runtime
from helion.config.config import Config
from helion.diagnostics.catalog.runtime import InvalidArguments, TensorsOnCpu
from helion.locks.entries import LockEntry
from helion.locks.explanation import Explanation
from helion.runtime.call_guard import GuardedCalls, Served
from helion.runtime.captured_values import captured_names, captured_values
from helion.runtime.check_function import check_function
from helion.runtime.environment import EnvironmentSettings, is_triton_interpreter
from helion.runtime.locks_in_force import locks_in_force
from helion.runtime.opaque_call import not_prepared, prepare_graph_function, run_while_tracing
from helion.runtime.shapes_only import have_no_data
from helion.runtime.specialization import captured_key, specialization_key
from helion.runtime.warn import warn
from helion.settings import RefMode, SettingOptions, Settings
from helion.signatures.from_values import device_of
from helion.source import Span
from helion.types.untyped import is_mapping

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel
    from helion.runtime.bound_reference import BoundReference
    from helion.runtime.size_expressions import SizeGetter

Key = tuple[Hashable, ...]


P = ParamSpec("P", default=...)
R = TypeVar("R", default=Any, covariant=True)
D = TypeVar("D")
Locks = Mapping[str, Config | Mapping[str, Any]]


class Kernel(Generic[P, R]):
    """A decorated function; safe to call from several threads.

    `configs` are candidates: one is always used, of several the fastest is. `locks` is the mapping form of `configs=`, by device and
    signature. `inputs` yields example arguments.
    """

    def __init__(
        self,
        fn: types.FunctionType,
        *,
        settings: Settings,
        configs: Sequence[Config] = (),
        locks: Locks | None = None,
        key: Callable[..., Hashable] | None = None,
        inputs: Callable[[], Any] | None = None,
    ) -> None:
        check_function(fn)
        functools.update_wrapper(self, fn)
        self.fn = fn
        self.name = fn.__name__
        self.signature = inspect.signature(fn)
        self.settings = settings
        self.configs = list(configs)
        self.locks = locks
        self.inputs = inputs
        # What torch.library.custom_op and inspect look for on a function.
        self.__globals__ = fn.__globals__
        self.__code__ = fn.__code__
        self.__defaults__ = fn.__defaults__
        self.__kwdefaults__ = fn.__kwdefaults__
        self._user_key = key
        self._baked = tuple(_is_constexpr(p.annotation) for p in self.signature.parameters.values())
        self._count = len(self._baked)
        self._lock = threading.RLock()
        self._captures: bool | None = None
        self._has_spoken = False
        self.graph_function: Callable[..., Any] = not_prepared
        self._entries: tuple[LockEntry, ...] | None = None
        self._plain: dict[Key, BoundKernel | BoundReference] = {}
        self._refined: dict[Key, _Refined] = {}
        self._derived: dict[Hashable, Any] = {}
        self._calls = GuardedCalls(self._call_by_key)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if is_dynamo_compiling():
            self._prepare_graph_function()
            return self.graph_function(*args, **kwargs)
        if kwargs or len(args) != self._count:
            return self._calls.serve(*self.normalize_args(*args, **kwargs))
        return self._calls.serve(*args)

    @run_while_tracing
    def _prepare_graph_function(self) -> bool:
        return prepare_graph_function(self)

    def _call_by_key(self, *values: Any) -> Any:
        """Serves the calls that no guard knows."""
        key = self._key(values)
        bound = self._plain.get(key) or self.bind(values)
        # Before it runs: a kernel may change what its arguments are like.
        if bound.run is not None and self._user_key is None and self._calls.is_due():
            self._guard(key, bound, values)
        return bound(*values)

    def _guard(self, key: Key, bound: BoundKernel | BoundReference, values: tuple[Any, ...]) -> None:
        refined = None if key in self._plain else self._refined.get(key)
        # Of known shapes only numbers can change what `hl.specialize` and the equalities of sizes ask for.
        is_told = refined is None or (self.settings.static_shapes and not any(isinstance(value, int | float) for value in values))
        captured = captured_names(self.fn) if self._captures else ()
        holds = None if is_told or refined is None else functools.partial(refined.finds, bound)
        with self._lock:
            if captured is not None and self._find(key, values) is bound:  # unless the kernel was reset
                self._calls.learn(Served(self.settings, values, self._baked, bound, captured, holds))

    @functools.cached_property
    def _in_order(self) -> Callable[..., tuple[Any, ...]]:
        """The parameters' values as a tuple: Python puts arguments in order 20 times as fast as a signature does."""
        names = list(self.signature.parameters)
        only = sum(parameter.kind is parameter.POSITIONAL_ONLY for parameter in self.signature.parameters.values())
        listed = ", ".join([*names[:only], *(["/"] if only else []), *names[only:]])
        function = eval(f"lambda {listed}: ({''.join(f'{name}, ' for name in names)})")
        function.__defaults__ = self.fn.__defaults__
        return function

    def normalize_args(self, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Positional arguments with defaults applied. Raises `exc.InvalidArguments`, a TypeError like a call's."""
        try:
            return self._in_order(*args, **kwargs)
        except TypeError:
            return self._in_order_or_refused(args, kwargs)

    def _in_order_or_refused(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """As the signature has it, which says what is wrong in better words than Python."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as problem:
            raise exc.compile_error([InvalidArguments(Span(0, 0), f"{self.name}(): {problem}")]) from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def specialization_key(self, args: Sequence[Any]) -> Key:
        """What distinguishes the specialization for these arguments."""
        return self._key(args if len(args) == self._count else self.normalize_args(*args))

    def _key(self, args: Sequence[Any]) -> Key:
        settings = self.settings
        key = specialization_key(args, static_shapes=settings.static_shapes, baked=self._baked)
        if self._captures is None:
            self._captures = bool(captured_values(self.fn))
        if self._captures:
            key = (*key, *captured_key(self.fn))
        if self._user_key is not None:
            key = (*key, self._user_key(*args))
        return key if settings.ref_mode is RefMode.OFF else (*key, settings.ref_mode)

    def bind(self, args: Sequence[Any]) -> BoundKernel | BoundReference:
        """The specialization for these arguments: checked and lowered once, then the same object.

        Raises `exc.CompileError` with every diagnostic, of class `InvalidArguments`, a TypeError, for arguments that no kernel takes.
        """
        if len(args) != self._count:
            args = self.normalize_args(*args)
        key = self._key(args)
        found = self._find(key, args)
        if found is None:
            with self._lock:
                found = self._find(key, args) or self._add(key, args)
        return found

    def _find(self, key: Key, args: Sequence[Any]) -> BoundKernel | BoundReference | None:
        found = self._plain.get(key)
        if found is not None:
            return found
        refined = self._refined.get(key)
        return None if refined is None else refined.find(args)

    def _add(self, key: Key, args: Sequence[Any]) -> BoundKernel | BoundReference:
        if self.settings.ref_mode is RefMode.EAGER:
            self._plain[key] = reference = runtime.BoundReference(self)
            return reference
        if not have_no_data(args):
            self._refuse_cpu(args)
        bound: BoundKernel = runtime.BoundKernel(self, args)
        if bound.specialized or bound.guards:
            self._refined.setdefault(key, _Refined(bound.specialized)).add(bound, args)
        else:
            self._plain[key] = bound
        return bound

    def _refuse_cpu(self, args: Sequence[Any]) -> None:
        device = device_of(args)
        if device is not None and device.type == "cpu" and not is_triton_interpreter():
            raise exc.compile_error([TensorsOnCpu(Span(0, 0), self.name, torch.cuda.is_available())])

    def autotune(self, args: Sequence[Any], *, force: bool = True, **options: Any) -> Config:
        """Tune for these arguments, install the result and return it."""
        args = self.normalize_args(*args)
        return self.bind(args).autotune(args, force=force, **options)

    def autotune_multi(
        self,
        arg_sets: Sequence[Sequence[Any]],
        *,
        aggregation: str = "geomean",
        relative_to: str | None = None,
        cache_tag: str | None = None,
        force: bool = True,
        **options: Any,
    ) -> Config:
        """One config for several sets of arguments: the one whose times have the least geometric mean, or the least maximum ("max").

        With `relative_to` each time counts by how it compares with the "default" config's or the "baseline" function's. The result is
        installed for all sets and cached; `force=False` takes it from the cache. `cache_tag` names the sets where shapes do not.
        """
        tuning: Any = importlib.import_module("helion.runtime.tune_over_sets")  # imports the compiler, as decorating must not
        goal = tuning.Goal(aggregation, relative_to, cache_tag)
        return tuning.tune_over_sets(self, arg_sets, goal, force=force, options=options)

    def explain(self, *args: P.args, **kwargs: P.kwargs) -> Explanation:
        """Which config a call with these arguments runs, and why, with the evidence of a lock; prints as text, and runs nothing."""
        values = self.normalize_args(*args, **kwargs)
        return self.bind(values).explain(values)

    def lock_entries(self) -> tuple[LockEntry, ...]:
        """The locks in force, overrides of the search path before the decorator's; read once, until `reset`."""
        if self._entries is None:
            self._entries = locks_in_force(self)
        return self._entries

    def say_once(self, text: str) -> None:
        """Print a line on stderr unless the kernel said one before: called with many sizes, it names the remedy once."""
        with self._lock:
            if not self._has_spoken:
                self._has_spoken = True
                print(text, file=sys.stderr)

    def kernel_source(self) -> str:
        """The text of the decorated function."""
        return inspect.getsource(self.fn)

    def derived(self, key: Hashable, make: Callable[[], D]) -> D:
        """What is made of the kernel under a key, made once; dropped by `reset`."""
        with self._lock:
            if key not in self._derived:
                self._derived[key] = make()
            return self._derived[key]

    def reset(self) -> None:
        """Drop every specialization, and what was read of locks."""
        with self._lock:
            self._entries = None
            self._plain.clear()
            self._refined.clear()
            self._derived.clear()
            self._calls.forget()

    def __repr__(self) -> str:
        return f"<helion kernel {self.name}>"


class _Refined:
    """Specializations of one key that `hl.specialize` tells apart further, or that a call must be checked against."""

    def __init__(self, getters: Sequence[SizeGetter]) -> None:
        self._getters = getters
        self._bound: dict[tuple[Any, ...], BoundKernel] = {}

    def _values(self, args: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([get(args) for get in self._getters])

    def add(self, bound: BoundKernel, args: Sequence[Any]) -> None:
        self._bound[self._values(args)] = bound

    def finds(self, bound: object, args: Sequence[Any]) -> bool:
        return self.find(args) is bound

    def find(self, args: Sequence[Any]) -> BoundKernel | None:
        bound = self._bound.get(self._values(args))
        if bound is not None:
            bound.check_guards(args)
        return bound


def _is_constexpr(annotation: Any) -> bool:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return "constexpr" in text.lower()


def _check_together(config: object, configs: object, settings: Mapping[str, Any]) -> None:
    if config is not None and configs:
        words = "`config` is always used, and of `configs` the fastest or the one for the device: give one of the two"
        raise exc.ConflictingArguments(words)
    others = [name for name in settings if name != "settings"]
    if "settings" in settings and others:
        raise exc.ConflictingArguments(f"`settings` are all settings at once: put `{others[0]}` into it, or leave `settings` out")


def _as_config(config: object) -> Config:
    if not (isinstance(config, Config) or is_mapping(config)):
        raise TypeError(f"a config is a helion.Config or a dict of its keys, not {type(config).__name__}")
    return config if isinstance(config, Config) else Config(**config)


class KernelOptions(SettingOptions, total=False):
    """What the decorator takes."""

    config: Config | Mapping[str, Any] | None
    configs: Sequence[Config | Mapping[str, Any]] | Locks | None
    key: Callable[..., Hashable] | None
    inputs: Callable[[], Any] | None
    settings: Settings


@overload
def kernel(fn: Callable[P, R], **options: Unpack[KernelOptions]) -> Kernel[P, R]: ...
@overload
def kernel(fn: None = None, **options: Unpack[KernelOptions]) -> Callable[[Callable[P, R]], Kernel[P, R]]: ...
def kernel(
    fn: Callable[..., Any] | None = None,
    *,
    config: Config | Mapping[str, Any] | None = None,
    configs: Sequence[Config | Mapping[str, Any]] | Mapping[str, Any] | None = None,
    key: Callable[..., Hashable] | None = None,
    inputs: Callable[[], Any] | None = None,
    **settings: Any,
) -> Any:
    """Decorate a kernel: `@helion.kernel`, `@helion.kernel(config=...)`, or `helion.kernel(f, static_shapes=False)`.

    `config` is always used; of several `configs` the fastest is; a mapping by device and signature is a set of locks. `key(*args)` adds
    to the specialization key. `inputs` yields example arguments for tuning. Everything else is a field of `Settings`, or
    `settings=Settings(...)` for all at once. Raises TypeError for unknown names, `exc.ConflictingArguments` for arguments that exclude
    each other.
    """
    _check_together(config, configs, settings)
    if fn is None:
        return functools.partial(kernel, config=config, configs=configs, key=key, inputs=inputs, **settings)
    if "settings" in settings:
        chosen: Settings = settings["settings"]
    else:
        chosen = EnvironmentSettings(**settings)
    for name, reason in chosen.without_effect():
        warn(exc.SettingWithoutEffect(f"{name}={getattr(chosen, name)!r} changes nothing: {reason}"), chosen)
    function: Any = fn.fn if isinstance(fn, Kernel) else fn
    if isinstance(configs, Mapping):
        return Kernel(function, settings=chosen, locks=configs, key=key, inputs=inputs)
    given = [config] if config is not None else list(configs or ())
    return Kernel(function, settings=chosen, configs=[_as_config(c) for c in given], key=key, inputs=inputs)


jit = kernel
