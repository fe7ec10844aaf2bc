"""Configs written in a decorator are checked in the text: each key where it stands, lengths and values by site, no device needed."""

from __future__ import annotations

import pytest

from helion import compiler
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.typecheck.global_names import FileGlobals

_HEAD = "import torch\nimport helion\nimport helion.language as hl\nfrom helion import Config as C\nW = 8\n"
_BODY = """
def double(x: torch.Tensor):
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = x[tile_m, tile_n] * 2
    return out
"""


def _found(decorator: str, body: str = _BODY) -> list[tuple[str, str]]:
    module = compiler.parse(SourceFile("kernel.py", f"{_HEAD}@helion.kernel({decorator}){body}"))
    (kernel,) = module.kernels
    names, settings = FileGlobals(module), Settings()
    signature = infer_signature(kernel, names)
    typed = compiler.check(kernel, signature, names, settings)
    found = compiler.check_configs(kernel, signature, names, settings, typed)
    return [(d.code, module.file.text_of(d.span)) for d in found]


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ("", []),
        ("config=helion.Config(block_sizes=[64, 64], num_warps=8)", []),
        ("config=helion.Config(block_sizes=[64, 64], num_wraps=8)", [("unknown-config-key", "num_wraps")]),
        ("config={'block_sizes': [64, 64], 'num_wraps': 8}", [("unknown-config-key", "num_wraps")]),
        ("config=C(block_sizes=[64])", [("config-list-length", "block_sizes")]),
        ("config=C(block_sizes=[64, 48])", [("config-value", "block_sizes")]),
        ("config=C(num_warps=4)", [("config-list-length", "C(num_warps=4)")]),
        ("configs=[C(block_sizes=[64, 64]), C(block_sizes=[1, 2], num_warps=3)]", [("config-value", "num_warps")]),
        ("configs={'sm_90': {'f32[4,4]': C(block_sizes=[64])}}", [("config-list-length", "block_sizes")]),
        ("configs={'*': C(block_sizes=[64, 64], pid_type='round')}", [("config-value", "pid_type")]),
        ("configs={'sm_90': {'block_sizes': [64, 64, 64]}}", [("config-list-length", "block_sizes")]),
        # Of which architecture a product is, the text does not say: what one of them has is right.
        ("configs={'sm_100': C(block_sizes=[64, 64], range_warp_specializes=[None])}", []),
        ("configs={'NVIDIA B200': C(block_sizes=[64, 64], range_warp_specializes=[None])}", []),
        ("configs={'sm_90': C(block_sizes=[64, 64], range_warp_specializes=[None])}", [("config-list-length", "range_warp_specializes")]),
        ("configs={'NVIDIA B200': C(block_sizes=[64])}", [("config-list-length", "block_sizes")]),
        ("configs={'NVIDIA B200': {'f32[4,4]': C(block_sizes=[64])}}", [("config-list-length", "block_sizes")]),
        ("config=C(block_sizes=[64, W], num_warps=W)", []),
        ("config=SOMEWHERE_ELSE", []),
    ],
)
def test_configs_of_a_decorator(decorator: str, expected: list[tuple[str, str]]) -> None:
    assert _found(decorator) == expected


def test_of_a_kernel_with_errors_the_keys_are_judged() -> None:
    body = _BODY.replace("* 2", "* nothing")
    assert _found("config=C(block_sizes=[64], num_wraps=8)", body) == [("unknown-config-key", "num_wraps")]


def test_lengths_are_not_judged_where_the_rank_is_not_known() -> None:
    body = (
        _BODY.replace("m, n = x.size()\n    ", "")
        .replace("tile_m, tile_n in hl.tile([m, n])", "tile in hl.tile(x.size())")
        .replace("tile_m, tile_n", "tile")
    )
    assert _found("config=C(block_sizes=[64, 64, 64])", body) == []
    assert _found("config=C(block_size=64, flat_loops=[True])", body) == [("unknown-config-key", "flat_loops")]


def test_the_fix_corrects_the_key() -> None:
    module = compiler.parse(SourceFile("kernel.py", f"{_HEAD}@helion.kernel(config={{'block_sizes': [64, 64], 'num_wraps': 8}}){_BODY}"))
    (kernel,) = module.kernels
    names = FileGlobals(module)
    signature = infer_signature(kernel, names)
    typed = compiler.check(kernel, signature, names, Settings())
    (diagnostic,) = compiler.check_configs(kernel, signature, names, Settings(), typed)
    ((edit,),) = [fix.edits for fix in diagnostic.fixes()]
    text = module.file.text
    assert "'num_warps': 8" in text[: edit.span.start] + edit.new_text + text[edit.span.end :]
