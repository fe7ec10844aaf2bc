"""Kernels that a call makes of a function, `fast = helion.kernel(f, ...)`, have what decorated ones have, each at its call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lsprotocol import types as lsp

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.features.code_actions import kernel_commands
from helion_lsp.features.code_lens import code_lenses
from helion_lsp.features.completion import Knowledge, completions
from helion_lsp.features.cursor import cursor_at
from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.hover import hover
from helion_lsp.features.inlay_hints import inlay_hints
from helion_lsp.features.navigation import definitions, kernel_named, uses_of_kernel
from helion_lsp.features.place import place_at
from helion_lsp.features.structure import symbols
from helion_lsp.features.view import TextChange, View
from helion_lsp.front.workspace import Document
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details
from helion_lsp.worker.language_facts import language_facts
from tests.lsp.conftest import Client

TEXT = """\
import torch
import helion
import helion.language as hl


def scaled(x, factor: float):
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * factor
    return out


plain = helion.kernel(scaled)
fast = helion.kernel(
    scaled,
    config=helion.Config(block_sizes=[32], num_warpz=4),
)


def main():
    fast(torch.randn([4096], dtype=torch.bfloat16), 2.0)
"""
PATH = "wrapped.py"


def seen(text: str = TEXT) -> View:
    return View(Analyzer().analyse(PATH, text), details=Details().details(PATH, text, {})["kernels"])


def said(view: View, words: str) -> str:
    found = hover(view, TEXT.index(words))
    return "" if found is None else found[2]


def test_each_has_its_lenses_at_the_name_that_it_gets() -> None:
    lenses = [lens for lens in code_lenses(seen(), "uri") if lens.title == "Triton"]
    assert [TEXT[slice(*lens.span)] for lens in lenses] == ["plain", "fast"]
    assert [lens.arguments[1] for lens in lenses] == ["plain", "fast"]


def test_hovers_in_the_function_are_of_the_kernel_that_is_known_best() -> None:
    assert said(seen(), "[tile] * factor").startswith("`bf16[tile]` · device")


def test_hovers_in_the_call_are_of_its_own_kernel() -> None:
    assert "`[0]` = `32` · `tile`, line 8" in said(seen(), "block_sizes=[32]")


def test_what_several_kernels_of_one_function_have_in_common_is_said_once() -> None:
    text = TEXT.replace("x[tile] * factor", "x[tile] * nowhere")
    assert [d["code"] for d in diagnostics(seen(text))] == ["undefined-name", "unknown-config-key"]


def test_the_functions_text_has_each_hint_once() -> None:
    hints = list(inlay_hints(seen(TEXT.replace("out[tile] = x", "v = out[tile] = x")), 0, len(TEXT), frozenset({"shapes"})))
    assert [label for _, label in hints] == [": bf16[tile]"]


def test_what_a_kernel_can_be_told_is_offered_at_its_call() -> None:
    offered = [c.arguments[1] for c in kernel_commands(seen(), "uri", TEXT.index("config=helion"))]
    assert offered
    assert set(offered) == {"fast"}
    assert not list(kernel_commands(seen(), "uri", TEXT.index("def main")))


def test_an_edit_between_the_function_and_the_call_moves_the_call_alone() -> None:
    view = seen()
    at = TEXT.index("plain = ")
    new = f"{TEXT[:at]}# remark\n{TEXT[at:]}"
    moved = View(view.analysis, TextChange.between(TEXT, new), view.details)
    assert [new[slice(*lens.span)] for lens in code_lenses(moved, "uri") if lens.title == "Triton"] == ["plain", "fast"]
    found = hover(moved, new.index("block_sizes=[32]"))
    assert found is not None
    assert (new[found[0] : found[1]], found[2].split("\n")[0]) == ("block_sizes", "`block_sizes` · config key")


def test_an_edit_of_the_call_is_seen() -> None:
    analyzer = Analyzer()
    before = {k["name"]: k["key"] for k in analyzer.analyse(PATH, TEXT)["kernels"]}
    after = {k["name"]: k["key"] for k in analyzer.analyse(PATH, TEXT.replace("num_warpz", "num_warps"))["kernels"]}
    assert before["fast"] != after["fast"]


def test_completion_knows_the_call_as_the_decorator() -> None:
    module = parse_module(SourceFile(PATH, TEXT))
    place = place_at(module, TEXT.index("num_warpz"))
    assert place.kernel is not None
    assert (place.kernel.qualname, place.is_decorator) == ("fast", True)


def test_the_outline_has_the_function_with_its_loops_and_the_kernels_with_their_configs() -> None:
    outline = {symbol.name: [child.name for child in symbol.children] for symbol in symbols(parse_module(SourceFile(PATH, TEXT)))}
    assert outline == {"scaled": ["for tile"], "plain": [], "fast": ["config"]}


def test_a_use_leads_to_the_function_and_the_name_to_its_uses() -> None:
    module = parse_module(SourceFile(PATH, TEXT))
    use = TEXT.index("fast(torch")
    assert [TEXT[link.target.start : link.target.end] for link in definitions(module, seen(), None, use)] == ["scaled"]
    kernel = kernel_named(module, TEXT.index("fast = "))
    assert kernel is not None
    assert [span.start for span in uses_of_kernel(module, kernel)] == [use]


MADE = """
import torch
import helion
import helion.language as hl
from lib.makers import ours


