"""The diagnostics catalog in, a Markdown page a code and their index out; what the checker says of a bad example is on its page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from docs.example_file import whole_file
from docs.lock_examples import has_lock_file, lock_findings
from helion import compiler
from helion.diagnostics import catalog
from helion.diagnostics.diagnostic import Diagnostic, Severity
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.typecheck.global_names import FileGlobals

# The checker does not decide these from the text alone.
UNCHECKED_TOPICS = frozenset({"config", "runtime", "tuning"})
UNCHECKED_CODES = frozenset(
    {"unsupported-torch-call", "breakpoint-needs-interpreter", "index-type-too-small", "offset-too-large", "gradient-not-supported"}
)

# Their messages name the versions that are installed.
_OF_THIS_MACHINE = frozenset({"lock-versions-changed"})


@dataclass(frozen=True)
class Page:
    """What is said of one code."""

    cls: type[Diagnostic]
    text: str
    bad: str
    good: str

    @property
    def topic(self) -> str:
        return self.cls.__module__.rpartition(".")[2]

    @property
    def is_checked(self) -> bool:
        """Whether the examples are kernels that the checker can be asked about."""
        return self.topic not in UNCHECKED_TOPICS and self.cls.code not in UNCHECKED_CODES


def page_of(cls: type[Diagnostic]) -> Page:
    """The parts of a diagnostic's docstring."""
    text, _, examples = (inspect.getdoc(cls) or "").partition("\n\nBad:\n")
    bad, _, good = examples.partition("\nGood:\n")
    return Page(cls, text, _unprompted(bad), _unprompted(good))


def _unprompted(example: str) -> str:
    return "\n".join(re.sub(r"^ {4}(>>>|\.\.\.) ?", "", line) for line in example.rstrip().split("\n"))


def findings(example: str) -> tuple[Diagnostic, ...]:
    """What the checker says of an example, as part of a whole file, and of the lock that it shows the evidence of."""
    if has_lock_file(example):
        return tuple(lock_findings(example))
    module = compiler.parse(SourceFile("example.py", whole_file(example)))
    names = FileGlobals(module)
    typed = (compiler.check_as_written(kernel, infer_signature(kernel, names), names) for kernel in module.kernels)
    return (*compiler.check_module(module), *(found for kernel in typed for found in kernel.diagnostics))


def diagnostic_pages() -> Iterator[tuple[str, str]]:
    """The name and text of every page."""
    pages = [page_of(cls) for cls in catalog.ALL]
    yield "index.md", _index(pages)
    for page in pages:
        yield f"{page.cls.code}.md", _page(page)


def _index(pages: list[Page]) -> str:
    lines = [
        "# Diagnostics",
        "",
        "Every code that the checker, the runtime and the tuner report. `helion explain CODE` prints the same in a terminal. Warnings",
        "can be silenced, as their pages say; errors cannot.",
        "",
        "Examples are parts of kernels: `x`, `y` and `out` are tensors and `bias` is one of one dimension; `m`, `n` and `k` are sizes;",
        "`tile`, `tile_m`, `tile_n` and `tile_k` are tiles of a loop around the lines, unless the lines have loops of their own.",
    ]
    for topic in dict.fromkeys(page.topic for page in pages):
        title = topic.replace("_", " ").capitalize()
        words = (inspect.getdoc(getattr(catalog, topic)) or "").removeprefix(f"{title}: ")
        lines += ["", f"## {title}", "", words[:1].upper() + words[1:], "", "| code | severity | what |", "| --- | --- | --- |"]
        lines += [_row(page) for page in pages if page.topic == topic]
    return "\n".join(lines) + "\n"


def _row(page: Page) -> str:
    first = re.split(r"(?<=[.:]) ", " ".join(page.text.split("\n\n")[0].split()), maxsplit=1)[0].rstrip(".:")
    return f"| [{page.cls.code}]({page.cls.code}.md) | {page.cls.severity.value} | {first.replace('|', chr(92) + '|')} |"


def _page(page: Page) -> str:
    cls = page.cls
    kind = f"{cls.severity.value.capitalize()}, `helion.exc.{cls.exception}`. {_silencing(cls)}".rstrip()
    lines = [f"# {cls.code}", "", kind, "", page.text, ""]
    lines += ["## Bad", "", *_fenced(page.bad)]
    if page.is_checked and cls.code not in _OF_THIS_MACHINE:
        lines += ["", "```text", *(line for found in findings(page.bad) for line in _said(found)), "```"]
    lines += ["", "## Good", "", *_fenced(page.good)]
    return "\n".join(lines) + "\n"


def _fenced(example: str) -> list[str]:
    """Commands and remarks stand behind `#` in docstrings; they are not Python."""
    if all(line.startswith("#") for line in example.split("\n")):
        return ["```text", *(line.removeprefix("#").removeprefix(" ") for line in example.split("\n")), "```"]
    return ["```python", example, "```"]


def _said(found: Diagnostic) -> Iterator[str]:
    yield f"{found.severity.value}[{found.code}]: {found.message()}"
    yield from (f"  = note: {note.message}" for note in found.notes())
    yield from (f"  = help: {fix.title}" for fix in found.fixes())


def _silencing(cls: type[Diagnostic]) -> str:
    if cls.severity is Severity.ERROR:
        return ""
    return f"Silenced at run time with `@helion.kernel(ignore_warnings=[helion.exc.{cls.exception}])`."
