"""Completion, signatures, navigation, structure and tokens end to end, as VS Code, Neovim and Emacs ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp
from pytest_lsp import client_capabilities
from pytest_lsp.checks import check_result_against_client_capabilities

from tests.lsp.conftest import TEXT, URI, Client

EDITORS = ("visual_studio_code", "neovim", "emacs")
DOCUMENT = lsp.TextDocumentIdentifier(uri=URI)
CONFIGURED = TEXT.replace("@helion.kernel\n", "@helion.kernel(config=helion.Config(block_sizes=[32, 64, 16], num_warps=4))\n", 1)


class Editor:
    """Asks at words of a text, and holds answers against what the editor said it understands."""

    def __init__(self, client: Client, capabilities: lsp.ClientCapabilities) -> None:
        self.client = client
        self.capabilities = capabilities
        self.text = CONFIGURED

    async def ready(self) -> None:
        self.client.open(self.text)
        ask = lsp.DocumentDiagnosticParams(text_document=DOCUMENT)
        report: Any = await self.client.text_document_diagnostic_async(ask)
        assert not report.items
        assert await self.client.hover("acc = hl.zeros")

    def place(self, words: str, into: int = 0) -> lsp.Position:
        found = self.client.position(words, self.text)
        return lsp.Position(line=found.line, character=found.character + into)

    def word(self, where: lsp.Range) -> str:
        line = self.text.splitlines()[where.start.line]
        return f"{where.start.line + 1}:{line[where.start.character : where.end.character]}"

    def change(self, old: str, new: str) -> lsp.Position:
        """Type something; gives where its `|` was."""
        text = CONFIGURED.replace(old, new, 1)
        offset = text.index("|", CONFIGURED.index(old))
        self.text = text[:offset] + text[offset + 1 :]
        self.client.version += 1
        document = lsp.VersionedTextDocumentIdentifier(uri=URI, version=self.client.version)
        change = lsp.TextDocumentContentChangeWholeDocument(text=self.text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=document, content_changes=[change]))
        return lsp.Position(line=self.text.count("\n", 0, offset), character=offset - self.text.rfind("\n", 0, offset) - 1)

    async def completions(self, at: lsp.Position) -> list[lsp.CompletionItem]:
        found: Any = await self.client.text_document_completion_async(lsp.CompletionParams(text_document=DOCUMENT, position=at))
        check_result_against_client_capabilities(self.capabilities, lsp.TEXT_DOCUMENT_COMPLETION, found)
        return [] if found is None else sorted(found.items, key=lambda item: item.sort_text)


@pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")
@pytest.mark.parametrize("name", EDITORS)
def test_an_editor(drive: Callable[..., None], name: str) -> None:
    """One server an editor: its start is what takes long."""
    capabilities = client_capabilities(name)
    assert capabilities.text_document is not None
    capabilities.text_document.diagnostic = lsp.DiagnosticClientCapabilities()

    async def run(client: Client) -> None:
        editor = Editor(client, capabilities)
        await editor.ready()
        await places(editor)
        await structure_and_tokens(editor)
        await typing(editor)

    drive(run, capabilities=capabilities)


async def typing(editor: Editor) -> None:
    documents = editor.capabilities.text_document
    assert documents is not None and documents.completion is not None and documents.completion.completion_item is not None
    snippets = bool(documents.completion.completion_item.snippet_support)
    rows = await editor.completions(editor.change("        acc = hl.zeros([tile_m, tile_n]", "        acc = hl.|"))
    assert rows[0].label == "arange"
    labels = [row.label for row in rows]
    assert labels.index("zeros") < labels.index("tile")
    zeros: Any = await editor.client.completion_item_resolve_async(rows[labels.index("zeros")])
    check_result_against_client_capabilities(editor.capabilities, lsp.COMPLETION_ITEM_RESOLVE, zeros)
    assert "acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)" in getattr(zeros.documentation, "value", zeros.documentation)
    rows = await editor.completions(editor.change("        acc = hl.zeros([tile_m, tile_n]", "        hl.ti|"))
    loop = next(row for row in rows if row.label == "for … in hl.tile")
    assert isinstance(loop.text_edit, lsp.TextEdit)
    assert editor.word(loop.text_edit.range).endswith(":hl.ti")
    assert loop.text_edit.new_text == ("for ${1:tile} in hl.tile(${2:n}):\n    $0" if snippets else "for tile in hl.tile(n):\n    ")
    rows = await editor.completions(editor.change("helion.Config(block_sizes=[32, 64, 16], num_warps=4)", "helion.Config(|)"))
    assert rows[0].label == "block_sizes"
    assert "tile_m, tile_n, tile_k" in (rows[0].detail or "")
    rows = await editor.completions(editor.change("64, 16], num", "|, 16], num"))
    assert [row.label for row in rows][:3] == ["16", "32", "64"]
    at = editor.change("hl.tile([m, n]):", "hl.tile(|")
    shown = await editor.client.text_document_signature_help_async(lsp.SignatureHelpParams(text_document=DOCUMENT, position=at))
    assert shown is not None
    assert len(shown.signatures) == 2
    first = shown.signatures[0]
    label = (first.parameters or [])[0].label
    assert (label if isinstance(label, str) else first.label[label[0] : label[1]]) == "begin_or_end: Bound"


async def places(editor: Editor) -> None:
    client, at = editor.client, editor.place("x[tile_m, tile_k]", 3)
    found: Any = await client.text_document_definition_async(lsp.DefinitionParams(text_document=DOCUMENT, position=at))
    (loop,) = [getattr(link, "target_selection_range", None) or link.range for link in found]
    line = editor.place("for tile_m, tile_n").line + 1
    assert editor.word(loop) == f"{line}:tile_m"
    entry = editor.place("64, 16]")
    found = await client.text_document_definition_async(lsp.DefinitionParams(text_document=DOCUMENT, position=entry))
    assert [editor.word(getattr(link, "target_selection_range", None) or link.range) for link in found] == [f"{line}:tile_n"]
    found = await client.text_document_type_definition_async(lsp.TypeDefinitionParams(text_document=DOCUMENT, position=at))
    assert [editor.word(getattr(link, "target_selection_range", None) or link.range) for link in found] == ["19:32"]
    everything = lsp.ReferenceContext(include_declaration=True)
    places = await client.text_document_references_async(lsp.ReferenceParams(everything, DOCUMENT, at))
    assert [editor.word(place.range) for place in places or []][:2] == ["19:32", f"{line}:tile_m"]
    assert len(places or []) == 5
    shown = await client.text_document_document_highlight_async(lsp.DocumentHighlightParams(DOCUMENT, at))
    assert [h.kind for h in shown or []].count(lsp.DocumentHighlightKind.Write) == 2
    prepared: Any = await client.text_document_prepare_rename_async(lsp.PrepareRenameParams(DOCUMENT, at))
    assert prepared.placeholder == "tile_m"
    edit = await client.text_document_rename_async(lsp.RenameParams(DOCUMENT, at, "rows"))
    assert edit is not None and edit.document_changes is not None
    (change,) = edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    assert (change.text_document.version, len(change.edits)) == (client.version, 4)
    with pytest.raises(Exception, match="used in `matmul` already"):
        await client.text_document_rename_async(lsp.RenameParams(DOCUMENT, at, "tile_n"))


async def structure_and_tokens(editor: Editor) -> None:
    client = editor.client
    outline: Any = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(DOCUMENT))
    flat = [s.name for s in outline] if isinstance(outline[0], lsp.SymbolInformation) else [c.name for c in outline[0].children]
    assert {"config", "for tile_m, tile_n"} <= set(flat)
    line = editor.place("for tile_m, tile_n").line
    folds = await client.text_document_folding_range_async(lsp.FoldingRangeParams(DOCUMENT))
    assert (line, line + 4) in [(fold.start_line, fold.end_line) for fold in folds or []]
    at = editor.place("x[tile_m, tile_k]", 3)
    (grown,) = await client.text_document_selection_range_async(lsp.SelectionRangeParams(DOCUMENT, [at])) or []
    steps: list[str] = []
    level: lsp.SelectionRange | None = grown
    while level is not None:
        steps.append(editor.word(level.range).partition(":")[2])
        level = level.parent
    assert steps[:4] == ["tile_m", "tile_m, tile_k", "x[tile_m, tile_k]", "torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])"]
    offered = client.offered.semantic_tokens_provider
    assert offered is not None
    whole = await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(DOCUMENT))
    assert whole is not None
    tile = offered.legend.token_types.index("tile") if isinstance(offered.legend.token_types, list) else 0
    assert [editor_word for editor_word in decoded(editor, list(whole.data)) if editor_word[1] == tile][:2] == [
        ("tile_m", tile),
        ("tile_n", tile),
    ]
    part = lsp.Range(start=lsp.Position(line, 0), end=lsp.Position(line, 99))
    some = await client.text_document_semantic_tokens_range_async(lsp.SemanticTokensRangeParams(DOCUMENT, part))
    assert some is not None
    assert [word for word, _ in decoded(editor, list(some.data))] == ["tile_m", "tile_n", "tile", "m", "n"]
    editor.change("        acc = hl.zeros", "        # above|\n        acc = hl.zeros")
    await client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(DOCUMENT))  # waits for the analysis
    delta: Any = await client.text_document_semantic_tokens_full_delta_async(
        lsp.SemanticTokensDeltaParams(DOCUMENT, previous_result_id=whole.result_id or "")
    )
    assert isinstance(delta, lsp.SemanticTokensDelta)
    data = list(whole.data)
    for change in delta.edits:
        data[change.start : change.start + change.delete_count] = change.data or []
    fresh = await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(DOCUMENT))
    assert fresh is not None
    assert data == list(fresh.data) != list(whole.data)


def decoded(editor: Editor, data: list[int]) -> list[tuple[str, int]]:
    lines, found = editor.text.splitlines(), list[tuple[str, int]]()
    line = column = 0
    for n in range(0, len(data), 5):
        line, column = line + data[n], data[n + 1] + (column if data[n] == 0 else 0)
        found.append((lines[line][column : column + data[n + 2]], data[n + 3]))
    return found


def test_tokens_can_be_left_to_another_server(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        assert client.offered.semantic_tokens_provider is None

    drive(scenario, ready=False, semanticTokens=False)


def test_without_trust_the_outline_still_works(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open(CONFIGURED)
        outline = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(DOCUMENT))
        assert [symbol.name for symbol in outline or []][0] == "matmul"
        at = client.position("hl.zeros(", CONFIGURED)
        assert await client.text_document_completion_async(lsp.CompletionParams(DOCUMENT, lsp.Position(at.line, at.character + 3))) is None
        assert client.states == ["untrusted"]

    drive(scenario, ready=False, trusted=False)


def test_what_a_python_server_offers_too_can_be_left_to_it(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open(CONFIGURED)
        at = client.position("hl.zeros(", CONFIGURED)
        found: Any = await client.text_document_completion_async(lsp.CompletionParams(DOCUMENT, lsp.Position(at.line, at.character + 3)))
        assert found is None
        at = client.position("num_warps=", CONFIGURED)
        found = await client.text_document_completion_async(lsp.CompletionParams(DOCUMENT, at))
        labels = [item.label for item in found.items]
        assert "indexing=[…]" in labels
        assert not {"indexing", "num_stages"} & set(labels)
        at = client.position("config=", CONFIGURED)
        assert await client.text_document_completion_async(lsp.CompletionParams(DOCUMENT, at)) is None
        at = client.position("hl.zeros(", CONFIGURED)
        hover: Any = None
        while hover is None:
            hover = await client.text_document_hover_async(lsp.HoverParams(DOCUMENT, lsp.Position(at.line, at.character + 4)))
        assert hover.contents.value == "`hl.zeros` · device only"

    drive(scenario, completion={"members": False}, hover={"documentation": False})