@ours(config=helion.Config(block_sizes=[64], num_warpz=4))
def scaled(x: torch.Tensor, factor: float):
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * factor
    return out


class Ops:
    def plain(x: torch.Tensor):
        out = torch.empty_like(x)
        for tile in hl.tile(x.size(0)):
            out[tile] = -x[tile]
        return out

    fast = staticmethod(helion.kernel(plain, config=helion.Config(block_sizes=[32])))
"""


def project_with_makers(folder: Path) -> str:
    """The path of the file that is not written there."""
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    (folder / "lib").mkdir(exist_ok=True)
    maker = "import helion\ndef ours(**options):\n    return helion.kernel(static_shapes=False, **options)\n"
    (folder / "lib" / "makers.py").write_text(maker, encoding="utf-8")
    return str(folder / "use.py")


def test_a_kernel_that_another_files_decorator_makes_has_all_that_kernels_have(tmp_path: Path) -> None:
    path = project_with_makers(tmp_path)
    view = View(Analyzer().analyse(path, MADE), details=Details().details(path, MADE, {})["kernels"])
    assert [k["name"] for k in view.kernels()] == ["scaled", "Ops.fast"]
    found = hover(view, MADE.index("tile in hl"))
    assert found is not None
    assert "block_sizes[0]" in found[2]
    assert "`num_warps`" in "".join(d["message"] for d in diagnostics(view))
    assert len(diagnostics(view)) == 1
    lenses = [lens for lens in code_lenses(view, "uri") if lens.title == "Triton"]
    assert [lens.arguments[1] for lens in lenses] == ["scaled", "Ops.fast"]


def test_its_options_are_completed(tmp_path: Path) -> None:
    path = project_with_makers(tmp_path)
    text = MADE.replace("@ours(", "@ours(stat, ")
    offset = text.index("stat,") + len("stat")
    module = parse_module(SourceFile(path, text))
    place = place_at(module, offset)
    assert place.is_decorator
    items = completions(module, cursor_at(text, offset), place, Knowledge(language_facts(), None))
    assert "static_shapes=" in {item.label for item in items}


def test_a_document_that_may_not_look_beside_itself_does_not(tmp_path: Path) -> None:
    path = project_with_makers(tmp_path)
    for looks in (True, False):
        document = Document("file:///use.py", path, 1, SourceFile(path, MADE), looks_beside=looks)
        assert [k.qualname for k in document.module.every_kernel] == (["scaled", "Ops.fast"] if looks else ["Ops.fast"])


def test_a_decorator_that_becomes_one_of_kernels_is_seen_when_its_file_is_saved(drive: Callable[..., None], tmp_path: Path) -> None:
    path = Path(project_with_makers(tmp_path))
    maker = tmp_path / "lib" / "makers.py"
    text = maker.read_text(encoding="utf-8")
    maker.write_text("def ours(**options):\n    return len\n", encoding="utf-8")
    path.write_text(MADE, encoding="utf-8")

    async def scenario(client: Client) -> None:
        item = lsp.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=MADE)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        asked = lsp.DocumentSymbolParams(text_document=lsp.TextDocumentIdentifier(uri=path.as_uri()))
        await client.until(lambda: path.as_uri() in client.published)
        assert "scaled" not in str(await client.text_document_document_symbol_async(asked))
        maker.write_text(text, encoding="utf-8")
        changed = lsp.FileEvent(uri=maker.as_uri(), type=lsp.FileChangeType.Changed)
        client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes=[changed]))
        await client.until(lambda: any(d.code == "unknown-config-key" for d in client.published[path.as_uri()].diagnostics))
        assert "scaled" in str(await client.text_document_document_symbol_async(asked))

    drive(scenario, folders=[tmp_path])
