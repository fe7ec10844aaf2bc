"""Fixes that put memory, dims or loops where a kernel lacks them: what is offered, that nothing is wrong with it, and that it computes what
was meant."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from tests.interpreter_process import InterpreterProcess
from tests.lsp.test_fixes import mended, problems
from tests.lsp.test_hover import HEAD


@dataclass(frozen=True)
class Mistake:
    """A kernel's lines with one mistake, the titles that are offered, and what each fixed kernel gives for its arguments, as Python."""

    lines: str
    titles: tuple[str, ...]
    expected: str
    parameters: str = "x"
    returns: str = ""
    options: str = ""

    @property
    def blocks(self) -> list[int]:
        """A block size for each tile, so that there are several of each."""
        return [4, 2][: self.lines.count("hl.tile(") + self.lines.count("hl.tile([")]

    @property
    def text(self) -> str:
        annotated = ", ".join(name if ":" in name else f"{name}: torch.Tensor" for name in self.parameters.split(", "))
        body = "".join(f"    {line}\n" for line in self.lines.strip().splitlines())
        options = self.options or f"config=helion.Config(block_sizes={self.blocks})"
        return f"{HEAD}@helion.kernel({options})\ndef f({annotated}){self.returns}:\n{body}"


SUM = "Add up `total` in a tensor of the host"
SIZES = "m, n = x.size()\n"
EMPTY = f"{SIZES}out = torch.empty([m, n], device=x.device)\n"
ROWS = f"{SIZES}out = torch.empty([m], device=x.device)\n"
NUMBERS = {
    "a sum": Mistake(
        f"{SIZES}total = 0.0\nfor a, b in hl.tile([m, n]):\n    total += x[a, b].sum(-1).sum(-1)\nreturn total", (SUM,), "x.sum()"
    ),
    "a sum that begins with an argument": Mistake(
        f"{SIZES}for a, b in hl.tile([m, n]):\n    total -= x[a, b].sum(-1).sum(-1)\nreturn total * 2",
        (SUM,),
        "2 * (1.5 - x.sum())",
        "x, total: float",
    ),
    "a sum of what the text says no dtype of": Mistake(
        f"{SIZES}total = 0\nfor a, b in hl.tile([m, n]):\n    total = x[a, b].sum(-1).sum(-1) + total\nreturn total",
        (f"{SUM}, torch.float32", f"{SUM}, torch.int64"),
        "index.sum()",
        "x",
    ),
    "two sums in one": Mistake(
        f"{SIZES}total = 0.0\nfor a, b in hl.tile([m, n]):\n    total += x[a, b].sum(-1).sum(-1)\n"
        "    total += y[a, b].sum(-1).sum(-1)\nreturn total / m",
        (SUM,),
        "(x + y).sum() / 6",
        "x, y",
    ),
    "a count, given as a number": Mistake(
        f"{SIZES}count = 3\nfor a, b in hl.tile([m, n]):\n    count += (x[a, b] > 0).sum(-1).sum(-1)\nreturn count",
        ("Add up `count` in a tensor of the host",),
        "3 + int((x > 0).sum())",
        returns=" -> int",
    ),
    "a count of programs": Mistake(
        f"{SIZES}count = 0\nfor i, j in hl.grid([m, n]):\n    if x[i, j] > 0:\n        count += 1\nreturn count",
        ("Add up `count` in a tensor of the host",),
        "(x > 0).sum()",
    ),
    "the largest": Mistake(
        f'{SIZES}best = float("-inf")\nfor a, b in hl.tile([m, n]):\n    best = max(best, x[a, b].amax(-1).amax(-1))\nreturn best',
        ("Keep the largest `best` in a tensor of the host",),
        "x.max()",
    ),
    "sums of rows": Mistake(
        f"{SIZES}rows = 0.0\nfor a, b in hl.tile([m, n]):\n    rows += x[a, b].sum(-1)\nreturn rows",
        ("Add up `rows` in a tensor of the host",),
        "x.sum(-1)",
    ),
    "sums of rows, begun before the sizes are known": Mistake(
        f"rows = 1.0\n{SIZES}for t in hl.tile([m, n]):\n    rows += x[t].sum(-1)\nreturn rows",
        ("Add up `rows` in a tensor of the host",),
        "1 + x.sum(-1)",
    ),
    "bits": Mistake(
        f"{SIZES}bits = 0\nfor a, b in hl.tile([m, n]):\n    bits |= x[a, b].to(torch.int32).amax(-1).amax(-1)\nreturn bits",
        ("Combine `bits` in a tensor of the host",),
        "functools.reduce(torch.bitwise_or, [x[i : i + 4, j : j + 2].int().max() for i in (0, 4) for j in (0, 2, 4)]).long()",
    ),
    "every element": Mistake(
        f"{SIZES}v = 1.0\nfor a, b in hl.tile([m, n]):\n    v = v + x[a, b] * 2\nreturn v",
        ("Store into `v[a, b]`, a tensor of the host",),
        "1 + 2 * x",
    ),
    "every row, round by round": Mistake(
        f"{SIZES}v = 1.0\nfor a in hl.tile(m):\n    for b in hl.tile(n):\n        v *= x[a, b].to(torch.float32).prod(-1)\nreturn v",
        ("Store into `v[a]`, a tensor of the host",),
        "x.prod(-1)",
    ),
    "a flag": Mistake(
        f"{SIZES}found = False\nfor a, b in hl.tile([m, n]):\n    if x[a, b].amax(-1).amax(-1) > 1.5:\n        found = True\nreturn found",
        ("Store into `found[()]`, a tensor of the host",),
        "bool((x > 1.5).any())",
        returns=" -> bool",
    ),
    "a value of each index": Mistake(
        f"{SIZES}last = 0.0\nfor i in hl.grid(m):\n    last = x[i, :].sum(-1)\nreturn last",
        ("Store into `last[i]`, a tensor of the host",),
        "x.sum(-1)",
    ),
}
RESULTS = {
    "a row": Mistake(
        f"{SIZES}for a in hl.tile(m):\n    v = x[a, :].sum(-1)\nreturn v", ("Store `v` into a tensor of the host",), "x.sum(-1)"
    ),
    "a size without a name": Mistake(
        "for a in hl.tile(x.size(0)):\n    v = x[a, :].sum(-1)\nreturn v", ("Store `v` into a tensor of the host",), "x.sum(-1)"
    ),
    "a dtype of its own": Mistake(
        f"{SIZES}for a in hl.tile(m):\n    v = x[a, :].argmax(-1)\nreturn v", ("Store `v` into a tensor of the host",), "x.argmax(-1)"
    ),
    "a number of each index": Mistake(
        f"{SIZES}for i in hl.grid(m):\n    v = x[i, :].sum(-1)\nreturn v", ("Store `v` into a tensor of the host",), "x.sum(-1)"
    ),
    "either branch, read twice": Mistake(
        f"{SIZES}for a in hl.tile(m):\n    if flag > 0:\n        v = x[a, 0] * 2\n    else:\n        v = x[a, 0]\nreturn v, v + 1",
        ("Store `v` into a tensor of the host",),
        "(2 * x[:, 0], 2 * x[:, 0] + 1)",
        "x, flag: int",
    ),
    "what a loop carries": Mistake(
        f"{SIZES}for a in hl.tile(m):\n    acc = hl.zeros([a])\n    for b in hl.tile(n):\n        acc = acc + x[a, b].sum(-1)\nreturn acc",
        ("Store `acc` into a tensor of the host",),
        "x.sum(-1)",
    ),
    "a tile of an inner loop": Mistake(
        f"{SIZES}for a in hl.tile(m):\n    for b in hl.tile(n):\n        v = x[a, b] * 2\nreturn v",
        ("Store `v` into a tensor of the host",),
        "2 * x",
    ),
    "rows from the second on": Mistake(
        f"{SIZES}for a in hl.tile(1, m):\n    v = x[a, :].sum(-1)\nreturn v",
        ("Store `v` into a tensor of the host",),
        "torch.cat([torch.zeros(1), x[1:].sum(-1)])",
    ),
    "parts of a sum": Mistake(
        f"{SIZES}for a, b in hl.tile([m, n]):\n    v = x[a, b].to(torch.float32).sum(-1)\nreturn v",
        ("Add up `v` over `b` in a tensor of the host",),
        "x.sum(-1)",
    ),
}
RANKS = {
    "a dim kept in a loop": Mistake(
        f"{ROWS}for a in hl.tile(m):\n    acc = hl.zeros([a])\n    for b in hl.tile(n):\n"
        "        acc = acc + x[a, b].sum(-1, keepdim=True)\n    out[a] = acc\nreturn out",
        ("Do not keep the dim: `sum` without `keepdim`", "Make `x[a, b].sum(-1, keepdim=True)` of [a]: `.squeeze(1)`"),
        "x.sum(-1)",
    ),
    "a dim lost in a loop": Mistake(
        f'{EMPTY}for a in hl.tile(m):\n    best = hl.full([a, 1], float("-inf"))\n    for b in hl.tile(n):\n'
        "        best = torch.maximum(best, x[a, b].amax(-1))\n    out[a, :] = x[a, :] - best\nreturn out",
        ("Keep the dim: `amax(..., keepdim=True)`", "Make `x[a, b].amax(-1)` of [a, 1]: `[:, None]`"),
        "x - x.amax(-1, keepdim=True)",
    ),
    "a dim that it should have begun with": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    s = hl.zeros([a])\n    for b in hl.tile(n):\n        s += x[a, b].sum(1, keepdim=True)\n"
        "    out[a, :] = x[a, :] / s\nreturn out",
        ("Begin `s` with [a, 1]",),
        "x / x.sum(-1, keepdim=True)",
    ),
    "a value with a name": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    acc = hl.zeros([a, 1])\n    for b in hl.tile(n):\n        row = x[a, b].sum(1)\n"
        "        acc = acc + row\n    out[a, :] = x[a, :] / acc\nreturn out",
        ("Make `row` of [a, 1]: `[:, None]`",),
        "x / x.sum(-1, keepdim=True)",
    ),
    "branches": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    if flag > 0:\n        v = x[a, :].sum(-1)\n    else:\n        v = x[a, :].amax(-1, keepdim=True)\n"
        "    out[a, :] = x[a, :] - v\nreturn out",
        ("Keep the dim: `sum(..., keepdim=True)`", "Make `x[a, :].sum(-1)` of [a, 1]: `[:, None]`"),
        "x - x.sum(-1, keepdim=True)",
        "x, flag: int",
    ),
    "a branch that changes it": Mistake(
        f"{EMPTY}for a, b in hl.tile([m, n]):\n    v = x[a, b]\n    if flag > 0:\n        v = y[b]\n    out[a, b] = v\nreturn out",
        ("Broadcast what is assigned to [a, b]",),
        "y.expand(x.size())",
        "x, y, flag: int",
    ),
}
UNTUNED = 'autotune_effort="none"'
EACH_LOOP = "Make a kernel of each loop"
LOOPS = {
    "whole tensors": Mistake(
        "out = torch.empty_like(x)\nout = torch.exp(x) + y\nreturn out",
        ("Compute it in a loop over tiles",),
        "x.exp() + y",
        "x, y",
        options=UNTUNED,
    ),
    "whole tensors, of another dtype": Mistake(
        "return (x > y).to(torch.int32)", ("Compute it in a loop over tiles",), "(x > y).int()", "x, y", options=UNTUNED
    ),
    "whole tensors, in place": Mistake(
        "x *= y.sigmoid() + 1\nreturn x", ("Compute it in a loop over tiles",), "x * (y.sigmoid() + 1)", "x, y", options=UNTUNED
    ),
    "whole tensors, of a slice": Mistake(
        "out = torch.empty_like(x)\nout[:] = -x\nreturn out", ("Compute it in a loop over tiles",), "-x", options=UNTUNED
    ),
    "a name more than tiles": Mistake(
        f"{EMPTY}for a, b, c in hl.tile([m, n]):\n    out[a, b] = -x[a, b]\nreturn out", ("Take the 2 tiles as `a, b`",), "-x"
    ),
    "a tile more than names": Mistake(
        f"{EMPTY}for a, in hl.tile([m, n]):\n    out[a, a_1] = -x[a, a_1]\nreturn out", ("Take the 2 tiles as `a, a_1`",), "-x"
    ),
    "a loop under a condition": Mistake(
        f"{EMPTY}if flag > 0:\n    for a in hl.tile(m):\n        # here\n        out[a, :] = x[a, :]\nreturn out",
        ("Move the condition into the loop", EACH_LOOP),
        "x",
        "x, flag: int",
        options=UNTUNED,
    ),
    "a loop in either branch": Mistake(
        f"{EMPTY}if flag > 0:\n    for a in hl.tile(m):\n        out[a, :] = x[a, :]\nelse:\n    for a in hl.tile(m):\n        out[a, :] = 0\nreturn out",
        ("Move the condition into the loop", EACH_LOOP),
        "x",
        "x, flag: int",
        options=UNTUNED,
    ),
    "a loop in a loop of the host": Mistake(
        f"{EMPTY}out[:] = 0\nfor i in range(3):\n    for a in hl.tile(m):\n        out[a, :] += x[a, :] * i\n\nreturn out",
        (EACH_LOOP,),
        "3 * x",
        options=UNTUNED,
    ),
    "what needs the loop before it": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    out[a, :] = x[a, :] * 2\nlargest = out.max()\nfor a in hl.tile(m):\n    out[a, :] = out[a, :] - largest[()]\nreturn out",
        (EACH_LOOP,),
        "2 * x - 2 * x.max()",
        options=UNTUNED,
    ),
    "memory that is made too late": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    out[a, :] = x[a, :] * 2\nother = torch.empty_like(out)\nfor b in hl.tile(n):\n    other[:, b] = -x[:, b]\nreturn out, other",
        ("Move it before the loops", EACH_LOOP),
        "(2 * x, -x)",
        options=UNTUNED,
    ),
}
VALUES = {
    "a tile in a list": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    out[a, :] = x[[a], :]\nreturn out", ("Take the tiles out of the list",), "x"
    ),
    "a tensor without dims": Mistake(
        f"{EMPTY}c = torch.full([], 2.0, device=x.device)\nfor a in hl.tile(m):\n    out[a, :] = x[a, :] + c\nreturn out",
        ("Index with `[()]`",),
        "x + 2",
    ),
    "a tensor with a dim of no tile": Mistake(
        f"{EMPTY}for a in hl.tile(m):\n    out[a, :] = torch.exp(x)\nreturn out", ("Index with `[a, :]`",), "x.exp()"
    ),
    "a mask of a host tensor": Mistake(
        f"{ROWS}row = x[:, 0]\nfor a in hl.tile(m):\n    out[a] = row[x[a, 1] > 0]\nreturn out",
        ("Keep the shape: `torch.where`, with 0 elsewhere",),
        "torch.where(x[:, 1] > 0, x[:, 0], 0)",
    ),
    "an accumulator of 16 bits": Mistake(
        f"{EMPTY}for a, b in hl.tile([m, n]):\n    acc = hl.zeros([a, b], dtype=torch.bfloat16)\n    for c in hl.tile(n):\n"
        "        acc = torch.addmm(acc, x[a, c].to(torch.bfloat16), w[c, b].to(torch.bfloat16))\n    out[a, b] = acc\nreturn out",
        ("Begin `acc` with torch.float32",),
        "x.bfloat16().float() @ w.bfloat16().float()",
        "x, w",
        options=UNTUNED,
    ),
    "products that are rounded, in an accumulator of 16 bits": Mistake(
        f"{EMPTY}for a, b in hl.tile([m, n]):\n    acc = hl.zeros([a, b], dtype=torch.float16)\n    for c in hl.tile(n):\n"
        "        acc += x[a, c].to(torch.float16) @ w[c, b].to(torch.float16)\n    out[a, b] = acc\nreturn out",
        ("Add up in `torch.addmm`, in torch.float32",),
        "x.half().float() @ w.half().float()",
        "x, w",
        options=UNTUNED,
    ),
}
MISTAKES = {**NUMBERS, **RESULTS, **RANKS, **LOOPS, **VALUES}
# Nothing that could be offered is right: a product has no atomic, a number that each program reads has no value yet, a tile's number no place.
LEFT_ALONE = {
    "a product": "p = 1.0\nfor a in hl.tile(m):\n    p *= x[a, 0].sum(-1)\nreturn p",
    "read by the programs": "total = 0.0\nfor a in hl.tile(m):\n    total += x[a, 0].sum(-1)\n    x[a, 0] = x[a, 0] / total\nreturn x",
    "a number of each tile": "last = 0.0\nfor a in hl.tile(m):\n    last = x[a, 0].sum(-1)\nreturn last",
    "one of two": "found = 0\nfor a in hl.tile(m):\n    found = 1\n    if x[a, 0].sum(-1) > 0:\n        found = 2\nreturn found",
    "sums of whole tensors": "return x.sum(-1)",
    "products of whole tensors": "out = x @ x.t()\nreturn out",
    "the last of the columns": "for a, b in hl.tile([m, n]):\n    v = x[a, b].amax(-1)\nreturn v",
}


