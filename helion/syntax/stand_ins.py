"""Lines of one statement in, what is wrong with it or what may stand in for it out; knows nothing of the statements around it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from helion.syntax.statements import Extent, indentation

_HEADER = re.compile(r"\s*(for|while|if|elif|else|try|except|finally|with|def|class|async)\b")
_IMPORT = re.compile(r"\s*(import|from)\b")
_DECORATOR = re.compile(r"\s*@\s*[^\W\d]\w*(\.[^\W\d]\w*)*")
_DEFINITION = re.compile(r"\s*(def|class)\s+([^\W\d]\w*)")
CHANGES_REGION = ("for", "async", "def", "class")  # without its header, the block may run elsewhere
_STAND_INS = {"else": "else:", "elif": "elif True:", "except": "except Exception:", "finally": "finally:", "try": "try:"}
LACKS_BLOCK = re.compile(r"expected an indented block after .* on line (\d+)")


def parse_lines(lines: Sequence[str]) -> ast.Module | SyntaxError:
    """The tree of some lines, or why there is none."""
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError as problem:
        return problem
    except (RecursionError, MemoryError):
        return SyntaxError("this is nested too deeply", ("", 1, None, ""))


def problem_of(lines: Sequence[str], extent: Extent) -> SyntaxError | None:
    """What is wrong with one statement by itself; a header without its block is whole. Lines count as in the file, from 1."""
    own = lines[extent.first : extent.last + 1]
    indent = indentation(own[0])
    word = own[0].strip()
    before = ["if 1:"] if indent else []
    if re.match(r"(else|elif)\b", word):
        before.append(f"{indent}if 1: pass")
    elif re.match(r"(except|finally)\b", word):
        before.append(f"{indent}try: pass")
    elif re.match(r"case\b.*:", word):
        before = ["match 1:"]
    after = [f"{indent}def f(): pass"] if word.startswith("@") else []
    problem = parse_lines([*before, *own, *after])
    if isinstance(problem, ast.Module) or LACKS_BLOCK.search(problem.msg) is not None:
        return None
    problem.lineno = (problem.lineno or 1) - len(before) + extent.first
    return problem


def stand_in(text: str, extent: Extent) -> tuple[str, bool]:
    """What replaces a broken statement, and whether the statements around it still mean what they did."""
    indent = indentation(text)
    decorator = _DECORATOR.match(text)
    if decorator is not None:
        return decorator[0], True
    header = _HEADER.match(text)
    if header is None and not _IMPORT.match(text):
        return f"{indent}pass", True
    end = "" if header is None else ":"
    bare = text.split("\n")[0] if extent.last == extent.first else " ".join(line.strip() for line in text.split("\n"))
    cut = re.sub(r"[^\w)\]}'\"]+$", "", bare)
    for trimmed, brackets, certain in ((bare.rstrip(" :,"), extent.open, True), (cut, extent.open, False), (cut, "", False)):
        whole = f"{indent}{trimmed.strip()}{brackets}{end}"
        if problem_of([whole], Extent(0, 0)) is None:
            complete = certain and not extent.open and whole[-2] in ")]}"  # what was still to come may have been an argument
            return whole, complete or header is None or header[1] not in CHANGES_REGION
    if header is None:
        return f"{indent}pass", True
    definition = _DEFINITION.match(text)
    if definition is not None:
        return f"{indent}{definition[1]} {definition[2]}{'()' if definition[1] == 'def' else ''}:", False
    return indent + _STAND_INS.get(header[1], "if True:"), header[1] not in CHANGES_REGION
