"""The manual: pages are what the catalog says, and every example does what its page says it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import helion
from docs.diagnostic_pages import UNCHECKED_CODES, Page, diagnostic_pages, findings, page_of
from docs.example_file import whole_file
from docs.generate import generated, stale
from helion import compiler, exc
from helion.config.check_capacity import check_capacity
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.diagnostics import catalog
from helion.diagnostics.catalog.runtime import BadSignature
from helion.runtime.interpreter.only import interpreted_only
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.signatures.notation import parse_notation
from helion.signatures.representative import representative
from helion.source import SourceFile, Span
from helion.target import DEFAULT_TARGET
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.tree import TypedKernel
from tests.docs.call_examples import check_example
from tests.interpreter_process import InterpreterProcess

PAGES = [page_of(cls) for cls in catalog.ALL]
CHECKED = [page for page in PAGES if page.is_checked]
CONFIG_KERNELS = {
    "unknown-config-key": "for tile in hl.tile(n): ...",
    "config-value": "for tile in hl.tile(n): ...",
    "config-list-length": "for tile_m, tile_n, tile_k in hl.tile([m, n, k]): ...",
    "barrier-needs-persistent": "for tile in hl.tile(n): ...\nhl.barrier()\nfor tile in hl.tile(m): ...",
}
PRODUCT = """for tile_m, tile_n in hl.tile([m, n]):
    acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
    for tile_k in hl.tile(k):
        acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
    out[tile_m, tile_n] = acc"""
CALLED = ("no-tensor-args", "invalid-arguments", "sizes-differ", "unsupported-tensor")
# What else there is needs more than a kernel: a search that fails, a tensor of gigabytes, a bug of ours.
ELSEWHERE = frozenset({"index-type-too-small", "offset-too-large", "internal-error", "mixed-devices", "gradient-not-supported"})


def code_of(page: Page) -> str:
    return page.cls.code


def of(*codes: str) -> list[Page]:
    return [page for page in PAGES if page.cls.code in codes]


def test_pages_are_up_to_date() -> None:
    assert stale(dict(generated())) == [], "run `python -m docs.generate`"


def test_stale_pages_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docs.generate.ROOT", tmp_path)
    folder = tmp_path / "diagnostics"
    folder.mkdir()
    (folder / "gone.md").write_text("", "utf-8")
    (folder / "same.md").write_text("a", "utf-8")
    (folder / "other.md").write_text("b", "utf-8")
    files = {folder / name: "a" for name in ("same.md", "other.md", "new.md")}
    assert stale(files) == ["diagnostics/new.md is missing", "diagnostics/other.md differs", "diagnostics/gone.md is left over"]


def test_every_code_has_a_page_and_a_line_of_the_index() -> None:
    pages = dict(diagnostic_pages())
    assert pages.keys() == {"index.md", *(f"{cls.code}.md" for cls in catalog.ALL)}
    assert [cls.code for cls in catalog.ALL if f"]({cls.code}.md)" not in pages["index.md"]] == []


@pytest.mark.parametrize("page", CHECKED, ids=code_of)
def test_the_bad_example_gives_the_code_and_nothing_else(page: Page) -> None:
    assert {found.code for found in findings(page.bad)} == {page.cls.code}


@pytest.mark.parametrize("page", CHECKED, ids=code_of)
def test_the_good_example_gives_nothing(page: Page) -> None:
    assert [found.message() for found in findings(page.good)] == []
    assert "@helion.kernel" in whole_file(page.good) or page.cls.code == "lock-file-unreadable"


def typed(example: str) -> TypedKernel:
    """The example's kernel as it would be shown without arguments: bf16, and usual sizes."""
    module = compiler.parse(SourceFile("example.py", whole_file(example)))
    names = FileGlobals(module)
    signature, _ = representative(infer_signature(module.kernels[0], names))
    found = compiler.check(module.kernels[0], signature, names, Settings())
    assert found.diagnostics == ()
    return found


@pytest.mark.parametrize("page", of("unsupported-torch-call"), ids=code_of)
def test_what_cannot_be_lowered(page: Page) -> None:
    with pytest.raises(LoweringFailed):
        compiler.lower(typed(page.bad))
    compiler.lower(typed(page.good))


@pytest.mark.parametrize("page", of("breakpoint-needs-interpreter"), ids=code_of)
def test_what_needs_an_interpreter(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    assert [d.code for d in interpreted_only(typed(page.bad))] == [page.cls.code]
    assert interpreted_only(typed(page.good)) == ()


def space(example: str) -> ConfigSpace:
    return compiler.config_space(compiler.lower(typed(example)), DEFAULT_TARGET)


@pytest.mark.parametrize("page", of(*CONFIG_KERNELS), ids=code_of)
def test_configs(page: Page) -> None:
    found = space(CONFIG_KERNELS[page.cls.code])
    assert {d.code for d in found.check(eval(page.bad, {"helion": helion}))} == {page.cls.code}
    assert found.check(eval(page.good, {"helion": helion})) == ()


@pytest.mark.parametrize("page", of("config-too-large"), ids=code_of)
def test_configs_that_fit_the_kernel_and_not_the_device(page: Page) -> None:
    found = space(PRODUCT)
    bad, good = (eval(example, {"helion": helion}) for example in (page.bad, page.good))
    assert (*found.check(bad), *found.check(good)) == ()
    assert [d.code for d in check_capacity(found, bad, Span(0, 0))] == [page.cls.code]
    assert list(check_capacity(found, good, Span(0, 0))) == []


@pytest.mark.parametrize("page", of("bad-signature"), ids=code_of)
def test_signatures(page: Page) -> None:
    bad, good = (re.findall("'(.*)'", example)[0] for example in (page.bad, page.good))
    assert isinstance(parse_notation(bad), BadSignature)
    assert not isinstance(parse_notation(good), BadSignature)


@pytest.fixture(scope="module")
def interpreter() -> Iterator[InterpreterProcess]:
    with InterpreterProcess() as process:
        yield process


@pytest.mark.parametrize("page", of(*CALLED), ids=code_of)
def test_calls(page: Page, interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_example, page.bad, page.cls.code) is None
    assert interpreter.run(check_example, page.good.replace('"cuda"', '"cpu"'), None) is None


@pytest.mark.parametrize("page", of("source-unavailable", "not-a-function"), ids=code_of)
def test_functions_without_a_file(page: Page, interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_example, page.bad, page.cls.code) is None


@pytest.mark.parametrize("page", of("tensors-on-cpu"), ids=code_of)
def test_calls_that_nothing_can_run(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    check_example(page.bad, page.cls.code)


def test_every_page_is_tried_somewhere() -> None:
    tried = {page.cls.code for page in CHECKED} | CONFIG_KERNELS.keys() | {"unsupported-torch-call", "bad-signature", *CALLED}
    tried |= {"config-too-large", "breakpoint-needs-interpreter", "tensors-on-cpu", "source-unavailable", "not-a-function"} | {
        page.cls.code for page in PAGES if page.topic == "tuning"
    }
    assert {page.cls.code for page in PAGES} - tried == ELSEWHERE
    assert tried >= UNCHECKED_CODES - ELSEWHERE
    assert all(issubclass(getattr(exc, page.cls.exception), exc.Base) for page in PAGES)
