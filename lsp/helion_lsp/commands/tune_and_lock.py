"""The command "tune and lock": a search in a child process shown as progress, its winner written into the decorator as one edit."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, Protocol
from uuid import uuid4

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion.syntax.namesakes import editor_name, kernel_of_editor, numbered_name
from helion.syntax.tree import KernelSyntax
from helion.target import find_target
from helion.types.untyped import is_mapping
from helion_lsp.commands.best_so_far import BestSoFar, trial_words, trials_of
from helion_lsp.commands.tuning import Tuned, TuningFailed, TuningRequest, tune
from helion_lsp.commands.watch import Watch
from helion_lsp.commands.write_lock import write_lock
from helion_lsp.front.heard_tunings import CANCELLED, FAILED
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document

_BUDGET_SECONDS = 60.0
_ASKED_SECONDS = 120.0
_KEEP = "Keep"


async def tune_and_lock(ls: HelionServer, uri: str, kernel: str, *options: Any) -> dict[str, Any]:
    """`{locked, message, estimated?}`. Cancelled by its progress token or by `$/cancelRequest`; the text may be edited meanwhile."""
    document = ls.documents.documents.get(uri)
    if document is None or not ls.trusted:
        return {"locked": False, "message": "the document is not open" if ls.trusted else "the workspace is not trusted"}
    named = kernel_of_editor(document.module, kernel)
    if named is None:
        return {"locked": False, "message": f"there is no kernel {kernel} in the text any more"}
    kernel = editor_name(named)
    if (uri, kernel) in ls.tunings:
        return {"locked": False, "message": f"{kernel} is being tuned already"}
    ls.tunings.add((uri, kernel))
    try:
        return await _tune_and_lock(ls, document, named, options[0] if options and is_mapping(options[0]) else {})
    finally:
        ls.tunings.discard((uri, kernel))


async def _tune_and_lock(ls: HelionServer, document: Document, named: KernelSyntax, given: Mapping[str, Any]) -> dict[str, Any]:
    uri, kernel = document.uri, editor_name(named)
    host = given.get("host") or ls.options.get("tuneHost") or None
    is_without_gpu = host is None and ls.worker.has_gpu is False
    target = given.get("target") or (_named_target(given) or ls.options.get("target") if is_without_gpu else None)
    budget = float(given.get("budget") or ls.options.get("tuneBudget") or _BUDGET_SECONDS)
    args = given.get("args") or document.samples.get(kernel)
    python = str(given.get("python") or ls.options.get("tunePython") or "python3")
    request = TuningRequest(document.path, document.file.text, numbered_name(named), args, target, budget, host, python)
    watch = Watch(ls, uri, kernel, None if host is None else await ls.tuned.recorder(host))
    progress = _Progress(ls, watch, kernel, host, budget)
    await progress.begin()
    message = "cancelled"
    try:
        found = await progress.cancellable(tune(request, progress.report))
        answers = [await write_if_worth(ls, uri, kernel, one) for one in found]
        answer = next((answer for answer in answers if not answer["locked"]), answers[-1])
        words = [answer["message"] for answer in answers]
        if any(one.estimated for one in found) and not given.get("target"):
            words.append(f"nothing was measured: there is no GPU {progress.place}")
        message = "; ".join(dict.fromkeys(words))
        return {**answer, "message": message}
    except TuningFailed as problem:
        message = str(problem)
        watch.end(FAILED, message)
        return {"locked": False, "message": message}
    except asyncio.CancelledError:
        if not progress.is_cancelled:
            raise
        progress.end(message)
        watch.end(CANCELLED, message)
        kept = await _kept(ls, kernel, request, progress.best)
        return await write_lock(ls, uri, kernel, kept) if kept is not None else {"locked": False, "message": message}
    finally:
        progress.end(message)
        watch.end(CANCELLED, message)


async def write_if_worth(ls: HelionServer, uri: str, kernel: str, found: Tuned) -> dict[str, Any]:
    """As the command line does: what was measured to be no faster, or was not shown to be right, is not written. An estimate of the default
    config is: it says what to start from, and that it is one."""
    if found.refused is not None and not found.estimated:
        told = {"estimated": False, "config": found.config, "device": found.device}
        return {"locked": False, "message": f"{kernel}: not locked: {found.refused}", **told}
    answer = await write_lock(ls, uri, kernel, found)
    return answer if found.refused is None else {**answer, "message": f"{answer['message']}; {found.refused}"}


def _named_target(given: Mapping[str, Any]) -> str | None:
    """The target that a lock's device is, where it is one's name: what is estimated is estimated for it."""
    found = find_target(str(given.get("device") or ""))
    return None if found is None else found.name


async def _kept(ls: HelionServer, kernel: str, request: TuningRequest, best: BestSoFar) -> Tuned | None:
    """The best so far, in its shortest form, if there is one and the user wants it; who cannot be asked does not."""
    if best.microseconds is None:
        return None
    actions = [lsp.MessageActionItem(title=title) for title in (_KEEP, "Discard")]
    words = f"Tuning {kernel} was cancelled: keep the best so far ({best.words})?"
    asked = lsp.ShowMessageRequestParams(lsp.MessageType.Info, words, actions)
    try:
        answer = await asyncio.wait_for(ls.window_show_message_request_async(asked), _ASKED_SECONDS)
    except (TimeoutError, JsonRpcException):
        return None
    if answer is None or answer.title != _KEEP:
        return None
    params = {"kernel": kernel, "config": best.config, "target": best.device, "args": request.args}
    try:
        found = await ls.worker.request("shortest", request.path, request.text, params)
    except WorkerUnavailable:
        return None
    evidence = {**found["evidence"], **best.evidence}
    estimated = bool(best.evidence["estimated"])
    return Tuned(found["config"], best.device, request.args, best.microseconds, estimated, evidence)


class _Bars(Protocol):
    """Pygls' progress bars: it types neither its futures nor what they give."""

    @property
    def tokens(self) -> dict[int | str, Future[Any]]: ...

    def create_async(self, token: int | str) -> Coroutine[Any, Any, Any]: ...

    def begin(self, token: int | str, value: lsp.WorkDoneProgressBegin) -> None: ...

    def report(self, token: int | str, value: lsp.WorkDoneProgressReport) -> None: ...

    def end(self, token: int | str, value: lsp.WorkDoneProgressEnd) -> None: ...


