"""pygls 2.1's protocol in, the same with its known faults repaired out; each repair says what goes wrong without it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import InvalidStateError
from functools import partial
from typing import Any, cast
from uuid import uuid4

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.protocol.language_server import lsp_method

from helion.types.untyped import is_mapping

PREVIEW_SCHEME = "helion-preview"


def pulls_and_refreshes(client: lsp.ClientCapabilities) -> bool:
    """Whether diagnostics are the client's to ask for: one that cannot be told to ask again (Neovim 0.11) would miss late ones."""
    documents, workspace = client.text_document, client.workspace
    if documents is None or documents.diagnostic is None or workspace is None or workspace.diagnostics is None:
        return False
    return bool(workspace.diagnostics.refresh_support)


class RepairedProtocol(LanguageServerProtocol):
    """Cancelled commands stop, late answers are ignored, nonsense is an error, futures are forgotten, and documents are ours alone."""

    def _execute_handler(
        self, msg_id: Any, handler: Any, callback: Any, args: tuple[Any, ...] | None = None, kwargs: dict[str, Any] | None = None
    ) -> None:
        """The future of every notification would be kept for good."""
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.add_done_callback(lambda _: self._request_futures.pop(msg_id, None))

    def _run_generator(self, future: Any, *, gen: Generator[Any, Any, Any], result_future: Any) -> None:
        """`$/cancelRequest` of a command would answer at once and leave its coroutine running."""
        if result_future.cancelled():
            gen.close()
            return
        try:
            value = future.result() if future is not None else None
            handler, args, kwargs = gen.send(value)
        except StopIteration as stop:
            result_future.set_result(stop.value)
            return
        except asyncio.CancelledError:
            result_future.cancel()
            return
        except Exception as problem:  # noqa: BLE001 - whatever the handler raised is the request's answer
            result_future.set_exception(problem)
            return
        inner_id = str(uuid4())
        follow = partial(self._run_generator, gen=gen, result_future=result_future)
        self._execute_handler(inner_id, handler, follow, args, kwargs)
        inner = self._request_futures.get(inner_id)
        if inner is not None:
            result_future.add_done_callback(partial(_cancel_with, inner))

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Cancelling what has just been answered is no fault, and would be warned of at every other key press."""
        if msg_id in self._request_futures:
            super()._handle_cancel_notification(msg_id)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A request that cannot be read would never be answered, nor an answer arrive that is none: who asked would wait for good."""
        try:
            return super().structure_message(data)
        except JsonRpcException as problem:
            if "id" not in data:
                raise
            what = "request" if "method" in data else "answer"
            error = lsp.ResponseError(code=int(lsp.ErrorCodes.InvalidParams), message=f"the {what} cannot be read: {problem}")
            if "method" not in data:
                return lsp.ResponseErrorMessage(id=data["id"], error=error)
            self._send_response(data["id"], error=error)
            return JsonRPCNotification(method="$/unreadable", jsonrpc=self.VERSION, params=None)  # what is not handled is passed over

    def _handle_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        """A client's answer to a request that we gave up on would raise."""
        future = self._request_futures.get(msg_id)
        if future is not None and future.done():
            self._request_futures.pop(msg_id, None)
            return
        try:
            super()._handle_response(msg_id, result, error)
        except InvalidStateError:
            return

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(self, params: lsp.InitializeParams) -> Generator[Any, Any, lsp.InitializeResult]:
        """Virtual documents would never be offered, and semantic tokens always: clients ask one server only, which may be another."""
        result = yield from super().lsp_initialize(params)
        if is_mapping(params.initialization_options) and params.initialization_options.get("semanticTokens") is False:
            result.capabilities.semantic_tokens_provider = None
        if not pulls_and_refreshes(params.capabilities):
            result.capabilities.diagnostic_provider = None
        workspace = result.capabilities.workspace or lsp.WorkspaceOptions()
        workspace.text_document_content = lsp.TextDocumentContentOptions(schemes=[PREVIEW_SCHEME])
        result.capabilities.workspace = workspace
        return result

    # pygls' own documents split lines at form feeds, corrupt the last line and are dropped before our handlers run: not kept at all.

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> Any:
        yield self._handler(lsp.TEXT_DOCUMENT_DID_OPEN), (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> Any:
        yield self._handler(lsp.TEXT_DOCUMENT_DID_CHANGE), (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> Any:
        yield self._handler(lsp.TEXT_DOCUMENT_DID_CLOSE), (params,), None

    def _handler(self, method: str) -> Any:
        """What the server registered for a method."""
        features = cast("dict[str, Any]", self.fm.features)  # pyright: ignore[reportUnknownMemberType]  # pygls leaves handlers untyped
        return features[method]


def _cancel_with(inner: Any, outer: Any) -> None:
    if outer.cancelled():
        inner.cancel()
