"""Renames that are refused, splices of tokens, and that what the editor says of options is what the toolkit does."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from helion.environment_names import environment_names
from helion.settings import FIELD_NAMES
from helion_lsp.features.cursor import cursor_at
from helion_lsp.features.place import place_at
from helion_lsp.features.rename import renameable, renamed
from helion_lsp.features.semantic_tokens import difference
from helion_lsp.features.structure import folds, selections, symbols
from helion_lsp.worker.option_texts import VALUES, meanings_of_settings
from tests.lsp.marks import facts, state_of

KERNEL = """from helion.autotuner import PowerOfTwoFragment

@helion.kernel(config=helion.Config(parts=4))
def twice(x: torch.Tensor, y: torch.Tensor) -> None:
    (n,) = x.size()
    parts = hl.register_tunable("parts", PowerOfTwoFragment(1, 8))
    for tile in hl.tile(n, block_size=helion.next_power_of_2(helion.cdiv(n, parts))):
        x[tile] = x[tile] * 2
    for tile in hl.tile(n, block_size=64):
        y[tile] = y[tile] * 2
"""


def rename(words: str, new: str, text: str = KERNEL, into: int = 0) -> str:
    """The text after a rename, or why there is none."""
    state = state_of(text, text)
    offset = state.module.file.text.index(words) + into
    found = renamed(state.module, state.view, offset, new)
    if isinstance(found, str):
        return found
    result = state.module.file.text
    for span in reversed(found):
        result = result[: span.start] + new + result[span.end :]
    return result


def test_a_tile_is_renamed_in_its_own_loop() -> None:
    text = rename("y[tile]", "row", into=3)
    assert text.count("row") == 3
    assert "for row in hl.tile(n, block_size=64):\n        y[row] = y[row] * 2" in text
    assert "x[tile] = x[tile] * 2" in text


@pytest.mark.parametrize(
    ("new", "why"), [("n", "`n` is used in `twice` already"), ("for", "`for` is not a name"), ("a b", "`a b` is not a name")]
)
def test_names_that_would_change_the_kernel_are_refused(new: str, why: str) -> None:
    assert rename("y[tile]", new, into=3) == why


def test_a_tile_that_is_read_after_its_loop_is_left_alone() -> None:
    text = KERNEL + "    print(tile)\n"
    assert "may be another one" in rename("y[tile]", "row", text, into=3)


def test_the_key_of_a_tunable_is_renamed_where_configs_name_it() -> None:
    text = rename('"parts"', "pieces", into=2)
    assert 'register_tunable("pieces"' in text
    assert "Config(pieces=4)" in text
    assert "parts = hl." in text
    assert rename("parts=4", "pieces", into=1) == text


def test_other_keys_are_not_offered_to_rename() -> None:
    text = KERNEL.replace("parts=4", "num_warps=4")
    state = state_of(text, text)
    assert renameable(state.module, state.view, state.module.file.text.index("num_warps")) is None


def test_a_splice_makes_the_new_answer_of_the_old_one() -> None:
    rng = random.Random(0)
    for _ in range(200):
        old = [rng.randrange(3) for _ in range(5 * rng.randrange(8))]
        new = old[: 5 * rng.randrange(len(old) // 5 + 1)] + [rng.randrange(3) for _ in range(5 * rng.randrange(4))] + old[-5:]
        splice = difference(old, new)
        if splice is None:
            assert old == new
            continue
        assert splice.start % 5 == splice.deleted % 5 == len(splice.inserted) % 5 == 0
        assert [*old[: splice.start], *splice.inserted, *old[splice.start + splice.deleted :]] == new


def test_every_setting_is_explained() -> None:
    assert set(meanings_of_settings()) == set(FIELD_NAMES)


def test_values_of_settings_are_those_that_their_meanings_name() -> None:
    meanings = meanings_of_settings()
    for name, values in VALUES.items():
        strings = [value.strip('"') for value in values if value.startswith('"')]
        missing = [value for value in strings if value not in meanings[name].lower()]
        assert not missing, f"{name}: {missing}"


def test_every_variable_that_the_toolkit_reads_is_offered() -> None:
    offered = {variable["name"] for variable in facts()["environment"]}
    assert environment_names() | {"TRITON_INTERPRET"} == offered


def test_every_member_of_the_language_is_documented() -> None:
    undocumented = [m["name"] for m in facts()["members"]["helion.language"] if not m["doc"]]
    assert undocumented == []


def test_the_outline_has_locks_and_nested_loops() -> None:
    text = KERNEL.replace("config=helion.Config(parts=4)", 'configs={"sm_90": {"f32[8], f32[8]": helion.Config(\n    parts=4,\n)}}')
    state = state_of(text, text)
    (kernel,) = symbols(state.module)
    assert [(s.kind, s.name, s.detail) for s in kernel.children] == [
        ("config", "sm_90", "f32[8], f32[8]"),
        ("loop", "for tile", "hl.tile(n, block_size=helion.next_power_of_2(helion.cdiv(n, parts)))"),
        ("loop", "for tile", "hl.tile(n, block_size=64)"),
    ]
    assert all(kernel.whole.encloses(child.whole) and child.whole.encloses(child.name_span) for child in kernel.children)
    assert [fold.kind for fold in folds(state.module)] == ["configs", "loop", "loop"]


def test_selections_only_grow() -> None:
    state = state_of(KERNEL, KERNEL)
    for offset in range(0, len(state.module.file.text), 7):
        spans = selections(state.module, offset)
        assert all(outer.encloses(inner) for inner, outer in pairwise(spans)), offset


def test_a_cursor_anywhere_in_anything_is_answered() -> None:
    state = state_of(KERNEL, KERNEL)
    text = state.module.file.text
    for end in range(0, len(text), 3):
        cut = text[:end]
        cursor = cursor_at(cut, end)
        assert cut[cursor.start : cursor.end] == cursor.word
        place_at(state.module, end)


@pytest.mark.parametrize("text", ["x = 'é🙂' + hl.", "\r\n\thl.", "@", "f(\n'''", "\\\n", "{[(\"'", "a.b..c", "\f\u2028hl.z"])
def test_odd_texts_have_a_cursor(text: str) -> None:
    cursor = cursor_at(text, len(text))
    assert text[cursor.start : cursor.end] == cursor.word
