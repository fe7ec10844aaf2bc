"""Diagnostics are of a version of the text: every one gets its own, whether or not anything else has changed."""

from __future__ import annotations

from collections.abc import Callable

from tests.lsp.conftest import TEXT, URI, Client


def test_a_change_that_changes_nothing_is_a_version_too(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        assert (await client.hover("acc = hl.zeros")).startswith("`f32["), "with details: no answer is under way any more"
        assert await client.edit(TEXT) == []
        assert await client.edit(TEXT) == []

    drive(scenario)