def offered(text: str) -> Iterator[tuple[str, str]]:
    """Each title with the text that it makes; mistakes that are said at several places have one fix."""
    found = [(p, fix) for p in problems(text) for fix in p["fixes"]]
    assert not any(fix["safe"] for _, fix in found), "nobody's unasked change"
    yield from {fix["title"]: mended(text, problem, fix) for problem, fix in found}.items()


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_what_is_offered_leaves_nothing_wrong(mistake: Mistake) -> None:
    found = dict(offered(mistake.text))
    assert set(mistake.titles) <= set(found)
    for title in found:
        assert problems(found[title]) == [], found[title]


@pytest.mark.parametrize("lines", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_nothing_is_offered_that_would_be_wrong(lines: str) -> None:
    text = Mistake(f"{SIZES}{lines}", (), "").text
    assert problems(text)
    assert dict(offered(text)) == {}


@pytest.mark.parametrize(("before", "after"), [("    ", "\t"), ("\n", "\r\n")])
def test_a_fix_is_written_as_the_file_is(before: str, after: str) -> None:
    found = dict(offered(RESULTS["either branch, read twice"].text.replace(before, after)))
    expected = dict(offered(RESULTS["either branch, read twice"].text))
    assert {title: text.replace(after, before) for title, text in found.items()} == expected


@pytest.fixture(scope="module")
def interpreter() -> Iterator[InterpreterProcess]:
    with InterpreterProcess() as process:
        yield process


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_what_is_offered_computes_what_was_meant(mistake: Mistake, interpreter: InterpreterProcess, tmp_path: Path) -> None:
    found = dict(offered(mistake.text))
    assert found
    for position, text in enumerate(found.values()):
        path = tmp_path / f"mended_{position}.py"
        path.write_text(text, encoding="utf-8")
        problem = interpreter.run(compare, path, mistake.parameters, mistake.expected, "index" in mistake.expected)
        assert problem is None, f"{problem}\n{text}"


def compare(path: Path, parameters: str, expected: str, whole: bool) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    random = torch.Generator()
    random.manual_seed(0)
    x = torch.randint(-9, 9, [6, 5], generator=random) if whole else torch.randn([6, 5], generator=random) + 0.5
    y = torch.randn([5] if "flag" in parameters else [6, 5], generator=random)
    arguments: Mapping[str, object] = {"x": x, "y": y, "flag: int": 1, "total: float": 1.5}
    arguments = {**arguments, "w": torch.randn([5, 5], generator=random)}
    copies = {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in arguments.items()}
    wanted = eval(expected, {"torch": torch, "functools": importlib.import_module("functools"), **arguments, "index": x})
    torch.testing.assert_close(module.f(*(copies[name] for name in parameters.split(", "))), wanted, check_dtype=not whole)
