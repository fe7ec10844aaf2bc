"""An old analysis seen from a newer text: what did not change keeps its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from helion_lsp.features.hover import hover
from helion_lsp.features.view import UNCHANGED, TextChange, View

TEXTS = st.text("ab\n", max_size=20)


@given(before=TEXTS, old=TEXTS, new=TEXTS, after=TEXTS)
def test_offsets_outside_the_change_name_the_same_character(before: str, old: str, new: str, after: str) -> None:
    first, second = before + old + after, before + new + after
    change = TextChange.between(first, second)
    assert first[: change.start] + second[change.start : change.new_end] + first[change.old_end :] == second
    for offset in range(len(second)):
        then = change.to_old(offset)
        if then is not None and offset != change.start:
            assert first[then] == second[offset]
            assert change.to_new(then) == offset


def test_hovers_shift_with_an_edit_above_and_vanish_inside_one() -> None:
    kernel = {"start": 10, "length": 20, "name": "k", "key": "k", "hovers": [[0, 20, "outer"], [5, 8, "inner"]]}
    analysis = {"diagnostics": [], "kernels": [kernel]}
    text = "0123456789" + "abcdefghijklmnopqrst"
    assert hover(View(analysis, UNCHANGED), 16) == (15, 18, "inner")
    assert hover(View(analysis, TextChange.between(text, "new" + text)), 19) == (18, 21, "inner")
    inside = text.replace("fgh", "f((((gh")
    assert hover(View(analysis, TextChange.between(text, inside)), 18) is None
    assert hover(View(analysis, TextChange.between(text, inside)), 12) == (10, 34, "outer")
