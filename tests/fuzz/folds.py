"""Values of whole axes: reductions, scans, sorts and what is normalized along one. Tiles are not folded: their length is the config's."""

from __future__ import annotations

import torch

from tests.fuzz.values import ONE, Axis, Value
from tests.fuzz.writer import Writer

# Text, and which of exact values stay exact: `any` dtype, `float32` (whose sums of few small eighths are), or `none`.
_FLOAT_REDUCTIONS = (
    *(("{0}.sum({1}{2})", "float32"), ("{0}.amax({1}{2})", "any"), ("torch.amin({0}, dim={1}{2})", "any"), ("{0}.mean({1}{2})", "none")),
    *(("torch.logsumexp({0}, {1}{2})", "none"), ("{0}.var({1}{2}, correction=0)", "none"), ("{0}.std({1}{2}, correction=0)", "none")),
    *(("torch.linalg.vector_norm({0}, dim={1}{2})", "none"), ("{0}.sum({1}{2}, dtype=torch.float32)", "float32")),
    *(("torch.prod({0}.sigmoid(), dim={1}{2})", "none"), ("{0}.norm(dim={1}{2})", "none"), ("torch.max({0}, {1}{2})[0]", "any")),
    *(("torch.min({0}, dim={1}{2})[0]", "any"), ("{0}.max({1}{2}).values", "any"), ("torch.median({0}, {1}{2})[0]", "any")),
    *(("torch.var_mean({0}, {1}{2}, correction=0)[1]", "none"), ("hl.reduce(torch.add, {0}, {1}{3})", "float32")),
    *(("hl.reduce(torch.maximum, {0}, {1}, other=float('-inf'){3})", "any"),),
)
_DECIDING_REDUCTIONS = (
    *("{0}.argmax({1}{2})", "torch.argmin({0}, dim={1}{2})", "torch.any({0}, dim={1}{2})", "torch.max({0}, {1}{2})[1]"),
    *("torch.min({0}, {1}{2}).indices", "torch.count_nonzero({0}, dim={1})", "({0} > 0).sum({1}{2})", "({0} == 0).all({1}{2})"),
)
_BOOL_REDUCTIONS = (
    *("{0}.sum({1}{2})", "torch.any({0}, dim={1}{2})", "{0}.all({1}{2})", "torch.count_nonzero({0}, dim={1})", "{0}.amin({1}{2})"),
    *("torch.amax({0}, {1}{2})", "{0}.prod({1}{2})", "{0}.int().argmax({1}{2})"),
)
_INT_REDUCTIONS = (
    *("{0}.sum({1}{2})", "{0}.amax({1}{2})", "{0}.amin({1}{2})", "torch.argmax({0}, dim={1}{2})", "{0}.argmin({1}{2})"),
    *("torch.any({0}, dim={1}{2})", "{0}.all({1}{2})", "torch.max({0}, {1}{2})[1]", "({0} & 1).prod({1}{2})"),
    *("{0}.sum({1}{2}, dtype=torch.float32)", "torch.max({0}, {1}{2})[0]", "{0}.sum({1}{2}, dtype=torch.int32)"),
    *("hl.reduce(torch.add, {0}, {1}{3})", "torch.prod(({0} % 2), dim={1}{2})", "{0}.median({1}{2}).values"),
)
_OF_TWO_DIMS = (".sum(", "amax(", "amin(", ".mean(", "logsumexp", ".var(", "any(", "vector_norm")
_FLOAT_ALONG = (
    *("torch.softmax({0}, dim={1})", "torch.log_softmax({0}, {1})", "F.softmax({0}, dim={1}, dtype=torch.float32)"),
    *("{0} - {0}.mean({1}, keepdim=True)", "torch.cumprod({0}.sigmoid(), {1})", "torch.logcumsumexp({0}, {1})"),
    *("{0} / ({0}.abs().sum({1}, keepdim=True) + 1)", "F.normalize({0}.float(), dim={1})"),
)
_SORTS = (
    *("torch.sort({0}, -1)[0]", "torch.sort({0}, -1, descending=True).values", "torch.sort({0}, -1, stable=True)[1]"),
    *("torch.argsort({0}, -1, stable=True)",),
)


