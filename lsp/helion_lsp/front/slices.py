"""A worker's answer about part of a document and what was known before in, what is known of all of it out.

A document with many kernels is checked a few kernels at a time, the one being edited first, so that an edit never waits for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SLICE_SECONDS = 0.03
_NOTHING: Mapping[str, Any] = {
    "diagnostics": [],
    "hovers": [],
    "hints": [],
    "assumptions": [],
    "loops": [],
    "entities": [],
    "shapes": [],
    "tokens": [],
}


def known_kernels(analysis: Mapping[str, Any] | None) -> dict[str, str]:
    """The keys of the kernels whose data need not be sent again; it was made for nothing in particular."""
    return {} if analysis is None else {kernel["key"]: "" for kernel in analysis["kernels"] if not kernel["pending"]}


def whole_analysis(answer: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """A kernel that was not sent because it is known is filled in; one whose turn is still to come keeps what was said of it, if only its
    place has changed."""
    earlier: list[Mapping[str, Any]] = [] if before is None else before["kernels"]
    by_key = {kernel["key"]: kernel for kernel in earlier}
    by_name = {kernel["name"]: kernel for kernel in earlier}
    kernels = [{"pending": False, **_filled(kernel, by_key, by_name)} for kernel in answer["kernels"]]
    return {**answer, "kernels": kernels}


def _filled(kernel: Mapping[str, Any], by_key: Mapping[str, Any], by_name: Mapping[str, Any]) -> dict[str, Any]:
    if kernel.get("same"):
        return {**by_key[kernel["key"]], **kernel}
    if not kernel.get("pending"):
        return dict(kernel)
    same_name = by_name.get(kernel["name"])
    if same_name is None or any(same_name.get(part) != kernel.get(part) for part in ("length", "call")):
        return {**_NOTHING, **kernel}
    return {**same_name, "diagnostics": [_inside(d, kernel["length"]) for d in same_name["diagnostics"]], **kernel}


def _inside(diagnostic: Mapping[str, Any], length: int) -> dict[str, Any]:
    """Without the fixes that change text outside the kernel, which may have moved."""
    fixes = [fix for fix in diagnostic["fixes"] if all(0 <= start <= end <= length for start, end, _ in fix["edits"])]
    return {**diagnostic, "fixes": fixes}


def known_details(details: Mapping[str, Any] | None) -> dict[str, str]:
    """What each kernel's details were made for, by key."""
    return {} if details is None else {key: data["made_for"] for key, data in details["kernels"].items()}


def whole_details(answer: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The same for details; kernels whose turn is still to come keep theirs under the same key."""
    earlier: Mapping[str, Any] = {} if before is None else before["kernels"]
    kernels = {key: {**earlier[key], **data} if data.get("same") else data for key, data in answer["kernels"].items()}
    waiting = {key: earlier[key] for key in answer["pending"] if key in earlier}
    return {**answer, "kernels": {**kernels, **waiting}}
