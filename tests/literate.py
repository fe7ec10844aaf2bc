"""Markdown in, what its kernels' types and diagnostics are found to be against what its comments say out; knows nothing of pytest.

A block fenced as ```python is one file, with the usual imports before it. Its kernels are checked as an editor does, from the text alone.
With `args="f32[128,64], int"` after the word `python` they are checked once more as for a call, and the agreement property must hold.

- `# revealed: T` on a line: the type of what the line gives a name to, or, if it names nothing, of its outermost expression. Where the line
  names several things their types are separated by `; `.
- `# revealed[jit]: T`: the same for the call, where sizes are numbers; without it `# revealed:` holds for both.
- `# error: [code]`, with `"words of the message"` after it if they matter: a diagnostic that starts on the line. `# error[jit]:` and
  `# error[editor]:` are expected in one of the two only.

A comment on a line of its own speaks of the next line. What is not expected fails, and so does what is expected and does not come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helion import compiler
from helion.diagnostics import catalog
from helion.diagnostics.diagnostic import Diagnostic, Severity
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.queries import bindings, expressions
from helion.typed_kernel.tree import TypedKernel
from tests.typecheck.kernels import HEAD
from tests.typing.agreement import contradicts, disagreements

EDITOR, JIT = "editor", "jit"
_FENCE = re.compile(r"^```python\b(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_OPTION = re.compile(r'(\w+)="([^"]*)"')
_EXPECTATION = re.compile(r"# (?P<kind>revealed|error)(?:\[(?P<mode>\w+)\])?: (?P<rest>.*?)(?=\s*# (?:revealed|error)\b|$)")
_ERROR = re.compile(r'\[(?P<code>[a-z0-9-]+)\](?: "(?P<words>.*)")?')


@dataclass(frozen=True)
class Expectation:
    """One comment: `mode` is None when it holds for both; `words` is a part of a message, or a type."""

    line: int
    mode: str | None
    code: str | None
    words: str


@dataclass(frozen=True)
class Block:
    """One fenced text and what is expected of it. `line` is the 1-based line of the Markdown where its text begins."""

    path: Path
    line: int
    heading: str
    text: str
    args: str | None
    expectations: tuple[Expectation, ...]

    @property
    def file(self) -> SourceFile:
        return SourceFile("kernel.py", HEAD + self.text)


def blocks_of(path: Path, text: str) -> Iterator[Block]:
    """The Python blocks of one Markdown text; a word of the fence that means nothing is an error of the text."""
    for match in _FENCE.finditer(text):
        options = dict(_OPTION.findall(match["info"]))
        if options.keys() - {"args"} or _OPTION.sub("", match["info"]).strip():
            raise ValueError(f"{path.name}: cannot read ```python{match['info']}")
        headings = _HEADING.findall(_FENCE.sub("", text[: match.start()])) or [path.stem]
        line = text.count("\n", 0, match.start("text")) + 1
        yield Block(path, line, headings[-1], match["text"], options.get("args"), tuple(_expectations(match["text"])))


def _expectations(text: str) -> Iterator[Expectation]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        spoken_of = number
        while lines[spoken_of].lstrip().startswith("# ") and spoken_of + 1 < len(lines):
            spoken_of += 1
        for match in _EXPECTATION.finditer(line):
            error = _ERROR.fullmatch(match["rest"]) if match["kind"] == "error" else None
            if match["kind"] == "error" and (error is None or catalog.find(error["code"]) is None):
                raise ValueError(f"no such diagnostic: {line.strip()}")
            if match["mode"] not in (None, EDITOR, JIT):
                raise ValueError(f"no such use of the checker: {line.strip()}")
            words = match["rest"] if error is None else error["words"] or ""
            yield Expectation(spoken_of, match["mode"], None if error is None else error["code"], words)


@dataclass(frozen=True)
class Outcome:
    """One block, checked in one way."""

    block: Block
    mode: str
    file: SourceFile
    kernels: Mapping[str, TypedKernel]
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    def line_of(self, offset: int) -> int:
        """The 0-based line in the block of an offset in its file."""
        return self.file.position(offset).line - HEAD.count("\n")

    def mismatches(self) -> Iterator[str]:
        """What differs from the comments."""
        expected = [e for e in self.block.expectations if e.mode in (None, self.mode)]
        yield from self._diagnostic_mismatches([e for e in expected if e.code is not None])
        types = [e for e in expected if e.code is None]
        overridden = {e.line for e in types if e.mode is not None}
        for expectation in types:
            if expectation.mode is None and expectation.line in overridden:
                continue
            found = self.revealed(expectation.line)
            if found != expectation.words:
                yield f"{self._where(expectation.line)}: revealed {found!r}, expected {expectation.words!r}"

    def _diagnostic_mismatches(self, expected: Sequence[Expectation]) -> Iterator[str]:
        missing = list(expected)
        for diagnostic in self.diagnostics:
            line = self.line_of(diagnostic.span.start)
            fits = [e for e in missing if (e.line, e.code) == (line, diagnostic.code) and e.words in diagnostic.message()]
            if fits:
                missing.remove(fits[0])
            else:
                yield f"{self._where(line)}: unexpected [{diagnostic.code}] {diagnostic.message()}"
        for expectation in missing:
            yield f"{self._where(expectation.line)}: no [{expectation.code}] {expectation.words}"

    def revealed(self, line: int) -> str:
        """The types of the names that a line binds, or of its outermost expression."""
        found = {b.span: b for kernel in self.kernels.values() for b in bindings(kernel) if self.line_of(b.span.start) == line}
        if found:
            return "; ".join(str(found[span].type) for span in sorted(found))
        values = [e for kernel in self.kernels.values() for e in expressions(kernel) if self.line_of(e.span.start) == line]
        return str(max(values, key=lambda e: (e.span.end - e.span.start, -e.span.start)).type) if values else "nothing"

    def _where(self, line: int) -> str:
        return f"{self.block.path.name}:{self.block.line + line} ({self.mode}), `{self.block.text.split(chr(10))[line].strip()}`"


def check_block(block: Block) -> Iterator[str]:
    """What is wrong with a block: differences to its comments in each use, then disagreements between the two uses."""
    module = compiler.parse(block.file)
    editor = _outcome(block, module, EDITOR)
    yield from editor.mismatches()
    if block.args is None:
        return
    jit = _outcome(block, module, JIT)
    yield from jit.mismatches()
    for name, typed in jit.kernels.items():
        if any(d.severity is Severity.ERROR for d in typed.diagnostics):
            continue  # such a call never happens
        if contradicts(editor.kernels[name], typed):
            yield f"{block.path.name}:{block.line}: the arguments of `{name}` are not what its text leads to expect"
        else:
            yield from (f"{block.path.name}:{block.line}: {problem}" for problem in disagreements(editor.kernels[name], typed))


def _outcome(block: Block, module: ModuleSyntax, mode: str) -> Outcome:
    kernels = {kernel.qualname: _checked(block, kernel, mode) for kernel in module.kernels}
    found = (*compiler.check_module(module), *(d for typed in kernels.values() for d in typed.diagnostics))
    return Outcome(block, mode, module.file, kernels, found)


def _checked(block: Block, kernel: KernelSyntax, mode: str) -> TypedKernel:
    names = FileGlobals(kernel.module)
    signature = infer_signature(kernel, names) if mode == EDITOR else signature_from_notation(kernel, block.args or "")
    if not isinstance(signature, KernelSignature):
        raise ValueError(f"{block.path.name}:{block.line}: {signature.message()}")
    if mode == EDITOR:
        return compiler.check_as_written(kernel, signature, names)
    return compiler.check(kernel, signature, names, Settings())