def reduce(w: Writer) -> Value | None:
    value = w.pick(lambda v: any(axis.reduces for axis in v.axes))
    if value is None:
        return None
    dims = [place for place, axis in enumerate(value.axes) if axis.reduces]
    form, exact = _reduction(w, value)
    keeps = w.draw.random() < 0.35 and "count_nonzero" not in form
    chosen = [w.draw.choice(dims)]
    if len(dims) > 1 and w.draw.random() < 0.3 and "hl." not in form and any(part in form for part in _OF_TWO_DIMS):
        chosen = sorted(w.draw.sample(dims, 2))
    rank = len(value.axes)
    shown = str(w.draw.choice([chosen[0], chosen[0] - rank])) if len(chosen) == 1 else f"({chosen[0]}, {chosen[1] - rank})"
    axes = [ONE if place in chosen else axis for place, axis in enumerate(value.axes) if keeps or place not in chosen]
    keepdim, keep_dims = (", keepdim=True", ", keep_dims=True") if keeps else ("", "")
    text = form.format(value.name, shown, keepdim, keep_dims)
    eager = text
    if "hl.reduce(torch.maximum" in form:
        eager = f"{value.name}.amax({shown}{keepdim})"
    elif "hl.reduce(torch.add" in form:
        eager = f"{value.name}.sum({shown}{keepdim}).to({value.name}.dtype)"
    return w.assign(text, axes, exact, value.tolerance * (2 if "sum" in form else 1), eager)


def _reduction(w: Writer, value: Value) -> tuple[str, bool]:
    """A form, and whether what it makes of the value is exact."""
    dtype = w.dtype(value)
    if dtype == torch.bool:
        return w.draw.choice(_BOOL_REDUCTIONS), value.exact
    if not dtype.is_floating_point:
        return w.draw.choice(_INT_REDUCTIONS), value.exact
    if value.exact and w.draw.random() < 0.3:
        return w.draw.choice(_DECIDING_REDUCTIONS), True
    form, keeps_exact = w.draw.choice(_FLOAT_REDUCTIONS)
    return form, value.exact and (keeps_exact == "any" or (keeps_exact == "float32" and dtype == torch.float32))


def along(w: Writer) -> Value | None:
    """What keeps its shape and looks at a whole axis."""
    value = w.pick(lambda v: any(axis.kind == "whole" for axis in v.axes))
    if value is None:
        return None
    dim = w.draw.choice([place for place, axis in enumerate(value.axes) if axis.kind == "whole"])
    text, exact, eager = w.draw.choice(_along_forms(w, value, dim))
    return w.assign(text.format(value.name, dim), value.axes, exact, value.tolerance * 2, eager.format(value.name, dim))


def _along_forms(w: Writer, value: Value, dim: int) -> list[tuple[str, bool, str]]:
    """What may be drawn along a dim: the text, whether it is exact, and eager torch for what is the language's own."""
    is_float, is_bool = w.is_float(value), w.dtype(value) == torch.bool
    sums = value.exact and w.dtype(value) not in (torch.float16, torch.bfloat16)
    found = [("torch.cumsum({0}, {1})", sums, "")]
    if is_float:
        found += [(form, False, "") for form in _FLOAT_ALONG]
        found += [
            ("hl.cumsum({0}, {1}, reverse=True)", sums, "{0}.flip({1}).cumsum({1}).flip({1}).to({0}.dtype)"),
            ("hl.associative_scan(torch.maximum, {0}, {1})", value.exact, "torch.cummax({0}, {1})[0]"),
            ("hl.associative_scan(torch.minimum, {0}, {1}, reverse=True)", value.exact, "torch.cummin({0}.flip({1}), {1})[0].flip({1})"),
        ]
    else:
        found.append(("{0} * {0}.sum({1}, keepdim=True) % 7", value.exact, ""))
    if not is_bool:
        extremes = ("torch.cummax({0}, {1})[0]", "torch.cummin({0}, {1}).values", "{0} - torch.amax({0}, {1}, True)")
        found += [(form, value.exact, "") for form in extremes]
        if value.exact:
            found.append(("torch.where({0} == {0}.amax({1}, keepdim=True), {0}, 0)", True, ""))
            found += [(form, True, "") for form in _SORTS if dim == len(value.axes) - 1]
    return found


def topk(w: Writer) -> Value | None:
    value = w.pick(lambda v: bool(v.axes) and v.axes[-1].kind == "whole" and v.exact and w.dtype(v) != torch.bool)
    if value is None:
        return None
    count = w.draw.choice([1, 2, 4])
    last = value.axes[-1].size
    if w.names[value.name].shape[-1] < count:
        return None
    w.minimums[last] = max(count, w.minimums.get(last, 0))
    form = w.draw.choice(["torch.topk({0}, {1}, -1)[0]", "torch.topk({0}, {1}, dim=-1, largest=False).values"])
    return w.assign(
        form.format(value.name, count), (*value.axes[:-1], Axis(":", str(count), "constant")), exact=True, tolerance=value.tolerance
    )
