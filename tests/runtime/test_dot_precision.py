"""How float32 operands are multiplied: torch's words and Triton's, and no others."""

from __future__ import annotations

import pytest

import helion


@pytest.mark.parametrize(
    ("given", "meant"),
    [("default", "tf32"), ("high", "tf32x3"), ("highest", "ieee"), ("tf32", "tf32"), ("tf32x3", "tf32x3"), ("ieee", "ieee")],
)
def test_words(given: str, meant: str) -> None:
    assert helion.Settings(dot_precision=given).dot_precision == meant


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dot_precision must be one of tf32, .*, not .exact."):
        helion.Settings(dot_precision="exact")


def test_an_unknown_word_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRITON_F32_DEFAULT", "fast")
    with pytest.raises(ValueError, match="not 'fast'"):
        helion.Settings()
