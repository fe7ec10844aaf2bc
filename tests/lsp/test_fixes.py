"""Fixes that need the kernel around a diagnostic: each one, applied, does away with what it is a fix of."""

from __future__ import annotations

from typing import Any

import pytest

from helion_lsp.features.view import tried_key
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details
from tests.lsp.asked_fixes import asked_everywhere
from tests.lsp.test_hover import HEAD

START = """@helion.kernel
def f(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
"""
OF_ANY_RANK = """@helion.kernel
def f(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for t in hl.tile(x.size(0)):
"""
ROWS = f"{START}    for a in hl.tile(m):\n"
PRODUCT = """@helion.kernel
def f(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    k2, n = y.size()
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for a, b in hl.tile([m, n]):
        acc = hl.zeros([a, b], dtype=torch.bfloat16)
        for c in hl.tile(k):
            acc = acc + x[a, c] @ y[c, b]
        out[a, b] = acc
    return out


f(torch.zeros([8, 8], dtype=torch.bfloat16), torch.zeros([8, 8], dtype=torch.bfloat16))
"""
SUMMED = PRODUCT.replace("acc + x[a, c] @ y[c, b]", "torch.addmm(acc, x[a, c], y[c, b])").replace("b], dtype=torch.bfloat16", "b]")
COPIED = "        out[a, :] = x[a, :]\n    return out\n"
CASES = {
    "no-device-loop": "@helion.kernel\ndef f(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:\n    return torch.exp(x) + y\n",
    "failed-to-unpack-tile": f"{START}    for a, b in hl.tile(m):\n{COPIED}",
    "unknown-attribute": f"{ROWS}        zero = hl.zeroes([a])\n        out[a, 0] = zero\n    return out\n",
    "host-variable-modified-on-device": f"{ROWS}        out += x[a, :]\n    return out\n",
    "device-value-index": f"{ROWS}        v = x[a, :]\n        out[a, :] = v[v > 0]\n    return out\n",
    "store-to-device-value": f"{ROWS}        v = x[a, :]\n        v[v > 0] = 0.0\n        out[a, :] = v\n    return out\n",
    "statement-between-loops": f"{ROWS}{COPIED[: COPIED.index('    return')]}    z = m + 1\n    for a in hl.tile(m):\n"
    "        out[a, :] = x[a, :] + z\n    return out\n",
    "device-variable-read-on-host": f"{ROWS}        v = x[a, :].sum(-1)\n        out[a, :] = x[a, :]\n    return v\n",
    "loop-carried-type-change": f"{ROWS}        acc = hl.zeros([a], dtype=torch.float16)\n        for b in hl.tile(n):\n"
    "            acc = acc + x[a, b].to(torch.float32).sum(-1)\n        out[a, 0] = acc\n    return out\n",
    "config-value": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(config=helion.Config(block_sizes=[7], num_warps=64))\n", 1),
    "config-list-length": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(config=helion.Config(block_sizes=[8, 8, 8]))\n", 1),
    "rounded-accumulation": PRODUCT,
}
WHOLE = f"{ROWS}        v = x[a, :].to(torch.float32)\n"
# Kernels with one mistake each, by what the first fix is called: the fixed text has nothing wrong with it.
MENDED = {
    "Take both with `hl.split`": f"{START}    pairs = hl.specialize(n // 2)\n    for a in hl.tile(m):\n"
    "        low, high = x[a, :].reshape([a, pairs, 2]).unbind(-1)\n        out[a, 0] = low.sum(-1) + high.sum(-1)\n    return out\n",
    "Load each half": f"{ROWS}        low, high = torch.chunk(x[a, :], 2, dim=1)\n        out[a, 0] = low.sum(-1) + high.sum(-1)\n    return out\n",
    "Split it as a last dim of two": f"{ROWS}        v = hl.zeros([a, 8], dtype=torch.float32)\n"
    "        low, high = v.chunk(2, -1)\n        out[a, 0] = (low + high).sum(-1)\n    return out\n",
    "Keep the shape: `torch.where`, with 0 elsewhere": f"{WHOLE}        u = torch.masked_select(v, v > 0)\n"
    "        out[a, 0] = u.sum(-1)\n    return out\n",
    "Keep every lane: its index, or -1": f"{ROWS}        u = torch.nonzero(x[a, 0] > 0)\n        out[a, 0] = u\n    return out\n",
    "Broadcast what is assigned to [a, n]": f"{WHOLE}        for b in hl.tile(n):\n            v = x[a, b].sum(-1).to(torch.float32)\n"
    "        out[a, :] = v\n    return out\n",
    "Use a buffer of the host, `v_sum`": f"{ROWS}        v = x[a, 0]\n        hl.atomic_add(v, [a], 1)\n        out[a, 0] = v\n    return out\n",
    "Extract what `doubled` computes as a function": "@helion.kernel\ndef doubled(x: torch.Tensor, scale: float) -> torch.Tensor:\n"
    "    out = torch.empty_like(x)\n    for t in hl.tile(x.size()):\n        out[t] = x[t] * 2 * scale + x[t]\n    return out\n\n\n"
    f"{START}    for a, b in hl.tile([m, n]):\n        out[a, b] = doubled(x, 3.0)\n    return out\n",
    "Swap it with `@helion.kernel`": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(static_shapes=False)\n@torch.no_grad()\n", 1),
    "Remove `key`": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(static_shapes=False, key=lambda x: 0)\n", 1),
    "Remove `config`": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(config={'block_sizes': [8]}, configs=[{'block_sizes': [16]}])\n", 1),
    'Change to "quick"': f"{ROWS}{COPIED}".replace("kernel\n", 'kernel(autotune_effort="quik")\n', 1),
    "Change to `static_shapes`": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(static_shape=False)\n", 1),
    "Lower num_stages to 3": SUMMED.replace("kernel\n", "kernel(config=helion.Config(block_sizes=[256, 256, 64], num_stages=6))\n", 1),
    "Lower block_sizes to [128, 128, 64]": SUMMED.replace(
        "kernel\n", "kernel(config=helion.Config(block_sizes=[256, 256, 256], num_stages=4))\n", 1
    ),
    "Begin `acc` with [a]": f"{ROWS}        acc = hl.zeros([], dtype=torch.float32)\n        for b in hl.tile(n):\n"
    "            acc = acc + x[a, b].to(torch.float32).sum(-1)\n        out[a, 0] = acc\n    return out\n",
    "Index with `[t]`": f"{OF_ANY_RANK}        out[t] = x + 1\n    return out\n",
    "Store into `out[t]`": f"{OF_ANY_RANK}        out += x[t]\n    return out\n",
    "Remove `l2_groupings`": f"{ROWS}{COPIED}".replace("kernel\n", "kernel(config={'l2_groupings': [2], 'block_sizes': [8]})\n", 1),
    "Change to 'flat'": f"{ROWS}{COPIED}".replace("kernel\n", 'kernel(config=helion.Config(block_sizes=[8], pid_type="flats"))\n', 1),
    "Index with 64 bits": '@helion.kernel(index_dtype=torch.int32)\ndef f(x: Float32[torch.Tensor, "1048576 8192"]):\n'
    "    for a in hl.tile(1048576):\n        x[a, :] = 0\n",
}
SHORT = f"{START}    for a, b in hl.tile([m, n]):\n        out[a, b] = x[a, b]\n    return out\n"


