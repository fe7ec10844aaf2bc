"""Settings that change while the server runs: what depends on them follows, without a start; trust is not a setting."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion_lsp.front.settings import live_options
from tests.lsp.conftest import TEXT, URI, Client

DOCUMENT = lsp.TextDocumentIdentifier(uri=URI)
WHOLE = lsp.Range(start=lsp.Position(line=0, character=0), end=lsp.Position(line=999, character=0))
WINDOW = lsp.WindowClientCapabilities(work_done_progress=True)
ASKED_AGAIN = lsp.ClientCapabilities(
    window=WINDOW,
    workspace=lsp.WorkspaceClientCapabilities(
        configuration=True,
        inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
        did_change_configuration=lsp.DidChangeConfigurationClientCapabilities(dynamic_registration=True),
    ),
)


def change(client: Client, settings: object) -> None:
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=settings))


async def hints(client: Client) -> list[Any]:
    asked = lsp.InlayHintParams(text_document=DOCUMENT, range=WHOLE)
    return [hint.label for hint in await client.text_document_inlay_hint_async(asked) or []]


def test_hints_change_without_a_start_and_the_client_asks_again(drive: Callable[..., None]) -> None:
    registered: list[Any] = []
    refreshed: list[None] = []

    def before(client: Client) -> None:
        @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)  # pyright: ignore[reportUntypedFunctionDecorator]  # pygls has no type for it
        def register(params: lsp.RegistrationParams) -> None:
            registered.extend((one.method, one.register_options) for one in params.registrations)

        @client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)  # pyright: ignore[reportUntypedFunctionDecorator]
        def refresh(params: None) -> None:
            refreshed.append(params)

    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published and bool(registered))
        ((method, options),) = registered
        assert (method, options) == ("workspace/didChangeConfiguration", {"section": "helion"})
        assert ": f32[tile_m, tile_n]" not in await hints(client)
        told = len(refreshed)
        change(client, {"helion": {"inlayHints": {"shapes": True}}})
        await client.until(lambda: len(refreshed) > told)
        assert ": f32[tile_m, tile_n]" in await hints(client)
        change(client, {"helion": {}})
        await client.until(lambda: len(refreshed) > told + 1)
        assert ": f32[tile_m, tile_n]" not in await hints(client)
        assert client.states.count("ready") == 1

    drive(scenario, before=before, capabilities=ASKED_AGAIN)


def test_a_client_that_tells_no_settings_is_asked_for_them(drive: Callable[..., None]) -> None:
    said: list[Any] = [{"inlayHints": {"shapes": True}}]
    asked: list[Any] = []
    refreshed: list[None] = []

    def before(client: Client) -> None:
        @client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)  # pyright: ignore[reportUntypedFunctionDecorator]
        def refresh(params: None) -> None:
            refreshed.append(params)

        @client.feature(lsp.WORKSPACE_CONFIGURATION)  # pyright: ignore[reportUntypedFunctionDecorator]
        def configuration(params: lsp.ConfigurationParams) -> list[Any]:
            asked.extend(item.section for item in params.items)
            return said

    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        told = len(refreshed)
        change(client, None)
        await client.until(lambda: len(refreshed) > told)
        assert asked == ["helion"]
        assert ": f32[tile_m, tile_n]" in await hints(client)

    refresh_support = lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True)
    workspace = lsp.WorkspaceClientCapabilities(configuration=True, inlay_hint=refresh_support)
    capabilities = lsp.ClientCapabilities(window=WINDOW, workspace=workspace)
    drive(scenario, before=before, capabilities=capabilities)


def test_another_target_is_that_of_hovers_and_previews(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: bool(client.previews))
        ask = client.protocol.send_request_async
        asked = {"uri": URI, "kernel": "matmul", "kind": "resources"}
        assert "sm_90" in (await ask("helion/preview", asked)).text
        told = len(client.previews)
        change(client, {"helion": {"target": "sm_80"}})
        await client.until(lambda: len(client.previews) > told)
        shown = (await ask("helion/preview", asked)).text
        assert "sm_80" in shown
        assert "sm_90" not in shown

    drive(scenario, target="sm_90")


def test_decisions_are_shown_and_other_settings_leave_the_command_its_choice(drive: Callable[..., None]) -> None:
    def shows(client: Client) -> bool:
        return any(str(d.code).startswith("decision-") for d in client.published[URI].diagnostics)

    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        assert not shows(client)
        change(client, {"helion": {"decisions": True}})
        await client.until(lambda: shows(client))
        await client.workspace_execute_command_async(lsp.ExecuteCommandParams(command="helion.toggleDecisions"))
        await client.until(lambda: not shows(client))
        change(client, {"helion": {"decisions": True, "tuneBudget": 5}})
        await client.edit("# above\n" + TEXT)
        assert not shows(client)

    drive(scenario)


def test_no_setting_grants_trust(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        change(client, {"helion": {"trusted": True, "inlayHints": {"shapes": True}}})
        assert await hints(client) == []
        assert client.states == ["untrusted"]

    drive(scenario, ready=False, trusted=False)


def test_tables_are_changed_entry_by_entry_and_what_is_of_the_wrong_kind_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    initial = {"trusted": False, "inlayHints": {"shapes": True, "loops": True}, "target": "sm_90", "tuneBudget": 60}
    with caplog.at_level(logging.WARNING):
        found = live_options(initial, {"inlayHints": {"loops": False}, "target": 90, "tuneBudget": True, "trusted": True, "other": 1})
    assert found == {**initial, "inlayHints": {"shapes": True, "loops": False}}
    assert [record.getMessage() for record in caplog.records] == [
        "the setting helion.target is not a text: 90",
        "the setting helion.tuneBudget is not a number: True",
    ]
    assert live_options(initial, {"target": None}) == initial
    assert live_options(initial, ["nothing"]) == initial
