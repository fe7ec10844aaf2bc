"""`@helion.kernel`: a Python function made callable on the GPU; maps a call to its specialization and runs it, no more."""

from __future__ import annotations

import functools
import inspect
import threading
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, overload

from helion import exc
from helion.config.config import Config
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.environment import is_triton_interpreter, settings_from_environment
from helion.runtime.specialization import device_of, specialization_key
from helion.runtime.tune_in_process import tune_bound_kernel
from helion.settings import RefMode, Settings
from helion.syntax.locate import function_at
from helion.syntax.tree import KernelSyntax, ModuleSyntax

_RESERVED = frozenset(
    {"math", "torch", "helion", "hl", "triton", "tl", "triton_helpers", "tl_math", "libdevice", "_default_launcher"},
)
_KEY_CONFIGS = (dict, Mapping)


class Kernel:
    """A decorated function. Attributes: `name`, `fn`, `signature`, `settings`, `configs`."""

    def __init__(
        self,
        fn: types.FunctionType,
        *,
        configs: list[Config],
        settings: Settings,
        key: Callable[..., Hashable] | None,
    ) -> None:
        _check_function(fn)
        self.fn = fn
        self.name = fn.__name__
        self.signature = inspect.signature(fn)
        self.settings = settings
        self.configs = configs
        self._key = key
        self._bound: dict[Hashable, BoundKernel] = {}
        self._lock = threading.Lock()
        self._baked = tuple(_is_constexpr(p.annotation) for p in self.signature.parameters.values())
        self._count = len(self.signature.parameters)
        functools.update_wrapper(self, fn)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) != self._count:
            args = self.normalize_args(*args, **kwargs)
        return self.bind(args)(*args)

    def normalize_args(self, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Positional arguments with defaults applied. Raises TypeError like a call."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def specialization_key(self, args: Sequence[Any]) -> tuple[Hashable, ...]:
        """What distinguishes the specialization for these arguments."""
        key = specialization_key(args, static_shapes=self.settings.static_shapes, baked=self._baked)
        return key if self._key is None else (*key, self._key(*args))

    def bind(self, args: Sequence[Any]) -> Any:
        """The specialization for these arguments: checked and lowered once, then the same object."""
        if len(args) != self._count:
            args = self.normalize_args(*args)
        key = self.specialization_key(args)
        found = self._find(key, args)
        if found is not None:
            return found
        with self._lock:
            found = self._find(key, args)
            if found is None:
                self._require_interpreter_on_cpu(args)
                found = BoundKernel(self, args)
                self._bound[(*key, *self._specialized_values(found, args))] = found
                self._specialized[key] = tuple(text for text, _ in found.typed.specialized)
        return found

    @functools.cached_property
    def _specialized(self) -> dict[Hashable, tuple[str, ...]]:
        """The host expressions that a specialization baked in, by the key of the arguments' types."""
        return {}

    def _find(self, key: tuple[Hashable, ...], args: Sequence[Any]) -> BoundKernel | None:
        if key not in self._specialized:
            return None
        expressions = self._specialized[key]
        if not expressions:
            return self._bound.get(key)
        return self._bound.get((*key, *self._evaluated(expressions, args)))

    def _specialized_values(self, bound: BoundKernel, args: Sequence[Any]) -> tuple[Hashable, ...]:
        return self._evaluated(tuple(text for text, _ in bound.typed.specialized), args)

    def _evaluated(self, expressions: tuple[str, ...], args: Sequence[Any]) -> tuple[Hashable, ...]:
        names = dict(zip(self.signature.parameters, args, strict=True))
        return tuple(_size_by_expression(expression, names) for expression in expressions)

    def _require_interpreter_on_cpu(self, args: Sequence[Any]) -> None:
        device = device_of(args)
        if device is not None and device.type == "cpu" and not is_triton_interpreter():
            raise exc.WrongDeviceError(
                f"{self.name} got CPU tensors: set TRITON_INTERPRET=1 to run the generated code in Triton's interpreter, or "
                "HELION_INTERPRET=1 to run the kernel eagerly"
            )

    def autotune(self, args: Sequence[Any], *, force: bool = True, **options: Any) -> Config:
        """Tune for these arguments, install the result and return it."""
        return self.bind(args).autotune(args, force=force, **options)

    def tune(self, bound: BoundKernel, args: Sequence[Any], **options: Any) -> Config:
        """Search for the fastest config of one specialization."""
        return tune_bound_kernel(bound, args, **options)

    def reset(self) -> None:
        """Drop every specialization."""
        with self._lock:
            self._bound.clear()
            self._specialized.clear()

    def syntax_without_decorator(self, module: ModuleSyntax) -> KernelSyntax | None:
        """The syntax of a function that was wrapped by a call, `helion.kernel(f)`, and so has no decorator."""
        code = self.fn.__code__
        function = function_at(module, code.co_firstlineno, code.co_name)
        return None if function is None else KernelSyntax(module.file, self.name, self.name, function, None, module)


def _size_by_expression(expression: str, names: Mapping[str, Any]) -> Hashable:
    """The value of `x.size(0)`, `x.stride(1)` or `n`, without evaluating text."""
    name, _, rest = expression.partition(".")
    if not rest:
        return names[name]
    method, _, position = rest.rstrip(")").partition("(")
    return getattr(names[name], method)(int(position))


def _is_constexpr(annotation: Any) -> bool:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return "constexpr" in text.lower()


def _check_function(fn: Any) -> None:
    if not isinstance(fn, types.FunctionType):
        raise TypeError(f"@helion.kernel takes a Python function, not {type(fn).__name__}")
    for parameter in inspect.signature(fn).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"{fn.__name__}: kernels take no *args, **kwargs or keyword-only parameters (`{parameter.name}`)")
    if fn.__code__.co_freevars:
        raise exc.ClosuresNotSupported(f"{fn.__name__} reads {', '.join(fn.__code__.co_freevars)} of an enclosing function")
    clash = _RESERVED & set(fn.__code__.co_varnames)
    if clash:
        raise exc.NamingConflict(f"{fn.__name__}: the name {', '.join(sorted(clash))} is reserved")