def problems(text: str) -> list[dict[str, Any]]:
    """The diagnostics of kernels, with every fix that a code action offers."""
    analysis = Analyzer().analyse("f.py", text)
    assert analysis["diagnostics"] == [], text
    tried = asked_everywhere("f.py", text, analysis).tried
    return [
        {**d, "start": k["start"], "fixes": [*d["fixes"], *tried.get(tried_key(k, d), ())]}
        for k in analysis["kernels"]
        for d in k["diagnostics"]
    ]


def mended(text: str, problem: dict[str, Any], fix: dict[str, Any]) -> str:
    edits = sorted(fix["edits"], reverse=True)
    for start, end, new in edits:
        text = text[: problem["start"] + start] + new + text[problem["start"] + end :]
    return text


@pytest.mark.parametrize("code", CASES)
def test_each_fix_mends(code: str) -> None:
    text = f"{HEAD}{CASES[code]}"
    found = [p for p in problems(text) if p["code"] == code]
    assert found, problems(text)
    for problem in found:
        assert problem["fixes"], problem
        for fix in problem["fixes"]:
            assert not fix["safe"], "nobody's unasked change"
            after = problems(mended(text, problem, fix))
            assert len([p for p in after if p["code"] == code]) < len(found), mended(text, problem, fix)


