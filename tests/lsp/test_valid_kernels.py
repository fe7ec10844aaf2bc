"""Kernels in many styles, none an example: they run, and the editor finds nothing wrong with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details

PATH = Path(__file__).with_name("valid_kernels.py")
TEXT = PATH.read_text(encoding="utf-8")

# Their results against eager torch where one line says what they are; Python runs them on the CPU.
CALLS = """
import torch
import torch.nn.functional as F
from tests.lsp import valid_kernels as k

torch.manual_seed(0)
x, y, v = torch.randn(10, 12), torch.randn(10, 12), torch.randn(12)
same = torch.testing.assert_close
same(k.no_annotations(x, y), x + y)
same(k.other_alias(x, y), x * y + k.SCALE)
same(k.rms(x, v), x * torch.rsqrt((x * x).mean(-1, keepdim=True) + k.EPS) * v)
same(k.optional_bias(x), F.relu(x))
same(k.optional_bias(x, v), F.relu(x + v))
same(k.with_helper(v, 2.0), (v * 2.0).clamp(-1.0, 1.0))
top, low = k.two_results(x)
same((top, low), (x.amax(1), x.amin(1)))
same(k.product_of_halves(x, y.t().contiguous()).float(), x @ y.t(), atol=0.1, rtol=0.1)
same(k.running_maximum(x), x.amax(1))
index = torch.tensor([3, 1, 9])
same(k.gather(x, index), x[index])
same(k.histogram(torch.tensor([0, 2, 2, 1]), 4), torch.tensor([1, 1, 2, 0], dtype=torch.int32))
same(k.masked_by_index(x), x.tril())
q = torch.randn(2, 5, 16)
same(k.specialized_rows(q), q / 4)
same(k.registered_block(x), x.mean(1))
same(k.grid_of_rows(x), x.softmax(1))
a, b = v.clone(), 2 * v
k.swap_in_place(a, b)
same((a, b), (2 * v, v))
same(k.several_configs(v), F.elu(v, 0.5))
same(k.Holder.doubled(x), 2 * x)
"""

FRESH = PATH.with_name("fresh_kernels.py")
CALLS_OF_FRESH = """
import torch
import torch.nn.functional as F
from tests.lsp import fresh_kernels as k

torch.manual_seed(0)
x, y, v = torch.randn(10, 12), torch.randn(10, 12), torch.randn(12)
same = torch.testing.assert_close
same(k.annotated_locals(x), x.logsumexp(1) / k.LN2)
same(k.leading_sizes(x.reshape(2, 5, 12), v), (x * torch.rsqrt(x.square().mean(-1, True) + 1e-6) * v).reshape(2, 5, 12))
same(k.tanh_gelu(x), F.gelu(x, approximate="tanh"))
same((k.by_mode(x), k.by_mode(x, "mean")), (x.sum(1), x.mean(1)))
mixed = torch.arange(20) * 2654435769 & 0xFFFFFFFF
same(k.fibonacci_hash(torch.arange(20, dtype=torch.int32)), ((mixed ^ (mixed >> 15)) >> 24).int() & 255)
image = torch.randn(2, 3, 8, 6)
same(k.average_pool(image), F.avg_pool2d(image, 2))
square = torch.randn(9, 9)
same(k.banded(square, 2), square.triu(-2).tril(2))
matrix, vector = torch.rand(8, 8), torch.rand(8)
current = vector
for _ in range(3):
    current = matrix @ current
    current = current / current.abs().max()
same(k.power_iteration(matrix, vector, 1), current)
first, second = torch.zeros(10), torch.ones(10)
for c in range(12):
    first, second = second, first + x[:, c] * 0.5
same(k.swap_and_scan(x), torch.stack([first, second], 1))
same(k.promoted(x.bfloat16(), y, 2), x.bfloat16() + 2 * y)
norm = (x + v).norm(dim=-1, keepdim=True)
same(k.clip_by_norm(x, v), torch.where(norm > 3, (x + v) * (3 / norm), x + v))
same(k.huber(x, y), F.huber_loss(x, y))
quantized, scales = k.blocks_of_a_row(x)
groups = x.view(10, 3, 4)
same(scales, groups.abs().amax(-1) / 127 + 1e-8)
same(quantized, torch.round(groups / scales[..., None]).to(torch.int8).view(10, 12))
same(k.chained(x, -0.2, 0.2), (x > -0.2) & (x < 0.2))
same(k.every_third(v), F.silu(v[::3]) + v[::3].sigmoid())
same(k.Layer.leaky(x), F.leaky_relu(x, 0.1))
same(k.outer(static_shapes=False)(x, 3.0), 3 * x + 1)
"""

STRANGE = PATH.with_name("stranger_kernels.py")
CALLS_OF_STRANGERS = """
import torch
import torch.nn.functional as F
from tests.lsp import stranger_kernels as k

