"""The catalog: codes are unique, each has a manual page with both examples; and user mistakes give exactly the right codes and fixes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import textwrap

import pytest

from helion import compiler, exc
from helion.diagnostics import catalog
from helion.diagnostics.catalog.loops import LoopCarriedTypeChange
from helion.diagnostics.catalog.runtime import TensorsOnCpu
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.diagnostics.diagnostic import Diagnostic, Severity
from helion.diagnostics.render import render_plain
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile, Span
from helion.typecheck.global_names import FileGlobals

HEAD = "import torch\nimport helion\nimport helion.language as hl\n\n"

MISTAKES: dict[str, tuple[str, list[str]]] = {
    "undefined name": ("    for t in hl.tile(x.size(0)):\n        out[t] = x[t] + bias", ["undefined-name"]),
    "host variable assigned": ("    total = 0\n    for t in hl.tile(n):\n        total = x[t].sum()", ["host-variable-modified-on-device"]),
    "device variable returned": ("    for t in hl.tile(n):\n        y = x[t]\n    return y", ["device-variable-read-on-host"]),
    "device function on host": ("    acc = hl.zeros([n])\n    for t in hl.tile(n):\n        out[t] = x[t]", ["device-api-on-host"]),
    "too many subscripts": ("    for t in hl.tile(m):\n        out[t] = x[t, :].sum(-1)", ["rank-mismatch"]),
    "stored rank": ("    for a, b in hl.tile([m, k]):\n        w[a, b] = x[a]", ["stored-rank-mismatch"]),
    "stored shape": ("    for a, b in hl.tile([m, k]):\n        w[a, :] = w[a, b]", ["shape-mismatch"]),
    "stored into less": ("    for a, b in hl.tile([m, k]):\n        w[a, 0:1] = w[a, b]", ["shape-mismatch"]),
    "stored string": ("    for t in hl.tile(n):\n        out[t] = 'zero'", ["not-storable"]),
    "stored tuple": ("    for t in hl.tile(n):\n        out[t] = (x[t], x[t])", ["not-storable"]),
    "store into a list": ("    for t in hl.tile(n):\n        parts = [x[t], x[t]]\n        parts[0] = x[t]", ["store-to-non-tensor"]),
    "store into a value": ("    for t in hl.tile(n):\n        v = x[t]\n        v[:] = 0", ["store-to-device-value"]),
    "float index": ("    for t in hl.tile(n):\n        out[t] = x[x[t].to(torch.float16)]", ["invalid-index"]),
    "string index": ("    for t in hl.tile(n):\n        out[t] = x['a']", ["invalid-index"]),
    "boolean index": ("    for t in hl.tile(n):\n        v = x[x[t] > 0]", ["boolean-index"]),
    "host tensor as index": ("    for t in hl.tile(n):\n        v = x[out]", ["invalid-index"]),
    "packed tiles": ("    for a, b in hl.tile([m, k]):\n        v = w[[a, b]]", ["overpacked-tile"]),
    "two ellipses": ("    for a, b in hl.tile([m, k]):\n        v = w[..., a, ...]", ["rank-mismatch"]),
    "slice of unknown length": ("    for t in hl.tile(n):\n        v = x[t.begin : t.end]", ["invalid-index"]),
    "slice with an unknown step": ("    for t in hl.tile(n):\n        v = x[::t.begin]", ["invalid-index"]),
    "slice backwards": ("    for t in hl.tile(n):\n        v = x[::-1]", ["invalid-index"]),
    "indices that differ": (
        "    for a, b in hl.tile([m, k]):\n        i = w[a, b].long()\n        v = w[i, i.t()]",
        ["shape-mismatch"],
    ),
    "int of a value": ("    for t in hl.tile(n):\n        v = x[t][0]", ["device-value-index"]),
    "tile of a value": ("    for t in hl.tile(n):\n        v = x[t][t]", ["device-value-index"]),
    "runtime item": ("    parts = [x, out]\n    for i in hl.grid(2):\n        v = parts[i][0]", ["sequence-index-not-constant"]),
    "eviction policy": ("    for t in hl.tile(n):\n        out[t] = hl.load(x, [t], eviction_policy='last')", ["invalid-argument"]),
    "mask of numbers": ("    for t in hl.tile(n):\n        hl.store(out, [t], 1, extra_mask=t.index)", ["invalid-argument"]),
    "extra mask": (
        "    for a, b in hl.tile([m, k]):\n        v = hl.load(w, [a, b], extra_mask=x[a] > 0)",
        ["shape-mismatch"],
    ),
    "dot": (
        "    for a, b in hl.tile([m, k]):\n        v = w[a, b] @ w[a, b]",
        ["dot-shape-mismatch"],
    ),
    "broadcast": ("    for a, b in hl.tile([m, k]):\n        v = w[a, b] + x[a]", ["shape-mismatch"]),
    "no loop": ("    return x * 2", ["no-device-loop"]),
    "between loops": (
        "    for t in hl.tile(n):\n        out[t] = x[t]\n    s = 2\n    for t in hl.tile(n):\n        out[t] = x[t] * s",
        ["statement-between-loops"],
    ),
    "forgotten brackets": ("    for a, b in hl.tile(m, k):\n        v = w[a, b]", ["failed-to-unpack-tile"]),
    "with": ("    for t in hl.tile(n):\n        with torch.no_grad():\n            out[t] = x[t]", ["not-allowed-on-device"]),
    "try": (
        "    for t in hl.tile(n):\n        try:\n            out[t] = x[t]\n        except ValueError:\n            pass",
        ["unsupported-statement"],
    ),
    "host tensor": ("    for t in hl.tile(n):\n        out[t] = x[t] + x", ["host-tensor-used-directly"]),
    "carried dtype": (
        "    for t in hl.tile(m):\n        acc = hl.zeros([t])\n        for u in hl.tile(k):\n"
        "            acc = acc.to(torch.float16)\n        out[t] = acc",
        ["loop-carried-type-change"],
    ),
    "tile arithmetic": ("    for t in hl.tile(n):\n        v = t * 2", ["tile-misuse"]),
    "tile attribute": ("    for t in hl.tile(n):\n        v = t.start", ["unknown-attribute"]),
    "loop function outside for": ("    t = hl.tile(n)\n    for u in hl.tile(n):\n        out[u] = x[u]", ["loop-function-not-in-for"]),
    "return on the device": ("    for t in hl.tile(n):\n        return x[t]", ["not-allowed-on-device"]),
    "grid loop under if": (
        "    if n > 3:\n        for t in hl.tile(n):\n            out[t] = x[t]\n    for t in hl.tile(n):\n        out[t] = x[t]",
        ["nested-grid-loop"],
    ),
    "atomic on a value": ("    for t in hl.tile(n):\n        v = x[t]\n        hl.atomic_add(v, [t], 1)", ["atomic-on-device-tensor"]),
    "atomic's index": ("    for t in hl.tile(n):\n        hl.atomic_add(out, t, 1)", ["invalid-argument"]),
    "atomic's order": ("    for t in hl.tile(n):\n        hl.atomic_add(out, [t], 1, sem='seq')", ["invalid-argument"]),
    "atomic's value": ("    for t in hl.tile(n):\n        hl.atomic_add(out, [t], x)", ["host-tensor-used-directly"]),
    "atomic's shape": ("    for a, b in hl.tile([m, k]):\n        hl.atomic_add(out, [a], w[a, b])", ["shape-mismatch"]),
    "combine function": ("    for t in hl.tile(n):\n        out[t] = hl.associative_scan(n, x[t], 0)", ["invalid-argument"]),
    "combine function's result": (
        "    for t in hl.tile(n):\n        v = hl.reduce(lambda a, b: (a, b), x[t], 0)",
        ["invalid-argument"],
    ),
    "combine function's arity": ("    for t in hl.tile(n):\n        v = hl.reduce(lambda a: a, x[t], 0)", ["call-mismatch"]),
    "scan's dimension": ("    for t in hl.tile(n):\n        v = hl.cumsum(x[t], 1)", ["invalid-argument"]),
    "random seed": ("    for t in hl.tile(n):\n        out[t] = hl.rand([t], 0.5)", ["invalid-argument"]),
    "empty range of randint": ("    for t in hl.tile(n):\n        out[t] = hl.randint([t], 3, 3, 1)", ["invalid-argument"]),
    "several at once": (
        "    for a, b in hl.tile([m, k]):\n        v = w[a, b, 0]\n        u = w[a, b] + nothing\n        z = a * 3",
        ["rank-mismatch", "undefined-name", "tile-misuse"],
    ),
}


def diagnostics_of(body: str) -> tuple[SourceFile, tuple[Diagnostic, ...]]:
    text = (
        HEAD + "@helion.kernel\ndef kernel(x: torch.Tensor, w: torch.Tensor, out: torch.Tensor):\n"
        "    (n,) = x.size()\n    m, k = w.size()\n" + body + "\n"
    )
    file = SourceFile("kernel.py", text)
    module = compiler.parse(file)
    (kernel,) = module.kernels
    return file, (*module.diagnostics, *compiler.check(kernel, infer_signature(kernel), FileGlobals(module), Settings()).diagnostics)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str) -> None:
    body, codes = MISTAKES[name]
    file, found = diagnostics_of(body)
    assert [d.code for d in found] == codes, render_plain(file, found)


def test_fix_of_forgotten_brackets() -> None:
    file, (problem,) = diagnostics_of(MISTAKES["forgotten brackets"][0])
    ((edit,),) = [fix.edits for fix in problem.fixes()]
    fixed = file.text[: edit.span.start] + edit.new_text + file.text[edit.span.end :]
    assert "hl.tile([m, k])" in fixed


def test_kernels_stand_alone() -> None:
    """A broken kernel does not blank its neighbour."""
    text = HEAD + textwrap.dedent(
        """
        @helion.kernel
        def broken(x):
            for t in hl.tile(x.size(0)):
                v = x[t] +

        @helion.kernel
        def sound(x: torch.Tensor):
            (n,) = x.size()
            out = torch.empty_like(x)
            for t in hl.tile(n):
                out[t] = x[t]
            return out
        """
    )
    module = compiler.parse(SourceFile("two.py", text))
    assert [d.code for d in module.diagnostics] == ["syntax-error"]
    sound = next(k for k in module.kernels if k.name == "sound")
    assert compiler.check(sound, infer_signature(sound), FileGlobals(module), Settings()).diagnostics == ()


@pytest.mark.parametrize("cls", catalog.ALL, ids=lambda c: c.code)
def test_manual_page(cls: type[Diagnostic]) -> None:
    page = inspect.getdoc(cls) or ""
    assert "Bad:" in page
    assert "Good:" in page
    assert issubclass(getattr(exc, cls.exception), exc.BaseError if cls.severity is Severity.ERROR else exc.BaseWarning)


def test_every_diagnostic_is_listed() -> None:
    """One that is not has no exception to be raised as, no page, and no name for `helion explain`."""
    modules = (importlib.import_module(f"{catalog.__name__}.{m.name}") for m in pkgutil.iter_modules(catalog.__path__))
    defined = {
        c for m in modules for c in vars(m).values() if inspect.isclass(c) and issubclass(c, Diagnostic) and c.__module__ == m.__name__
    }
    assert defined - set(catalog.ALL) == set()


def test_codes_are_unique() -> None:
    codes = [cls.code for cls in catalog.ALL]
    assert len(codes) == len(set(codes))


def test_rendering() -> None:
    file, found = diagnostics_of(MISTAKES["undefined name"][0])
    text = render_plain(file, found)
    assert text.startswith("error[undefined-name]: `bias` is not defined\n")
    assert "out[t] = x[t] + bias\n" in text
    assert text.splitlines()[4].endswith("^^^^")


def test_one_exception_for_all_errors() -> None:
    file, found = diagnostics_of(MISTAKES["several at once"][0])
    error = exc.compile_error(found, file)
    assert isinstance(error, exc.RankMismatch)
    assert isinstance(error, exc.UndefinedVariable)
    assert len(error.diagnostics) == 3


@pytest.mark.parametrize(
    ("left", "right", "subscript"),
    [
        ("f32[t, n]", "f32[t]", "[:, None]"),
        ("f32[t]", "f32[t, n]", "[:, None]"),
        ("f32[a, b]", "f32[a, b, n]", "[..., None]"),
        ("f32[t, n]", "f32[m]", None),
        ("f32[t, n]", "f32[]", None),
        ("[t]", "f32[t, n]", None),
    ],
)
def test_a_lost_last_dim_is_said(left: str, right: str, subscript: str | None) -> None:
    notes = [note.message for note in ShapeMismatch(Span(0, 0), left, right).notes()]
    assert [f"`{subscript}` gives " in note for note in notes] == ([] if subscript is None else [True])


def test_a_sum_that_begins_as_a_number_is_told_its_shape() -> None:
    (note,) = LoopCarriedTypeChange(Span(0, 0), "s", "int(0)", "f32[i, j]").notes()
    assert "`hl.zeros([i, j], dtype=...)`" in note.message


def test_an_error_without_a_place_says_its_notes() -> None:
    assert "\n  = note: set HELION_INTERPRET=1" in str(exc.compile_error([TensorsOnCpu(Span(0, 0), "f", has_gpu=False)]))
