"""The editor locks what the command line would: a measured result that its verdict refuses leaves the decorator alone."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from helion_lsp.commands.tune_and_lock import write_if_worth
from helion_lsp.commands.tuning import Tuned

_NO_SERVER = cast("Any", None)


def test_what_is_no_faster_or_not_right_is_not_written() -> None:
    for words in ("no significant change: the default config stays", "the winner's results were not shown to be right: they differ"):
        found = Tuned({"num_warps": 8}, "NVIDIA H200", None, 10.0, estimated=False, evidence={}, refused=words)
        answer = asyncio.run(write_if_worth(_NO_SERVER, "file:///k.py", "k", found))
        assert (answer["locked"], answer["message"]) == (False, f"k: not locked: {words}")
