"""The text of decision files, and what its functions answer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from helion.autotune.few_configs import Timed, few_configs
from helion.runtime.aot_notes import KernelId
from helion.runtime.decide import nearest_number, signature_of
from helion.runtime.decision_file import Chosen, text_of_file, write_atomically

TIMED = (
    Timed("f32[64,128]", 4, 20.0, (10.0, 30.0)),
    Timed("f32[4096,128]", 1, 20.0, (30.0, 10.0)),
    Timed("f32[64,4096]", 1, 10.0, (30.0, 30.0)),
)
CONFIGS = (
    {"block_sizes": [16, 32], "indexing": "pointer", "num_warps": 4},
    {"block_sizes": [64, 64], "load_eviction_policies": ["", "last"], "range_flattens": [None, True]},
)
CHOSEN = Chosen(
    KernelId("softmax", "/src/layers.py", "cuda_sm90", "NVIDIA H200"), (), TIMED, few_configs(TIMED, 0.03), CONFIGS, 0.03, ("on a GPU",)
)


def functions_of(text: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(text, scope)
    return scope


def test_it_decides_exactly_then_by_the_nearest_sizes() -> None:
    scope = functions_of(text_of_file("layers", "cuda_sm90", [CHOSEN]))
    key, autotune = scope["key_softmax"], scope["autotune_softmax"]
    first, second = key(torch.empty(64, 128)), key(torch.empty(4096, 128))
    assert {first, second} == {0, 1}
    assert autotune(torch.empty(64, 128)) == CONFIGS[0]
    assert autotune(torch.empty(3000, 100)) == CONFIGS[1], "the nearest sizes"
    assert key(torch.empty(64, 4096)) == -1
    assert autotune(torch.empty(64, 4096)) == {}, "the default was the fastest"
    assert key(torch.empty(64, 128, dtype=torch.float16)) == -1, "nothing like it was measured"
    autotune(torch.empty(64, 128))["num_warps"] = 1
    assert autotune(torch.empty(64, 128)) == CONFIGS[0], "a caller's changes are its own"


def test_the_text_is_stable_under_formatters_and_the_same_for_equal_choices(tmp_path: Path) -> None:
    text = text_of_file("layers", "cuda_sm90", [CHOSEN, replace(CHOSEN, kernel=replace(CHOSEN.kernel, name="other"))])
    assert text == text_of_file("layers", "cuda_sm90", [replace(CHOSEN, kernel=replace(CHOSEN.kernel, name="other")), CHOSEN])
    assert "         4        20.00        10.00        10.00       0  f32[64,128]\n" in text
    path = tmp_path / "decisions.py"
    write_atomically(path, text)
    assert [file.name for file in tmp_path.iterdir()] == ["decisions.py"]
    ruff = shutil.which("ruff") or str(Path(sys.executable).parent / "ruff")
    for length in ("88", "140"):
        checked = subprocess.run(
            [ruff, "format", "--isolated", "--line-length", length, "--diff", str(path)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_sections_of_kernels_that_were_not_measured_now_stay() -> None:
    other = replace(CHOSEN, kernel=replace(CHOSEN.kernel, name="other"))
    both = text_of_file("layers", "cuda_sm90", [CHOSEN, other])
    assert text_of_file("layers", "cuda_sm90", [other], text_of_file("layers", "cuda_sm90", [CHOSEN])) == both
    assert text_of_file("layers", "cuda_sm90", [CHOSEN], both) == both


def test_batched_sizes_do_not_matter() -> None:
    x, w = torch.empty(7, 64), torch.empty(64, 32)
    assert signature_of((x, w, 2, None)) == "f32[7,64], f32[64,32], int, None"
    assert signature_of((x, w, 2, None), ((0, None), None)) == "f32[batch,64], f32[64,32], int, None"
    batched = ((0, None),)
    table = {"f32[batch,64]": 0, "f32[batch,4096]": 1}
    assert [nearest_number(table, (torch.empty(m, k),), batched) for m, k in ((1, 64), (9999, 70), (1, 5000))] == [0, 0, 1]
    timed = (Timed("f32[batch,64]", 1, 20.0, (10.0, 30.0)),)
    chosen = replace(CHOSEN, batched=[[0, None]], timed=timed, few=few_configs(timed, 0.03))
    assert functions_of(text_of_file("layers", "cuda_sm90", [chosen]))["autotune_softmax"](torch.empty(123, 64)) == CONFIGS[0]


@pytest.mark.parametrize("args", [(torch.empty(2, 2, 2),), (1.5,), (torch.empty(4), torch.empty(4))])
def test_other_ranks_kinds_and_numbers_of_arguments_are_not_near(args: tuple[Any, ...]) -> None:
    assert nearest_number({"f32[64,128]": 0, "int": 1}, args) is None
