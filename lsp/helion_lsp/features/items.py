"""What a completion is before it is put into a protocol's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """`detail` stands behind the label, `description` at the row's end. `insert` is the label where it is None.

    `rank` sorts before the order given; `replaces_owner` also replaces the `hl.` before the word; `filter` is what typing is compared
    with; `key` finds the documentation.
    """

    label: str
    kind: str
    detail: str = ""
    description: str = ""
    insert: str | None = None
    is_snippet: bool = False
    rank: int = 0
    key: str = ""
    filter: str | None = None
    replaces_owner: bool = False
    preselect: bool = False
