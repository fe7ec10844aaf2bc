"""Text that is broken mid-edit: what is reported, what is kept, and that everything kept stands where it stood."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import ModuleSyntax, span_of

TWO_KERNELS = '''"""Two kernels

    python -m kernels

at the left margin, a text's own."""
import torch
import helion
import helion.language as hl

TEXT = """
def not_a_function(
"""
SIZES = [
1, 2,
]

@helion.kernel
def first(x, y):
    m, n = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(m):
        """LINE"""
        out[tile] = x[tile]
    return out

@helion.kernel(config=helion.Config(
    block_sizes=[1, 2],
))
def second(x):
    """A text."""
    for tile in hl.tile(x.size(0)):
        x[tile] = 1
    return x
'''
EXAMPLES = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[2] / "examples").glob("*.py"))]


def parsed(text: str) -> ModuleSyntax:
    return parse_module(SourceFile("kernel.py", text))


def with_line(line: str) -> ModuleSyntax:
    return parsed(TWO_KERNELS.replace('"""LINE"""', line))


def problems(module: ModuleSyntax) -> list[tuple[str, str]]:
    return [(d.message(), module.file.text_of(d.span)) for d in module.diagnostics]


def assert_places_hold(module: ModuleSyntax) -> None:
    """Every name of the tree is where its position says, unless a repair put it there."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id.isascii():
            span = span_of(module.file, node)
            if not any(r.span.start <= span.start <= r.span.end for r in module.repairs):
                assert module.file.text_of(span) == node.id


def test_the_text_itself_is_sound() -> None:
    module = with_line("pass")
    assert (module.diagnostics, module.repairs) == ((), ())
    assert [k.name for k in module.kernels] == ["first", "second"]


@pytest.mark.parametrize(
    ("line", "underlined"),
    [
        ("acc = torch.addmm(acc, x[tile, ", "[tile, "),
        ("acc = torch.addmm(", "("),
        ("acc = x.", "acc = x."),
        ("acc = ", "acc = "),
        ("acc = f'{x", "f'{x"),
        ('acc = """', '"""'),
        ('acc = """x\n        prose, and more\n        of it', '"""x'),
        ("acc = '😀' + + ", "acc = '😀' + + "),
        ("acc = x[tile,\n            y", "[tile,"),
        ("acc = '😀', [1 2]", "1 2]"),
        (")", ")"),
        ("acc = (x]", "]"),
        ("for inner in hl.tile(n):", "for inner in hl.tile(n):"),
        ("for inner in hl.tile(n)", "for inner in hl.tile(n)"),
        ("for inner in hl.tile(n", "(n"),
        ("if x >", "if x >"),
        ("else:", "else:"),
        ("try:", "try:"),
        ("with x", "with x"),
        ("def inner(a, ", "(a, "),
        ("return (", "("),
        ("@", "@"),
        ("1 = x", "1 = x"),
        ("x = 1 \u2028", "\u2028"),
        ("\0", "\0"),
        ("\ud800 = 1", "\ud800 = 1"),
        ("x = " + "-" * 9000 + "1", "x = " + "-" * 9000 + "1"),
        ("acc = x +\\", "acc = x +\\"),
    ],
)
def test_one_broken_line(line: str, underlined: str) -> None:
    """Where Python's versions differ in the column, the mark begins no earlier than the statement and no later than the mistake."""
    module = with_line(line)
    ((_, text),) = problems(module)
    assert line.split("\n")[0].endswith(text)
    assert text.endswith(underlined) or underlined.endswith(text)
    assert [k.name for k in module.kernels] == ["first", "second"]
    body = module.kernels[0].function.node.body
    assert isinstance(body, list)
    kept = [ast.unparse(s) for s in body if not isinstance(s, ast.For)]
    assert kept == ["m, n = x.size()", "out = torch.empty_like(x)", "return out"]
    assert_places_hold(module)


def test_words_are_pythons_without_line_numbers_of_pieces() -> None:
    assert problems(with_line("for inner in hl.tile(n):")) == [
        ("expected an indented block after 'for' statement", "for inner in hl.tile(n):")
    ]
    assert problems(with_line("acc = [x"))[0] == ("'[' was never closed", "[x")
    assert problems(with_line('acc = """'))[0][0] == "unterminated triple-quoted string literal"
    assert problems(with_line("x = " + "-" * 9000 + "1"))[0][0] == "this is nested too deeply"


@pytest.mark.parametrize(
    "header",
    [
        "@helion.kernel(",
        "@helion.kernel(config=helion.Config(block_sizes=[1,",
        "@helion.kernel(config=helion.Config(\n    block_sizes=[1 2],\n))",
        "@helion.kernel(config=)",
        "@helion.kernel)",
    ],
)
def test_a_broken_decorator_still_makes_a_kernel(header: str) -> None:
    module = parsed(TWO_KERNELS.replace("@helion.kernel\n", header + "\n"))
    assert [k.name for k in module.kernels] == ["first", "second"]
    assert len(module.diagnostics) == 1


@pytest.mark.parametrize(
    "header", ["def first(x, y", "def first(x, y:", "def first(x, y)", "def first(x, y) -> ", "def first(x, y=:", "def first(x y):"]
)
def test_a_broken_header_keeps_the_kernel_and_its_body(header: str) -> None:
    module = parsed(TWO_KERNELS.replace("def first(x, y):", header))
    assert [k.name for k in module.kernels] == ["first", "second"]
    assert len(module.diagnostics) == 1
    assert len(module.kernels[0].function.node.body) == 4  # type: ignore[arg-type]


def test_a_kernel_without_a_body() -> None:
    text = TWO_KERNELS[: TWO_KERNELS.index("    m, n =")] + TWO_KERNELS[TWO_KERNELS.index("@helion.kernel(") :]
    module = parsed(text)
    assert problems(module) == [("expected an indented block after function definition", "def first(x, y):")]
    assert [k.name for k in module.kernels] == ["first", "second"]


def test_a_lost_header_loses_its_block_only() -> None:
    module = parsed(TWO_KERNELS.replace("    for tile in hl.tile(m):\n", ""))
    assert [message for message, _ in problems(module)] == ["unexpected indent"]
    assert [k.name for k in module.kernels] == ["first", "second"]
    assert "out = torch.empty_like(x)" in ast.unparse(module.kernels[0].function.node)


def test_every_broken_kernel_is_reported() -> None:
    module = parsed(TWO_KERNELS.replace("x[tile]\n", "x[tile\n").replace("x[tile] = 1", "x[tile] = "))
    assert [text for _, text in problems(module)] == ["[tile", "x[tile] = "]
    assert [k.name for k in module.kernels] == ["first", "second"]


def test_every_broken_kernel_of_a_class_is_reported() -> None:
    start = TWO_KERNELS.index("@helion")
    text = TWO_KERNELS[:start] + "class Kernels:\n" + textwrap.indent(TWO_KERNELS[start:], "    ")
    module = parsed(text.replace("x[tile]\n", "x[tile\n").replace("x[tile] = 1", "x[tile] = "))
    assert [text for _, text in problems(module)] == ["[tile", "x[tile] = "]
    assert [k.qualname for k in module.kernels] == ["Kernels.first", "Kernels.second"]


@pytest.mark.parametrize("line", ["import helion, ", "from helion import kernel, (", "import helion as"])
def test_a_broken_import_keeps_what_it_says(line: str) -> None:
    module = parsed(f"{line}\n@helion.kernel\ndef k(x): pass\n@kernel\ndef j(x): pass\n")
    assert len(module.diagnostics) == 1
    assert len(module.kernels) == ("as" not in line)


def test_names_of_broken_text_are_known_to_be_lost() -> None:
    module = with_line("acc = torch.addmm(whole, ")
    assert {"acc", "whole"} <= module.lost_names
    assert "out" not in module.lost_names
    kernel, other = module.kernels
    start = module.file.text.index("acc =")
    assert [module.file.text_of(r.span) for r in kernel.repairs] == ["acc = torch.addmm(whole, "]
    assert other.repairs == ()
    assert not kernel.is_certain(type(kernel.function.span)(start, start + 3))
    assert kernel.is_certain(kernel.function.name_span)


def test_after_a_lost_loop_nothing_is_certain() -> None:
    module = parsed(TWO_KERNELS.replace("for tile in hl.tile(m):", "for tile in hl."))
    (kernel, other) = module.kernels
    after = module.file.text.index("out[tile]")
    assert not kernel.is_certain(type(kernel.function.span)(after, after + 9))
    assert kernel.is_certain(kernel.function.name_span)
    assert other.is_certain(other.function.span)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks(end: str, mark: str) -> None:
    module = parsed((mark + "# 😀\n\f\n" + TWO_KERNELS.replace('"""LINE"""', "'😀'; acc = x[tile")).replace("\n", end))
    ((_, text),) = problems(module)
    assert text == "[tile"
    assert [k.name for k in module.kernels] == ["first", "second"]
    assert_places_hold(module)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_line_cut_anywhere(data: st.DataObject) -> None:
    """A line of a kernel cut off: its neighbours do not notice, and what is reported is in it."""
    text = data.draw(st.sampled_from(EXAMPLES))
    whole = parsed(text)
    kernel = whole.kernels[data.draw(st.integers(0, len(whole.kernels) - 1))]
    first, last = (whole.file.position(o).line for o in (kernel.function.span.start, kernel.function.span.end))
    number = data.draw(st.integers(first, last))
    lines = text.split("\n")
    lines[number] = lines[number][: data.draw(st.integers(0, len(lines[number])))]
    module = parsed("\n".join(lines))
    assert_places_hold(module)
    others = {k.qualname: ast.dump(k.function.node) for k in whole.kernels if k is not kernel}
    # A name that is cut may become a neighbour's.
    elsewhere = [k for k in module.kernels if module.file.position(k.function.name_span.start).line != number]
    assert {k.qualname: ast.dump(k.function.node) for k in elsewhere if k.qualname in others} == others
    decorator = kernel.decorator
    assert decorator is not None
    top = whole.file.position(decorator.span.start).line
    assert all(top <= module.file.position(d.span.start).line <= last for d in module.diagnostics)


PIECES = st.sampled_from(
    [
        "(",
        ")",
        "[",
        "]",
        "{",
        '"""',
        "'",
        "\\",
        ":",
        "@",
        "def f(",
        "for x in y:",
        "try:",
        "else:",
        "\n",
        "\r",
        "\t",
        "    ",
        "\f",
        "#",
        "😀",
        "\0",
        "\ud800",
        "\ufeff",
        "=",
        "lambda",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_anything_anywhere(data: st.DataObject) -> None:
    """Whatever is typed or deleted: nothing raises, nothing moves, and text with something wrong says so."""
    text = data.draw(st.sampled_from([TWO_KERNELS, *EXAMPLES]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(PIECES | st.just("")) + text[at + data.draw(st.integers(0, 6)) :]
    module = parsed(text)
    assert bool(module.diagnostics) == bool(module.repairs)
    assert_places_hold(module)
    for kernel in module.kernels:
        assert module.file.text_of(kernel.function.span).startswith("def")
