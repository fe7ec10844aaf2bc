"""The extension's snippets, taken as they are offered: each kernel that one gives checks without a word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from helion import compiler
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.typecheck.global_names import FileGlobals

SNIPPETS = json.loads((Path(__file__).parents[2] / "vscode-extension" / "snippets.json").read_text(encoding="utf-8"))
IMPORTS = SNIPPETS["Helion imports"]
KERNELS = {name: snippet for name, snippet in SNIPPETS.items() if snippet is not IMPORTS}


def taken(body: list[str]) -> str:
    """A snippet's text with nothing typed over: `${1:x}` is x, innermost first, and `$0` is nothing."""
    text = "\n".join(body).replace("$0", "")
    while (filled := re.sub(r"\$\{\d+:([^{}]*)\}", r"\1", text)) != text:
        text = filled
    return text


@pytest.mark.parametrize("name", KERNELS)
def test_a_snippet_checks(name: str) -> None:
    module = compiler.parse(SourceFile("taken.py", f"{taken(IMPORTS['body'])}\n\n{taken(KERNELS[name]['body'])}"))
    names = FileGlobals(module)
    (kernel,) = module.kernels
    typed = compiler.check_as_written(kernel, infer_signature(kernel, names), names)
    assert [found.code for found in (*module.diagnostics, *typed.diagnostics)] == []