@pytest.mark.parametrize("title", MENDED)
def test_what_is_mended_is_right(title: str) -> None:
    text = f"{HEAD}{MENDED[title]}"
    (problem,) = [p for p in problems(text) if p["fixes"]]
    assert title in [fix["title"] for fix in problem["fixes"]]
    for fix in problem["fixes"]:
        after = mended(text, problem, fix)
        assert problems(after) == [], after


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (f"{ROWS}        breakpoint()\n{COPIED}", "helion.debugInInterpreter"),
        (f"{ROWS}{COPIED}".replace("kernel\n", 'kernel(on_missing="error")\n', 1), "helion.tuneAndLock"),
        (MENDED["Lower num_stages to 3"], "helion.tuneAndLock"),
    ],
)
def test_what_an_edit_cannot_mend_a_command_may(text: str, command: str) -> None:
    (problem,) = problems(f"{HEAD}{text}")
    assert problem["severity"] != "error"
    assert [(found["command"], found["arguments"][0]) for found in problem["commands"]] == [(command, "f")]


def test_a_list_that_is_too_short_gets_a_value_for_each_place() -> None:
    text = f"{HEAD}{SHORT}".replace("kernel\n", "kernel(config=helion.Config(block_sizes=[8]))\n", 1)
    (problem,) = problems(text)
    (fix,) = problem["fixes"]
    assert fix["title"] == "Add 8 for b"
    after = mended(text, problem, fix)
    assert "block_sizes=[8, 8]" in after
    assert problems(after) == []


def test_a_fix_of_whole_tensors_makes_a_kernel() -> None:
    text = f"{HEAD}{CASES['no-device-loop']}"
    (problem,) = problems(text)
    after = mended(text, problem, problem["fixes"][0])
    assert (
        "    out = torch.empty_like(x)\n    for tile in hl.tile(out.size()):\n        out[tile] = torch.exp(x[tile]) + y[tile]\n    return out\n"
        in after
    )
    assert problems(after) == []


@pytest.mark.parametrize("value", ["x[a, b] + x[b, a]", "torch.mm(x[a, :], x[b, :])"])
def test_operands_that_do_not_fit_are_shown_where_they_stand(value: str) -> None:
    text = f"{HEAD}{SHORT.replace('= x[a, b]', f'= {value}')}"
    (problem, *_) = problems(text)
    places = [text[problem["start"] + s : problem["start"] + e] for s, e in (n["span"] for n in problem["notes"] if n["span"])]
    assert len(places) == 2
    assert all(place in value for place in places)


@pytest.mark.parametrize(("call", "samples"), [('f(torch.zeros([65536, 65536], device="cuda"))\n', {}), ("", {"f": "f32[65536,65536]"})])
def test_what_a_call_or_a_chosen_signature_is_too_large_for_is_said(call: str, samples: dict[str, str]) -> None:
    text = f"{HEAD}{ROWS}{COPIED}\n\n{call}".replace("kernel\n", "kernel(index_dtype=torch.int32)\n", 1)
    assert problems(text) == []
    (kernel,) = Details().details("f.py", text, {"samples": samples})["kernels"].values()
    found = [(doubt["code"], doubt["fixes"][0]["title"]) for doubt in kernel["doubts"]]
    assert found == [("index-type-too-small", "Index with 64 bits"), ("offset-too-large", "Index with 64 bits")]


def test_what_fits_is_not_too_large() -> None:
    text = f"{HEAD}{ROWS}{COPIED}\n\nf(torch.zeros([64, 64]))\n".replace("kernel\n", "kernel(index_dtype=torch.int32)\n", 1)
    (kernel,) = Details().details("f.py", text, {})["kernels"].values()
    assert kernel["doubts"] == []
