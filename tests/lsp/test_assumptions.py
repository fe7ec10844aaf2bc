"""Sizes that are taken to be equal: the assert that is offered is Python, holds exactly where the assumption does, and makes it go away."""

from __future__ import annotations

import pytest

from helion_lsp.worker.analysis import Analyzer
from tests.lsp.test_hover import HEAD


@pytest.mark.parametrize(
    ("lines", "label", "asserted"),
    [
        ("v = x[t, :].reshape([t, n // 2, 2]).sum(-1) + y[t, :]", "n//2 = y.1", "n // 2 == y.size(1)"),
        ("v = hl.join(y[t, :], y[t, :]).reshape([t, -1]) + x[t, :]", "n = 2*y.1", "n == 2 * y.size(1)"),
        ("v = x[t, :] + y[t, :]", "n = y.1", "n == y.size(1)"),
    ],
)
def test_the_assert_says_what_was_assumed(lines: str, label: str, asserted: str) -> None:
    text = (
        f"{HEAD}@helion.kernel\ndef f(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:\n    m, n = x.size()\n"
        f"    out = torch.empty_like(y)\n    for t in hl.tile(m):\n        {lines}\n        out[t, 0] = v.sum(-1)\n    return out\n"
    )
    (kernel,) = Analyzer().analyse("f.py", text)["kernels"]
    (found,) = [a for a in kernel["assumptions"] if "y.1" in a["label"]]
    start, end, new = found["edit"]
    given = new.strip().removeprefix("assert ").replace("//", " // ").replace("*", " * ").split()
    assert sorted(given) == sorted(asserted.split())
    assert sorted(found["label"].removeprefix("requires ").split(" = ")) == sorted(label.split(" = "))
    after = text[: kernel["start"] + start] + new + text[kernel["start"] + end :]
    (kernel,) = Analyzer().analyse("f.py", after)["kernels"]
    assert kernel["diagnostics"] == []
