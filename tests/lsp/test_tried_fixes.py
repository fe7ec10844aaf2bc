"""Fixes that guess: a check tries none of them, a code action those of its range, each once, one at a time, and never those of a text that
is gone; what is sure is offered whatever the worker does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion import compiler
from helion.source import SourceFile
from helion_lsp.features.code_actions import quick_fixes
from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.view import View
from helion_lsp.front.protocol import Columns
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document
from helion_lsp.requests.code_actions import on_code_action
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.fixes.trial import Trial
from tests.lsp.asked_fixes import WorkerHere, front_of, opened
from tests.lsp.conftest import URI, Client
from tests.lsp.test_code_actions import actions, edited
from tests.lsp.test_fixes import CASES
from tests.lsp.test_hover import HEAD

SUM = """@helion.kernel
def f(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    total = 0.0
    for a, b in hl.tile([m, n]):
        total += x[a, b].sum(-1).sum(-1)
    return total
"""
ADD = "Add up `total` in a tensor of the host"
TWO = f"{HEAD}{SUM}\n\n{SUM.replace('total', 'other')}"
MIXED = f"{HEAD}{SUM}".replace("    total +=", "    zero = hl.zeroes([a])\n        total +=")
SURE = "Change to `zeros`"
LONG = 600.0


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the kernels that were checked."""
    found: list[str] = []
    check = compiler.check_as_written

    def counted(kernel: Any, *rest: Any) -> Any:
        found.append(kernel.file.text)
        return check(kernel, *rest)

    monkeypatch.setattr(compiler, "check_as_written", counted)
    return found


def document_of(text: str) -> tuple[Document, View]:
    analysis = Analyzer().analyse("f.py", text)
    document = opened("f.py", text, {**analysis, "kernels": [{"pending": False, **kernel} for kernel in analysis["kernels"]]})
    view = document.view()
    assert view is not None
    return document, view


def within(worker: WorkerHere, document: Document, view: View, start: int, end: int, seconds: float = LONG) -> View:
    return asyncio.run(front_of(worker).within(document, view, start, end, seconds))


def titles(view: View, start: int = 0, end: int = 1 << 30) -> list[str]:
    return [fix.title for fix in quick_fixes(view, start, end)]


def problem_spans(view: View) -> Iterator[tuple[int, int]]:
    for diagnostic in diagnostics(view):
        yield diagnostic["span"]


@pytest.mark.parametrize("code", CASES)
def test_a_check_tries_nothing(code: str, checks: list[str]) -> None:
    text = f"{HEAD}{CASES[code]}"
    Analyzer().analyse("f.py", text)
    assert set(checks) == {text}
    assert len(checks) == len(compiler.parse(SourceFile("f.py", text)).kernels)


def test_a_request_takes_one_check_and_a_second_question_none(checks: list[str]) -> None:
    worker = WorkerHere()
    document, view = document_of(f"{HEAD}{SUM.replace('0.0', '0')}")
    checks.clear()
    asked = within(worker, document, view, 0, len(document.file.text))
    assert titles(asked) == [f"{ADD}, torch.float32", f"{ADD}, torch.int64"]
    assert len(checks) == len(worker.asked) - 1, "and a last request to hear that there is nothing more"
    checks.clear()
    worker.asked.clear()
    again = document.view()
    assert again is not None
    assert titles(within(worker, document, again, 0, len(document.file.text))) == titles(asked)
    assert titles(again) == titles(asked), "also while there is no worker"
    assert (worker.asked, checks) == ([], [])


def test_only_what_is_wrong_in_the_range_is_tried() -> None:
    worker = WorkerHere()
    document, view = document_of(TWO)
    found = list(problem_spans(view))
    first, second = found[0], found[-1]
    assert titles(within(worker, document, view, 0, first[0] - 1)) == []
    assert worker.asked == []
    assert titles(within(worker, document, view, *first)) == [ADD]
    assert titles(within(worker, document, view, *second), *second) == [ADD.replace("total", "other")]
    assert len({params["key"] for params in worker.asked}) == 2, "kernels that share a name are told apart"


def test_what_is_known_of_a_kernel_is_dropped_with_it() -> None:
    worker = WorkerHere()
    document, view = document_of(f"{HEAD}{SUM}")
    within(worker, document, view, 0, 1 << 30)
    before = set(document.tried)
    other, _ = document_of(f"{HEAD}# above\n{SUM}")
    document.file, document.analysed_text, document.analysis = other.file, other.file.text, other.analysis
    view = document.view()
    assert view is not None
    assert titles(within(worker, document, view, 0, 1 << 30)) == [ADD]
    assert document.tried
    assert before.isdisjoint(document.tried)


def test_an_edit_in_between_ends_the_question() -> None:
    document, _ = document_of(f"{HEAD}{SUM}")

    class Edited(WorkerHere):
        async def request(self, method: str, path: str, text: str, params: dict[str, Any]) -> Any:
            document.file = SourceFile(path, f"{text}# more\n")
            return await super().request(method, path, text, params)

    async def current(*_: Any) -> View | None:
        return document.view()

    worker = Edited()
    documents = SimpleNamespace(documents={document.uri: document}, current=current)
    server: Any = SimpleNamespace(documents=documents, columns=Columns(), tried=front_of(worker))
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(100, 0))
    context = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.QuickFix])
    params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(document.uri), whole, context)
    assert asyncio.run(on_code_action(server, params)) == [], "an edit of a text that is gone"
    assert len(worker.asked) == 1
    stale = document.view()
    assert stale is not None
    assert stale.is_stale
    worker.asked.clear()
    within(worker, document, stale, 0, 1 << 30)
    assert worker.asked == [], "the worker has not said what is wrong in this text"


