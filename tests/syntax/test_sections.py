"""Parsing statement by statement: the same tree as of the whole, and after an edit the same objects everywhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.sections import parsed_sections, whole_tree

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "examples").glob("*.py"), *(ROOT / "helion").rglob("*.py")])
ODD = """\
\f
x = \'\'\'
def not_code():
\'\'\'
SIZES = [
1,
]
if x:
    pass
# a remark
else:
    pass
try: y = 1
finally: pass
@one
# between

@two
class C:
    def f(self): return "\u00e9\U0001f600"
z = 1; w = (
2)
"""


@pytest.mark.parametrize("text", [*(path.read_text(encoding="utf-8") for path in FILES[::6]), ODD, ODD.replace("\n", "\r\n"), ""])
def test_the_sections_trees_are_the_whole_text_s(text: str) -> None:
    tree = whole_tree(parsed_sections(SourceFile("kernel.py", text).lines()))
    assert tree is not None
    assert ast.dump(tree, include_attributes=True) == ast.dump(ast.parse(text), include_attributes=True)


def test_what_an_edit_does_not_touch_is_not_parsed_again() -> None:
    text = (ROOT / "examples" / "matmul.py").read_text(encoding="utf-8")
    before = parse_module(SourceFile("kernel.py", text)).tree.body
    after = parse_module(SourceFile("kernel.py", text.replace("acc = hl.zeros", "acc = hl.ones", 1))).tree.body
    assert sum(one is not other for one, other in zip(before, after, strict=True)) == 1


def test_what_moved_stands_at_its_new_lines() -> None:
    text = (ROOT / "examples" / "matmul.py").read_text(encoding="utf-8")
    parse_module(SourceFile("kernel.py", text))
    moved = "\n\n" + text
    assert ast.dump(parse_module(SourceFile("kernel.py", moved)).tree, include_attributes=True) == ast.dump(
        ast.parse(moved), include_attributes=True
    )
