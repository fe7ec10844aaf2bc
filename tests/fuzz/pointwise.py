"""Values of values element by element: each rule writes at most one line and gives what came of it, or None."""

from __future__ import annotations

import torch

from tests.fuzz import forms
from tests.fuzz.values import ONE, Axis, Value
from tests.fuzz.writer import Writer


def unary(w: Writer) -> Value | None:
    value = w.pick()
    if value is None:
        return None
    form, exact = _unary_form(w, value)
    text = form.replace("{}", value.name)
    text = text.replace("FLOAT", w.scalar("float")) if "FLOAT" in text else text
    text = text.replace("INT", w.scalar(w.draw.choice(["int", "int", "float"]))) if "INT" in text else text
    return w.assign(text, value.axes, value.exact and exact, value.tolerance)


def _unary_form(w: Writer, value: Value) -> tuple[str, bool]:
    """A form, and whether what it makes of exact values is exact."""
    dtype, way = w.dtype(value), w.draw.random()
    if dtype == torch.bool:
        return w.draw.choice(forms.UNARY_BOOL), True
    if not dtype.is_floating_point:
        return (w.draw.choice(forms.INEXACT_INT), False) if way < 0.07 else (w.draw.choice(forms.UNARY_INT), True)
    if way < 0.25 and value.exact:
        return w.draw.choice(forms.DECIDING_FLOAT), True
    if way < 0.45:
        return w.draw.choice(forms.INEXACT_FLOAT), False
    return w.draw.choice(forms.CASTS if way < 0.55 else forms.EXACT_FLOAT), True


def binary(w: Writer) -> Value | None:
    first, second = w.pick(), w.pick()
    joined = None if first is None or second is None else aligned(w, first, second)
    if joined is None or first is None or second is None:
        return None
    a, b, axes = joined
    form, exact = _binary_form(w, first, second)
    both_exact = first.exact and second.exact
    return w.assign(form.format(a, b), axes, both_exact and exact, max(first.tolerance, second.tolerance))


def _binary_form(w: Writer, first: Value, second: Value) -> tuple[str, bool]:
    way = w.draw.random()
    if w.is_float(first) or w.is_float(second):
        if way < 0.25:
            return w.draw.choice(forms.INEXACT_BINARY), False
        if way < 0.5 and first.exact and second.exact:
            return w.draw.choice(forms.DECIDING_BINARY), True
    elif way < 0.4:
        is_bool = torch.bool in (w.dtype(first), w.dtype(second))
        return w.draw.choice([form for form in forms.BINARY_INT if not (is_bool and ("<<" in form or ">>" in form))]), True
    return w.draw.choice(forms.BINARY), True


def where(w: Writer) -> Value | None:
    condition, first, second = w.pick(lambda value: w.dtype(value) == torch.bool), w.pick(), w.pick()
    if condition is None or first is None or second is None:
        return None
    values, with_condition = aligned(w, first, second), aligned(w, first, condition)
    if values is None or with_condition is None or not values[2] == with_condition[2] == first.axes:
        return None
    text = w.draw.choice(forms.CHOICES).format(values[0], with_condition[1], values[1])
    exact = first.exact and second.exact and condition.exact
    return w.assign(text, first.axes, exact, max(first.tolerance, second.tolerance))


def helper(w: Writer) -> Value | None:
    value = w.pick(w.is_float)
    if value is None:
        return None
    form, exact = w.draw.choice(forms.HELPER_CALLS)
    return w.assign(form.format(value.name), value.axes, value.exact and exact, value.tolerance)


def aligned(w: Writer, first: Value, second: Value) -> tuple[str, str, tuple[Axis, ...]] | None:
    """Two values as operands that broadcast, and the axes of what comes of it; None where their axes stand in no common order."""
    if len(first.axes) < len(second.axes):
        swapped = aligned(w, second, first)
        return None if swapped is None else (swapped[1], swapped[0], swapped[2])
    if len(first.axes) == len(second.axes):
        pairs = list(zip(first.axes, second.axes, strict=True))
        joined = tuple(a if a != ONE else b for a, b in pairs)
        real = [axis for axis in joined if axis != ONE]
        fits = all(a == b or ONE in (a, b) for a, b in pairs) and len(set(real)) == len(real)
        return (first.name, second.name, joined) if fits else None
    places = [first.axes.index(axis) if axis in first.axes else -1 for axis in second.axes]
    if ONE in second.axes or -1 in places or places != sorted(set(places)):
        return None
    if places == list(range(len(first.axes) - len(places), len(first.axes))) and w.draw.random() < 0.7:
        return first.name, second.name, first.axes
    shown = ", ".join(":" if place in places else "None" for place in range(len(first.axes)))
    return first.name, f"{second.name}[{shown}]", first.axes