torch.manual_seed(0)
x, y, v = torch.randn(10, 12), torch.randn(10, 12), torch.randn(12)
same = torch.testing.assert_close
q, theta = torch.randn(5, 3, 8), torch.randn(5, 4)
e, o, c, s = q[..., 0::2], q[..., 1::2], theta.cos()[:, None], theta.sin()[:, None]
same(k.rope_pairs(q, theta), torch.stack([e * c - o * s, e * s + o * c], -1).reshape(5, 3, 8))
same(k.dataclass_weights(x, k.Weights(v, 2 * v)), F.layer_norm(x, [12], v, 2 * v))
same(k.named_tuple_arg(x, k.Rope(y, y)), 2 * x * y)
same(k.dict_arg({"q": x, "k": y}, 2.0), x + 2 * y)
same(k.split_k(x, y.t().contiguous()), x @ y.t(), atol=1e-2, rtol=1e-2)
same(k.online_softmax(x), x.softmax(1))
q, kk, vv = (torch.randn(2, 2, 16, 16) for _ in range(3))
same(k.causal_attention(q, kk, vv), F.scaled_dot_product_attention(q, kk, vv, is_causal=True), atol=1e-2, rtol=1e-2)
f, z, h, steps = torch.rand(4, 6), torch.randn(4, 6), torch.zeros(4), []
for i in range(6):
    h = h * f[:, i] + z[:, i]
    steps.append(h)
same(k.scan_pairs(f, z), torch.stack(steps, 1))
same(k.reduce_tuple(x), (x.amax(1), x.argmax(1).int()))
segment = torch.tensor([0, 0, 1, 1, 1, 2, 2, 2, 3, 3])
same(k.segmented_sum(x, segment, torch.zeros(4, 12)), torch.zeros(4, 12).index_add(0, segment, x))
b, lengths = torch.randn(3, 7, 5), torch.tensor([7, 3, 1])
same(k.rows_of_batches(b, lengths), torch.stack([b[i, : lengths[i]].mean(0) for i in range(3)]))
same(k.two_grids(x, y), (x * 3, y - 1))
same(k.helper_picks(x), x.sin() + F.softplus(x, 2.0))
same(k.tunable_path(v), v)
same(k.conv1d(x, torch.tensor([1.0, 2.0, 3.0])), F.conv1d(x[:, None], torch.tensor([[[1.0, 2.0, 3.0]]]))[:, 0])
same(k.triu_by_grid(x, 1), x.triu(1))
same(k.cumulative(x), (x.cumsum(1), x.flip(1).cumsum(1).flip(1)))
labels = torch.randint(0, 12, [10])
same(k.logits(x, labels), F.cross_entropy(x, labels))
same(k.partial_sums(x), x.sum(0))
same(k.print_and_pass(v), -v)
same(k.swapped(v, 2 * v), (2 * v, v))
z, index = torch.randn(6, 3, 4), torch.tensor([5, 0, 2])
same(k.mixed_index(z, index), z[index, 2])
w = torch.arange(40, dtype=torch.int32)
u = w ^ (w >> 3)
u = u & 0xFF | (u << 1) & ~0x7
same(k.bits(w), torch.where((u & 1) == 0, u, -u))
halved = k.while_halving(v * 10)
assert halved.abs().max() <= 1 and torch.equal(torch.frexp(halved)[0], torch.frexp(v * 10)[0])
same(k.layer_stats(x), (x.mean(1), x.std(1, correction=0)))
same(k.Namespace.Inner.shifted(x.view(-1)), x.view(-1) + 1)
"""


@pytest.mark.parametrize("calls", [CALLS, CALLS_OF_FRESH, CALLS_OF_STRANGERS], ids=["usual", "fresh", "strangers"])
def test_they_run(calls: str) -> None:
    env = {**os.environ, "HELION_INTERPRET": "1", "PYTHONPATH": str(PATH.parents[2])}
    run = subprocess.run([sys.executable, "-c", calls], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_nothing_is_wrong_with_them() -> None:
    analysis = Analyzer().analyse(str(PATH), TEXT)
    assert len(analysis["kernels"]) >= 15
    found = [(k["name"], d["code"], d["severity"]) for k in analysis["kernels"] for d in k["diagnostics"]]
    assert [*analysis["diagnostics"], *found] == [("product_of_halves", "rounded-accumulation", "warning")]


def test_nothing_is_wrong_with_unusual_ones() -> None:
    path = Path(__file__).with_name("unusual_kernels.py")
    analysis = Analyzer().analyse(str(path), path.read_text(encoding="utf-8"))
    assert len(analysis["kernels"]) >= 25
    found = [(k["name"], d["code"], d["message"]) for k in analysis["kernels"] for d in k["diagnostics"]]
    assert [*analysis["diagnostics"], *found] == []


@pytest.mark.parametrize(("path", "count"), [(FRESH, 17), (STRANGE, 26)], ids=["fresh", "strangers"])
@pytest.mark.parametrize("odd", [False, True])
def test_nothing_is_wrong_with_others(path: Path, count: int, odd: bool) -> None:
    text = path.read_text(encoding="utf-8")
    text = "\ufeff" + text.replace("\n", "\r\n").replace("kernel\r\n", "kernel  # 🧮\u2028\f\r\n") if odd else text
    analysis = Analyzer().analyse(str(path), text)
    details = Details().details(str(path), text, {"target": "sm_90"})["kernels"]
    assert len(analysis["kernels"]) >= count
    found = [(k["name"], d["code"], d["message"]) for k in analysis["kernels"] for d in (*k["diagnostics"], *details[k["key"]]["doubts"])]
    assert [*analysis["diagnostics"], *found] == []


def test_their_details_are_there() -> None:
    details = Details().details(str(PATH), TEXT, {})
    assert all(d["problem"] is None for d in details["kernels"].values())
    assert sum(bool(d["facts"]) for d in details["kernels"].values()) >= 7, "kernels whose ranks the text says"
