"""Previews for any config, by name or as text; what differs between two; lines of each form lead to the others."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pytest

from helion.syntax.config_text import config_values
from helion_lsp.features.preview_diff import preview_diff
from helion_lsp.worker.preview import preview
from tests.lsp.test_facts_features import PRODUCT
from tests.lsp.test_hover import COPY, EXAMPLES, HEAD

TEXT = f"{HEAD}@helion.kernel(configs={{'sm_90': helion.Config(block_sizes=[4], num_warps=2)}})\n{COPY}"
SAMPLE = "bf16[64,128]"


def shown(**params: Any) -> dict[str, Any]:
    return preview("copy.py", TEXT, {"kernel": "copy", "kind": "triton", "args": SAMPLE, **params})


@pytest.mark.parametrize(
    "written",
    ["helion.Config(block_sizes=[16])", "Config(block_sizes=[16])", "block_sizes=[16]", '{"block_sizes": [16]}', "{'block_sizes': [16]}"],
)
def test_configs_are_read_and_never_run(written: str) -> None:
    assert config_values(written) == {"block_sizes": [16]}
    assert "# the given config: Config(block_sizes=[16])" in shown(config=written)["text"]


def test_configs_by_name() -> None:
    assert "# the default config: Config(" in shown()["text"]
    assert shown(config="default")["text"] == shown()["text"]
    assert "# the config in the decorator: Config(block_sizes=[4], num_warps=2)" in shown(config="locked")["text"]
    assert "no config that fits sm_80" in shown(config="locked", target="sm_80")["text"]


@pytest.mark.parametrize("wrong", ["__import__('os').getcwd()", "block_sizes=open('x')", "["])
def test_what_is_no_config_is_said(wrong: str) -> None:
    assert config_values(wrong) is None
    assert "a config is written" in shown(config=wrong)["text"]


def test_a_config_that_does_not_fit_is_said() -> None:
    assert "`block_sizes` has 2 entries where this kernel has 1" in shown(config="block_sizes=[4, 4]")["text"]


def test_a_diff_of_two_configs() -> None:
    left, right = shown(config="block_sizes=[8]"), shown(config="block_sizes=[16]")
    found = preview_diff(left, right, ("8", "16"))
    assert any(line.startswith("-") and "8" in line for line in found["text"].splitlines()[2:])
    assert any(line.startswith("+") and "16" in line for line in found["text"].splitlines()[2:])
    first, second = left["text"].splitlines(), right["text"].splitlines()
    assert all(first[a : a + size] == second[b : b + size] for a, b, size in found["same"])
    assert preview_diff(left, left, ("8", "8"))["text"] == ""


def test_lines_lead_to_the_source_and_assembly_to_triton() -> None:
    triton = shown(config="locked")
    load = next(i for i, line in enumerate(triton["text"].splitlines()) if "tl.load(" in line)
    source = TEXT.splitlines()
    assert any("x[tile, :]" in source[first] for line, first, _ in triton["sourceMap"] if line == load)
    ptx = shown(config="locked", kind="ptx")
    assert ".visible .entry" in ptx["text"]
    assembly = ptx["text"].splitlines()
    loads = [i for i, line in enumerate(assembly) if "ld.global" in line]
    lines = triton["text"].splitlines()
    assert {lines[to].strip().split("(")[0] for line, to in ptx["tritonMap"] if line in loads} == {"load = tl.load"}
    places = {source[first].strip() for line, first, _ in ptx["sourceMap"] if line in loads}
    assert places == {"rows = x[tile, :].to(torch.float32)"}
    assert sum("x[tile, :]" in source[first] for _, first, _ in ptx["sourceMap"]) > 2, "every instruction of a load leads to it"
    plain = [i for i, line in enumerate(assembly) if line.strip().startswith((".loc", "//", ".reg")) or not line.strip()]
    assert not {line for line, *_ in (*ptx["sourceMap"], *ptx["tritonMap"])} & set(plain)


def test_the_decorator_s_settings_are_those_of_previews() -> None:
    dynamic = TEXT.replace("@helion.kernel(", "@helion.kernel(static_shapes=False, ")
    generated = preview("copy.py", dynamic, {"kernel": "copy", "kind": "triton", "args": SAMPLE})["text"]
    assert "x_size_0" in generated, "sizes are arguments"
    assert "x_size_0" not in shown()["text"]


def test_the_decorator_s_precision_is_that_of_previews() -> None:
    asked = {"kernel": "product", "kind": "triton", "args": "f32[128,256], f32[256,512]"}
    exact = PRODUCT.replace("@helion.kernel", "@helion.kernel(dot_precision='ieee')")
    assert "input_precision='ieee'" in preview("product.py", exact, asked)["text"]
    assert "input_precision='tf32'" in preview("product.py", PRODUCT, asked)["text"]


def test_sizes_of_a_call_choose_the_default_config_and_leave_types_alone() -> None:
    """Attention with heads of 4096 would not fit any device; the file's own call says 128."""
    path = EXAMPLES / "attention.py"
    asked = {"kernel": "attention", "kind": "resources"}
    text = preview(str(path), path.read_text(encoding="utf-8"), asked)["text"]
    assert "sizes are those of the call at line" in text
    rows = {line[:26].strip(): line[26:].strip() for line in text.splitlines() if not line.startswith("#")}
    assert re.fullmatch(r"\d+ of 255 a thread", rows["registers"])
    assert re.fullmatch(r"[\d,]+ of 232,448 bytes a block", rows["shared memory"])
    assert re.fullmatch(r"[\d.]+ %: \d+ blocks? a multiprocessor, limited by \w+.*", rows["occupancy"])
    assert rows["tensor cores"] == "wgmma"


def test_the_head_says_where_pointers_are_used_though_the_config_asks_for_descriptors() -> None:
    """Rows of 100 bf16 are no multiple of 16 bytes, which the copy engine asks for."""

    def head(sample: str, indexing: str) -> str:
        text = shown(args=sample, config=f"block_sizes=[16], indexing='{indexing}'")["text"]
        return text.partition("from __future__")[0]

    assert "# `x`, `out` each moves by pointers, not by the copy engine: its outer" in head("bf16[64,100]", "tensor_descriptor")
    assert "pointers" not in head("bf16[64,128]", "tensor_descriptor")
    assert "pointers" not in head("bf16[64,100]", "pointer"), "that is what was asked for"
    lines = head("bf16[64,100]", "tensor_descriptor").splitlines()
    assert all(line.startswith("# ") and len(line) <= 72 for line in lines), lines


def test_what_there_is_no_preview_of_is_said() -> None:
    assert shown(target="H100")["text"].startswith("# `H100` is not a target; one of sm_80, ")
    assert shown(kind="sass")["text"] == "# there is no preview `sass`; one of triton, ptx, resources, ir, types, space"


def test_what_is_wrong_with_a_kernel_is_said_as_the_editor_says_it() -> None:
    """A variable of the function around it is no name that is not defined."""
    inside = f"{HEAD}def make(scale):\n    @helion.kernel\n" + textwrap.indent(COPY.replace("x[tile, :]", "x[tile, :] * scale"), "    ")
    text = preview("copy.py", inside, {"kernel": "copy", "kind": "triton", "args": SAMPLE})["text"]
    assert "error[closure-read]: `scale` is a variable of `make`" in text
    assert "undefined-name" not in text