class _Progress:
    """The client's progress bar of one tuning, if it has them. pygls never forgets tokens, so `end` does."""

    def __init__(self, ls: HelionServer, watch: Watch, kernel: str, host: str | None, budget: float) -> None:
        self._ls = ls
        self._bars: _Bars = ls.work_done_progress
        self._kernel = kernel if host is None else f"{kernel} on {host}"
        self.place = "here" if host is None else f"on {host}"
        self._budget = budget
        self._token = f"helion-tune-{uuid4()}"
        self._is_shown = False
        self._word = ""
        self._words = ""
        self._watch = watch
        self.is_cancelled = False
        self.best = BestSoFar()

    async def begin(self) -> None:
        window = self._ls.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        try:
            created: asyncio.Future[Any] = asyncio.ensure_future(self._bars.create_async(self._token))
            await asyncio.wait_for(asyncio.shield(created), CLIENT_SECONDS)
        except (TimeoutError, JsonRpcException):
            return
        self._is_shown = True
        begin = lsp.WorkDoneProgressBegin(title=f"Tuning {self._kernel}", cancellable=True, message="starting", percentage=0)
        self._bars.begin(self._token, begin)

    async def cancellable(self, work: Any) -> list[Tuned]:
        task = self._ls.keep(work)
        loop = asyncio.get_running_loop()
        cancelled = self._bars.tokens.get(self._token)

        def by_token(_: Any) -> None:
            self.is_cancelled = True
            loop.call_soon_threadsafe(task.cancel)

        if cancelled is not None:
            cancelled.add_done_callback(by_token)
        try:
            return await task
        finally:
            task.cancel()

    async def report(self, event: dict[str, Any]) -> None:
        self.best.hear(event)
        self._watch.hear(event)
        kind, text = event.get("event"), event.get("text")
        if kind == "started":
            self._word = "estimated " if event.get("method") == "model" else ""
            text = f"estimating for {event.get('device')}, since nothing is measured without a GPU" if self._word else None
        best = event.get("best_us")
        if not self._is_shown or not (text or kind == "progress"):
            return
        left = event.get("seconds_left")
        words = text or ("no config runs yet" if best is None else f"best {self._word}{best:.1f} µs")
        if left is not None:
            words = f"{words}, {trial_words(trials_of(event))}, {left:.0f} s left"
        if words == self._words:
            return
        self._words = words
        percentage = None if left is None else max(0, min(100, round(100 * (1 - left / self._budget))))
        self._bars.report(self._token, lsp.WorkDoneProgressReport(message=words, percentage=percentage))

    def end(self, message: str) -> None:
        if self._is_shown:
            self._is_shown = False
            self._bars.end(self._token, lsp.WorkDoneProgressEnd(message=message))
        self._bars.tokens.pop(self._token, None)
