"""Bounds and options -> the `tl.range` of a loop; knows nothing of what runs in it."""

from __future__ import annotations


def range_text(begin: str, end: str, step: str, options: str) -> str:
    """Triton unrolls a loop that begins past its end wrongly (seen in 3.6 and 3.7): where a loop is unrolled it begins no later."""
    if "loop_unroll_factor" in options and not _is_before(begin, end):
        begin = f"tl.{'maximum' if step.startswith('-') else 'minimum'}({begin}, {end})"
    return f"tl.range({begin}, {end}, {step}{options})"


def round_count(begin: str, end: str, step: str, may_fall: bool) -> str:
    """How many rounds there are from `begin` to before `end`; where the step may be negative both signs are told apart."""
    extent = end if begin == "0" else f"({end} - {begin})"
    if step == "1":
        return extent
    if step.startswith("-") and step[1:].isdecimal():
        return f"tl.cdiv({begin} - {end}, {step[1:]})"
    if not may_fall:
        return f"tl.cdiv({extent}, {step})"
    return f"tl.where({step} > 0, ({end} - {begin} + {step} - 1) // {step}, ({begin} - {end} - {step} - 1) // -{step})"


def _is_before(begin: str, end: str) -> bool:
    """Whether the texts tell: sizes are never negative."""
    return begin == "0" or (begin.isdecimal() and end.isdecimal() and int(begin) <= int(end))
