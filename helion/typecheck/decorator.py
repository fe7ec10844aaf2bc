"""A kernel's decorator in, what is wrong with its options out; configs are judged elsewhere, against what of the kernel can be tuned."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence

import torch

from helion.diagnostics.catalog.decorator import (
    ConflictingOptions,
    NothingToRun,
    SettingValue,
    SettingWithoutEffect,
    UnknownSetting,
)
from helion.diagnostics.diagnostic import Diagnostic
from helion.settings import CHOICES, FIELD_NAMES, FLAGS, WITHOUT_EFFECT, Settings, refusal
from helion.signatures.written_settings import UNKNOWN, written_value
from helion.syntax.decorator_options import Option, options, options_of_settings
from helion.syntax.kernel_makers import is_decided_ahead
from helion.syntax.tree import KernelSyntax
from helion.typecheck.specialization_key import check_key

# `fn` is the function, of a call `helion.kernel(fn=f)`.
_OWN = ("fn", "config", "configs", "key", "inputs", "settings")
_OF_AHEAD_OF_TIME = ("batched", "collect_fn", "measure_fn")


def check_decorator(kernel: KernelSyntax) -> Iterator[Diagnostic]:
    """Each option at its place."""
    given = tuple(options(kernel))
    by_name = {option.name: option for option in given}
    inner = by_name.get("settings")
    own = (*_OWN, *_OF_AHEAD_OF_TIME) if is_decided_ahead(kernel) else _OWN
    settings = [option for option in given if option.name not in own]
    yield from _conflicts(by_name, settings)
    settings += [] if inner is None else options_of_settings(kernel, inner.value)
    for option in settings:
        yield from _setting(option)
    for name in ("config", "configs"):
        if name in by_name:
            yield from _kind_of_config(by_name[name])
    if "key" in by_name:
        yield from check_key(kernel, by_name["key"], settings)
    yield from _nothing_to_run(kernel, by_name, settings)


def _conflicts(by_name: dict[str, Option], settings: Sequence[Option]) -> Iterator[Diagnostic]:
    config, configs = by_name.get("config"), by_name.get("configs")
    if config is not None and configs is not None and not any(_is_nothing(one) for one in (config, configs)):
        yield ConflictingOptions(config.name_span, "config", "configs", config.removal)
    if "settings" in by_name:
        for option in settings:
            yield ConflictingOptions(option.name_span, option.name, "settings", option.removal)


def _is_nothing(option: Option) -> bool:
    value = written_value(option.value)
    return value is None or value == []


def _setting(option: Option) -> Iterator[Diagnostic]:
    if option.name not in FIELD_NAMES:
        close = difflib.get_close_matches(option.name, [*FIELD_NAMES, *_OWN], 1)
        yield UnknownSetting(option.name_span, option.name, close[0] if close else None)
        return
    value = written_value(option.value)
    if value is UNKNOWN:
        return
    wanted = refusal(option.name, value)
    if wanted is not None:
        choices = (True, False) if option.name in FLAGS else CHOICES.get(option.name, ())
        shown = [_text(choice) for choice in choices]
        likely = difflib.get_close_matches(_text(value), shown, 1, 0.5) or (shown if len(shown) <= 3 else [])
        yield SettingValue(option.value_span, option.name, _text(value), wanted, tuple(likely))
    elif option.name in WITHOUT_EFFECT and value != getattr(Settings(), option.name):
        yield SettingWithoutEffect(option.name_span, option.name, WITHOUT_EFFECT[option.name], option.removal)


def _text(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value) if isinstance(value, torch.dtype) else repr(value)


def _kind_of_config(option: Option) -> Iterator[Diagnostic]:
    """A list where one config belongs, or one config where several do."""
    node = option.value
    if option.name == "config" and isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Constant) and written_value(node) is not None:
        yield SettingValue(option.value_span, "config", "a list" if not isinstance(node, ast.Constant) else repr(node.value), "one config")
    is_one = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Config"
    if option.name == "configs" and is_one:
        wanted = "a list of configs, or locks by device; `config` takes one"
        yield SettingValue(option.value_span, "configs", "one config", wanted)


def _nothing_to_run(kernel: KernelSyntax, by_name: dict[str, Option], settings: Sequence[Option]) -> Iterator[Diagnostic]:
    refused = next((o for o in settings if o.name == "on_missing" and written_value(o.value) == "error"), None)
    is_forced = any(o.name == "force_autotune" and written_value(o.value) is not False for o in settings)
    has_config = any(name in by_name and not _is_nothing(by_name[name]) for name in ("config", "configs"))
    if refused is not None and not has_config and not is_forced:
        yield NothingToRun(refused.name_span, kernel.name)
