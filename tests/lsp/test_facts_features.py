"""Inlay hints, assumptions with their assert, compiler decisions and lenses: the pure features on a real analysis with its details."""

from __future__ import annotations

from helion import compiler
from helion.source import SourceFile
from helion_lsp.features.code_actions import assert_assumptions
from helion_lsp.features.code_lens import code_lenses
from helion_lsp.features.diagnostics import decisions, diagnostics
from helion_lsp.features.inlay_hints import inlay_hints, wanted_kinds
from helion_lsp.features.view import View
from helion_lsp.worker.details import Details
from tests.lsp.test_hover import COPY, HEAD, view_of

PRODUCT = f"""{HEAD}@helion.kernel
def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    k2, n = y.size()
    width = hl.specialize(y.size(1))
    out = torch.empty([m, n], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc * width
    return out
"""
SUM = f"""{HEAD}@helion.kernel
def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    n, d = x.size()
    n2, d2 = y.size()
    out = torch.empty_like(x)
    for tile in hl.tile(n):
        out[tile, :] = x[tile, :] + y[tile, :]
    return out
"""
SAMPLE = {"product": "bf16[100,256], bf16[256,512]"}


def hints_of(view: View, **options: bool) -> list[tuple[str, str]]:
    lines = PRODUCT.splitlines()
    found = inlay_hints(view, 0, len(PRODUCT), wanted_kinds(options))
    return [(lines[PRODUCT.count("\n", 0, offset)].strip().split("(")[0], label) for offset, label in found]


def test_hints_are_quiet_until_asked() -> None:
    view = view_of(PRODUCT, samples=SAMPLE)
    assert hints_of(view) == []
    assert [label for _, label in inlay_hints(view_of(SUM), 0, len(SUM), wanted_kinds({}))] == [" requires d = d2"]
    shown = hints_of(view, shapes=True, loops=True, specializations=True)
    assert ("acc = hl.zeros", ": f32[tile_m, tile_n]") in shown
    assert ("width = hl.specialize", " = int(512)") in shown
    assert any(place == "for tile_m, tile_n in hl.tile" and "×" in label for place, label in shown)
    assert ("width = hl.specialize", " one binary a value") in hints_of(view_of(PRODUCT), specializations=True)


def test_an_assumption_becomes_an_assert() -> None:
    view = view_of(SUM)
    for words in ("add(x", "d2 = y"):
        (found,) = assert_assumptions(view, SUM.index(words), SUM.index(words))
        assert found.title == "Insert `assert d == d2`"
        ((start, end, new),) = found.edits
        text = SUM[:start] + new + SUM[end:]
        assert "    out = torch.empty_like(x)\n    assert d == d2\n    for tile" in text
        after = view_of(text)
        assert diagnostics(after) == []
        assert list(assert_assumptions(after, 0, len(text))) == [], "what is asserted is not assumed"
    assert list(assert_assumptions(view, SUM.index("out[tile"), SUM.index("out[tile"))) == []


def test_decisions_say_why() -> None:
    found = decisions(view_of(PRODUCT, samples=SAMPLE))
    assert {d["severity"] for d in found} == {"information"}
    texts = {(d["code"], d["message"]) for d in found}
    assert any(code == "decision-mask" and "does not divide 100" in text and "`tile_m`" in text for code, text in texts)
    assert not any("`tile_n` are masked" in text for _, text in texts), "512 is divided"
    assert any(code == "decision-product" and text.startswith("`tl.dot` of bf16, M × K × N = ") for code, text in texts)
    symbolic = {d["message"] for d in decisions(view_of(PRODUCT))}
    why = "its outer strides are known at run time only, and not to be multiples of 16 bytes"
    assert f"`x` moves by pointers, not by the copy engine: {why}" in symbolic
    assert diagnostics(view_of(PRODUCT)) == [], "decisions are no problems"


def test_a_product_without_tensor_cores_says_why() -> None:
    messages = [d["message"] for d in decisions(view_of(PRODUCT.replace("hl.tile([m, n])", "hl.tile([m, n], block_size=[1, None])")))]
    assert "multiplied and summed without tensor cores: M is 1" in messages


def test_decisions_of_wide_tensors_name_them() -> None:
    found = decisions(view_of(PRODUCT, samples={"product": "bf16[65536,65536], bf16[65536,512]"}))
    wide = [d for d in found if d["code"] == "decision-index-width"]
    assert [PRODUCT[d["span"][0] : d["span"][1]] for d in wide] == ["x"]
    assert "lie past 2,147,483,647" in wide[0]["message"]


def test_the_lens_of_a_lock_leads_to_its_tuning() -> None:
    (free,) = [lens for lens in code_lenses(view_of(PRODUCT), "file:///p.py") if lens.title == "not locked"]
    assert free.command is None
    text = PRODUCT.replace("@helion.kernel", '@helion.kernel(configs={"sm_90": helion.Config(block_sizes=[64, 64, 32])})', 1)
    (locked,) = [lens for lens in code_lenses(view_of(text), "file:///p.py") if lens.title.startswith("locked: sm_90")]
    assert (locked.command, locked.arguments) == ("helion.showTuning", ("file:///p.py", "product"))


def test_lenses_say_the_signature() -> None:
    titles = [lens.title for lens in code_lenses(view_of(PRODUCT), "file:///p.py")]
    assert titles == ["Triton", "Resources", "Tune and lock", "not locked", "signature: inferred", "Run in interpreter", "Debug"]
    titles = [lens.title for lens in code_lenses(view_of(PRODUCT, samples=SAMPLE), "file:///p.py")]
    assert "signature: bf16[100,256], bf16[256,512]" in titles
    wrong = [lens.title for lens in code_lenses(view_of(PRODUCT, samples={"product": "bf16[1,2,3]"}), "file:///p.py")]
    assert any(title.startswith("signature does not fit: ") for title in wrong)


def test_generated_modules_carry_decisions_once() -> None:
    module = compiler.parse(SourceFile("p.py", PRODUCT))
    assert [k.name for k in module.kernels] == ["product"]
    found = decisions(view_of(PRODUCT))
    assert len(found) == len({(d["span"], d["message"]) for d in found})


def test_where_nothing_can_be_decided_is_said() -> None:
    """With any number of dimensions the loads are others; a signature says it."""
    text = f"{HEAD}@helion.kernel\n{COPY}".replace("x[tile, :]", "x[tile]").replace("out[tile, :]", "out[tile]")
    text = text.replace("n, d = x.size()", "n = x.size(0)")
    (found,) = Details().details("copy.py", text, {})["kernels"].values()
    assert [(d["code"], d["message"]) for d in found["decisions"]] == [
        ("decision-unknown", "what is decided here is not known: the text does not say how many dimensions `x` has; choose a signature")
    ]
    (chosen,) = Details().details("copy.py", text, {"samples": {"copy": "f32[64]"}})["kernels"].values()
    assert chosen["config"] is not None
    assert "decision-unknown" not in {d["code"] for d in chosen["decisions"]}