def test_questions_at_once_take_turns(checks: list[str]) -> None:
    class Counted(WorkerHere):
        now = 0

        async def request(self, method: str, path: str, text: str, params: dict[str, Any]) -> Any:
            self.now += 1
            assert self.now == 1
            await asyncio.sleep(0)
            answer = await super().request(method, path, text, params)
            self.now -= 1
            return answer

    alone, together = Counted(), Counted()
    document, view = document_of(f"{HEAD}{SUM}")
    checks.clear()
    within(alone, document, view, 0, 1 << 30)
    once = len(checks)
    document.tried = {}
    checks.clear()

    async def both() -> None:
        front = front_of(together)
        views = await asyncio.gather(*(front.within(document, view, 0, 1 << 30, LONG) for _ in range(3)))
        assert [titles(one) for one in views] == [[ADD]] * 3

    asyncio.run(both())
    assert len(checks) == once


class Silent(WorkerHere):
    async def request(self, method: str, path: str, text: str, params: dict[str, Any]) -> Any:
        return await asyncio.Event().wait()


class Dead(WorkerHere):
    async def request(self, method: str, path: str, text: str, params: dict[str, Any]) -> Any:
        raise WorkerUnavailable("the analysis process ended")


class Forgetful(WorkerHere):
    async def request(self, method: str, path: str, text: str, params: dict[str, Any]) -> Any:
        return None


@pytest.mark.parametrize("worker", [Silent(), Dead(), Forgetful(), WorkerHere(is_ready=False)], ids=lambda one: type(one).__name__)
def test_what_is_sure_comes_whatever_the_worker_does(worker: WorkerHere) -> None:
    document, view = document_of(MIXED)
    assert titles(within(worker, document, view, 0, 1 << 30, 0.01)) == [SURE]
    assert document.tried == {}
    assert sorted(titles(within(WorkerHere(), document, view, 0, 1 << 30))) == [ADD, SURE]


def test_a_kernel_that_ends_the_process_by_a_try_can_still_be_checked() -> None:
    worker = WorkerHere()
    document, view = document_of(f"{HEAD}{SUM}")
    (kernel,) = view.kernels()
    within(worker, document, view, 0, 1 << 30)
    (mark,) = set(worker.checking)
    assert "diagnostics" in Analyzer().analyse("f.py", document.file.text, quarantined=[mark])["kernels"][0]
    assert kernel["diagnostics"] == Analyzer().analyse("f.py", document.file.text, quarantined=[mark])["kernels"][0]["diagnostics"]
    for key in (mark, kernel["key"]):
        left_alone = WorkerHere(quarantined=[key])
        document.tried = {}
        assert titles(within(left_alone, document, view, 0, 1 << 30)) == []
        assert (left_alone.checking, len(left_alone.asked)) == ([], 1)


def test_a_mistake_of_ours_in_a_try_costs_that_diagnostic_its_fixes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    mends = Trial.mends

    def fails(self: Trial, diagnostic: Any, fix: Any) -> bool:
        if diagnostic.name == "total":
            raise RuntimeError("a bug")
        return mends(self, diagnostic, fix)

    monkeypatch.setattr(Trial, "mends", fails)
    document, view = document_of(TWO)
    assert titles(within(WorkerHere(), document, view, 0, 1 << 30)) == [ADD.replace("total", "other")]


def test_end_to_end(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        text = f"{HEAD}{SUM}"
        client.open(text)
        await client.until(lambda: URI in client.published)
        (problem,) = await client.edit(f"{text}\n")
        at = problem.range.start

        async def offered(only: list[str] | None = None) -> list[lsp.CodeAction]:
            return [a for a in await actions(client, at, only) if a.kind == "quickfix"]

        # A busy machine may take longer than a code action waits for it: then it is asked again, as by a cursor that moves.
        while not (found := await offered(["quickfix"])):
            pass
        (fix,) = found
        assert (fix.title, fix.is_preferred) == (ADD, False)
        assert list(fix.diagnostics or ()) == [problem]
        assert fix.edit is not None
        assert [a.title for a in await offered()] == [ADD]
        assert await offered(["refactor"]) == []
        after = edited(f"{text}\n", fix.edit)
        assert await client.edit(after) == []
        assert await offered() == []

    drive(scenario)