def _config_list(config: Any, configs: Any) -> list[Config]:
    assert config is None or not configs, "give config= or configs=, not both"
    given = [config] if config is not None else list(configs or ())
    return [c if isinstance(c, Config) else Config(**c) for c in given]


@overload
def kernel(fn: Callable[..., Any], **options: Any) -> Kernel: ...
@overload
def kernel(fn: None = None, **options: Any) -> Callable[[Callable[..., Any]], Kernel]: ...
def kernel(
    fn: Callable[..., Any] | None = None,
    *,
    config: Any = None,
    configs: Any = None,
    key: Callable[..., Hashable] | None = None,
    inputs: Any = None,
    **settings: Any,
) -> Any:
    """Decorate a kernel: `@helion.kernel`, `@helion.kernel(config=...)`, or `helion.kernel(f, static_shapes=False)`.

    `config` is always used; of several `configs` the fastest is; a mapping by device and signature is a set of locks. `key(*args)` adds
    to the specialization key. `inputs` yields example arguments for tuning. Everything else is a field of `Settings`, or
    `settings=Settings(...)` for all at once. Raises TypeError for unknown names.
    """
    if fn is None:
        return functools.partial(kernel, config=config, configs=configs, key=key, inputs=inputs, **settings)
    if "settings" in settings:
        assert len(settings) == 1, "give settings= or single settings, not both"
        chosen: Settings = settings["settings"]
    else:
        chosen = settings_from_environment(settings)
    function: Any = fn.fn if isinstance(fn, Kernel) else fn
    if chosen.ref_mode is RefMode.EAGER:
        return _reference_kernel(function, chosen)
    result = Kernel(function, configs=_config_list(config, configs), settings=chosen, key=key)
    result.inputs = inputs
    return result


def _reference_kernel(function: Any, settings: Settings) -> Any:
    from helion.reference.run import reference_function

    return reference_function(function)


jit = kernel
