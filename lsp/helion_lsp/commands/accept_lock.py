"""The command "keep a lock as it is": new evidence for a config that stands in the text, which says that it is good for this kernel."""

from __future__ import annotations

from typing import Any

from helion.types.untyped import is_mapping
from helion_lsp.commands.codemod import renew
from helion_lsp.front.server import HelionServer
from helion_lsp.front.worker_client import WorkerUnavailable


async def accept_lock(ls: HelionServer, uri: str, kernel: str, lock: Any) -> dict[str, Any]:
    """`{accepted, message}`; `lock` is `{device, signature}`. The text stays; the sidecar says it once the text is saved."""
    document = ls.documents.documents.get(uri)
    if document is None or not is_mapping(lock) or "device" not in lock:
        return _told("the document is not open" if document is None else "a lock is `{device, signature}`")
    if not ls.trusted:
        return _told("the workspace is not trusted")
    device = str(lock["device"])
    params = {"kernel": kernel, "device": device, "signature": lock.get("signature"), "session_locks": ls.session_locks.of(uri)}
    try:
        found = await ls.worker.request("accepted", document.path, document.file.text, params)
    except WorkerUnavailable as problem:
        return _told(f"the lock was left as it is: {problem}")
    if "refused" in found:
        return _told(f"the lock was left as it is: {found['refused']}")
    await renew(ls, document, [found])
    return {"accepted": True, "message": f"the config of {kernel} for {device} is kept as it is"}


def _told(message: str) -> dict[str, Any]:
    return {"accepted": False, "message": message}
