"""Checking never raises: examples with expressions swapped, lines moved and tokens lost still give a typed kernel."""

from __future__ import annotations

import random
import re
import warnings
from pathlib import Path

import pytest

from helion.diagnostics.render import render_plain
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.print import print_kernel
from helion.typed_kernel.queries import innermost

TEXTS = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[2] / "examples").glob("*.py"))]
PIECES = [
    "None",
    "3",
    "-1",
    "1.5",
    "x",
    "tile_m",
    "tile_n",
    "acc",
    "out",
    "torch",
    "hl",
    "[",
    "(",
    ":",
    "*",
    "...",
    "'text'",
    "True",
    "{}",
    "x.size()",
    "x[tile_m]",
    "range(3)",
    "float",
    "lambda",
]
TOKEN = re.compile(r"\w+|[^\w\s]")


def mutated(text: str, rng: random.Random) -> str:
    """The text with one to three small changes in or after its first kernel."""
    for _ in range(rng.randint(1, 3)):
        tokens = [m.span() for m in TOKEN.finditer(text, text.find("@helion"))]
        (start, end), (other, stop) = rng.choice(tokens), rng.choice(tokens)
        lines = text.split("\n")
        match rng.randrange(4):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + text[other:stop] + text[end:]
            case 2:
                text = text[:start] + rng.choice(PIECES) + text[end:]
            case _:
                lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
                text = "\n".join(lines)
        if "@helion" not in text:
            break
    return text


@pytest.mark.parametrize("seed", range(6))
def test_broken_text_is_checked(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        file = SourceFile("kernel.py", mutated(rng.choice(TEXTS), rng))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            module = parse_module(file)
        for kernel in module.kernels:
            typed = check_kernel(kernel, infer_signature(kernel, FileGlobals(module)), FileGlobals(module), Settings())
            assert print_kernel(typed).startswith("kernel ")
            assert render_plain(file, typed.diagnostics) or not typed.diagnostics
            innermost(typed, rng.randrange(len(file.text)))


def test_one_broken_kernel_does_not_blank_its_neighbours() -> None:
    text = next(t for t in TEXTS if "def softmax_two_pass" in t).replace("torch.amax(row, dim=1, keepdim=True)", "torch.amax(row, dim=")
    module = parse_module(SourceFile("kernel.py", text))
    names = FileGlobals(module)
    found = {k.name: check_kernel(k, infer_signature(k, names), names, Settings()).diagnostics for k in module.kernels}
    assert found["softmax"] == ()
    assert found["softmax_two_pass"] == ()


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_being_typed_is_the_only_thing_reported(text: str) -> None:
    """Each line of each kernel, cut in the middle: what is said of it is that it does not parse, and nothing of what follows from that."""
    whole = parse_module(SourceFile("kernel.py", text))
    spans = [whole.file.position(o).line for k in whole.kernels for o in (k.function.span.start, k.function.span.end)]
    lines = text.split("\n")
    for number in range(spans[0] + 1, spans[-1]):
        tokens = [m.end() for m in TOKEN.finditer(lines[number])]
        if not tokens:
            continue
        cut = lines[number][: tokens[len(tokens) // 2]]
        module = parse_module(SourceFile("kernel.py", "\n".join([*lines[:number], cut, *lines[number + 1 :]])))
        names = FileGlobals(module)
        if module.diagnostics:
            found = [d for k in module.kernels for d in check_kernel(k, infer_signature(k, names), names, Settings()).diagnostics]
            assert render_plain(module.file, found) == ""
