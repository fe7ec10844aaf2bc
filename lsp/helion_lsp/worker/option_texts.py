"""What the editor says of options that the code has no words for: the decorator's own keywords, values of settings, variables."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from helion.settings import Settings


@dataclass(frozen=True)
class OptionText:
    """`values` are Python text, the usual one first; none where any value of the type will do."""

    meaning: str
    values: tuple[str, ...] = ()


DECORATOR: Mapping[str, OptionText] = MappingProxyType(
    {
        "config": OptionText("The config that every call uses; nothing is tuned.", ("helion.Config($0)",)),
        "configs": OptionText(
            "Configs of which the fastest is used, or locks: a mapping by device, or by device and signature, of the configs to use there.",
            ("[helion.Config($0)]", '{"*": helion.Config($0)}'),
        ),
        "key": OptionText("`key(*args)` adds to what tells specializations apart.", ("lambda *args: $0",)),
        "inputs": OptionText("A function that yields example arguments, which `helion tune` and `helion check` use.", ()),
        "settings": OptionText("All settings at once, instead of single ones.", ("helion.Settings($0)",)),
    }
)
VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "index_dtype": ("None", "torch.int32", "torch.int64"),
        "dot_precision": ('"tf32"', '"tf32x3"', '"ieee"', '"bf16x3"', '"bf16x6"'),
        "ref_mode": ("helion.RefMode.OFF", "helion.RefMode.EAGER"),
        "autotune_effort": ('"full"', '"quick"', '"none"'),
        "autotune_precompile": ('"fork"', '"spawn"', "None"),
        "on_missing": ('"tune"', '"default"', '"error"'),
        "backend": ('"triton"',),
    }
)
ENVIRONMENT: Mapping[str, OptionText] = MappingProxyType(
    {
        "HELION_INTERPRET": OptionText("Run kernels as eager torch, in Python: prints, breakpoints and a debugger work in them.", ("1",)),
        "TRITON_INTERPRET": OptionText("Run the generated Triton in Triton's interpreter, on CPU tensors.", ("1",)),
        "HELION_AUTOTUNER": OptionText("The search that tunes at a call.", ("PatternSearch", "LFBOPatternSearch", "RandomSearch")),
        "HELION_DISALLOW_AUTOTUNING": OptionText("Refuse to search at a call.", ("1",)),
        "HELION_SKIP_CACHE": OptionText("Neither read nor write results and logs of tuning.", ("1",)),
        "HELION_ASSERT_CACHE_HIT": OptionText("Raise where a tuning result is not in the cache, and say how its key differs.", ("1",)),
        "HELION_CACHE_DIR": OptionText("Where generated code, trial logs and tuning results are kept."),
        "HELION_LOCK_PATH": OptionText("Folders in which locks are looked for before the decorator's own."),
        "HELION_LOGS": OptionText(
            "Loggers to show on stderr, separated by commas, or `all`; `+` before one asks for more.", ("all", "+all")
        ),
        "HELION_AOT_PLAN": OptionText("What the runner of ahead-of-time kernels asks of a command; it sets this itself."),
        "HELION_HEURISTIC_DIR": OptionText("A folder in which decision files of `helion.aot_kernel` are looked for first."),
        "HELION_REMOTE_CACHE_BACKEND": OptionText("The class that keeps configs for the remote caches, as `module:Class`."),
        "HELION_SHOW": OptionText("Print the stages of compiling.", ("types", "ir", "space", "triton")),
    }
)


def meanings_of_settings() -> Mapping[str, str]:
    """What stands under each field of Settings."""
    (cls,) = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(cls, ast.ClassDef), "the source of a class"
    found: dict[str, str] = {}
    for statement, following in zip(cls.body, cls.body[1:], strict=False):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
            case _:
                pass
    return found
