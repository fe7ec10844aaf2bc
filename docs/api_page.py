"""The public names of `helion` beside the language in, their reference page out: signatures and words are those of the code."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import helion
from docs.signatures import signatures
from helion import autotuner, exc, experimental, testing
from helion.runtime.bound_kernel import BoundKernel

# What a user of kernels calls; the other methods are for the parts of the toolkit among themselves.
_METHODS: Mapping[type, tuple[str, ...]] = {
    helion.Kernel: ("bind", "autotune", "autotune_multi", "explain", "lock_entries", "specialization_key", "normalize_args", "reset"),
    BoundKernel: (
        *("autotune", "set_config", "compile_config", "selected_config", "explain"),
        *("to_triton_code", "to_code", "backend_cache_key", "format_kernel_decorator", "run_ref"),
    ),
    helion.Config: ("from_dict", "from_json", "to_json", "load", "save"),
}
_TESTING = ("check", "assert_close", "assert_configs_agree", "assert_parity", "compare", "milliseconds", "reference_function")


def api_page() -> str:
    """Decorators, kernels, configs, tuning, gradients, testing and exceptions."""
    lines = [
        "# Python API",
        "",
        "`import helion`. What stands in kernels is [the language](language.md); options of decorators are [settings](settings.md).",
    ]
    lines += ["", "## Decorating"]
    for name in ("kernel", "aot_kernel", "Settings", "RefMode"):
        lines += _entry(f"helion.{name}", getattr(helion, name))
    lines += ["", "`helion.jit` is `helion.kernel`."]
    titles = {
        helion.Kernel: ("Kernels", "What the decorator gives; calling it runs the kernel.", "kernel"),
        BoundKernel: ("Specializations", "What `kernel.bind(args)` gives: the kernel for such arguments.", "bound"),
        helion.Config: ("Configs", " ".join((inspect.getdoc(helion.Config) or "").split()), "helion.Config"),
    }
    for cls, (title, words, prefix) in titles.items():
        lines += ["", f"## {title}", "", words]
        for name in _METHODS[cls]:
            lines += _entry(f"{prefix}.{name}", inspect.getattr_static(cls, name), getattr(cls, name))
    lines += ["", "## Sizes"]
    for name in ("cdiv", "next_power_of_2"):
        lines += _entry(f"helion.{name}", getattr(helion, name))
    lines += [
        "",
        "## Tuning",
        "",
        "`helion.autotuner`, for `autotuner_fn=` of a kernel and for ranges of tunables; [Tuning](tuning.md) says when.",
    ]
    lines += ["", "| name | |", "|---|---|", *(_row(name) for name in autotuner.__all__)]
    lines += _entry("helion.autotuner.autotune", autotuner.autotune)
    lines += ["", "## Gradients", "", "`helion.experimental`; [Gradients](guides/gradients.md) says of which kernels, and shows one."]
    for name in experimental.__all__:
        lines += _entry(f"helion.experimental.{name}", getattr(experimental, name))
    lines += ["", "## Testing", "", "`helion.testing`, for the tests of your kernels."]
    for name in _TESTING:
        lines += _entry(f"helion.testing.{name}", getattr(testing, name))
    lines += ["", "## Exceptions", "", "`helion.exc`. The class of a diagnostic stands on [its page](diagnostics/index.md)."]
    lines += ["", "```text", (inspect.getdoc(exc) or "").partition("\n\n")[2], "```"]
    return "\n".join(lines) + "\n"


def _entry(title: str, declared: Any, member: Callable[..., Any] | None = None) -> Iterator[str]:
    yield from ("", f"### {title}", "")
    if isinstance(declared, property):
        yield inspect.getdoc(declared) or ""
        return
    function = member or declared
    if not hasattr(function, "__members__"):
        yield from ("```text", signatures(title, function), "```", "")
    yield inspect.getdoc(function) or ""


def _row(name: str) -> str:
    value = getattr(autotuner, name)
    first = (inspect.getdoc(value) or "").partition("\n\n")[0]
    words = "By name: " + ", ".join(f"`{key}`" for key in value) if isinstance(value, Mapping) else " ".join(first.split())
    return f"| `{name}` | {words.replace('|', chr(92) + '|')} |"
