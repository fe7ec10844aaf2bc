"""A tuning that is watched while it runs and looked at after it; another of its trials locked instead of the winner."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion.trials.record import is_of, logs_of, read_record
from helion.types.untyped import is_sequence
from helion_lsp.front.heard_tunings import CANCELLED, ENDED, RUNNING, HeardTunings
from helion_lsp.front.remote_log import RemoteLog
from tests.lsp.conftest import TEXT, URI, Client

pytest.importorskip("triton")

ARGS = "bf16[256,256], bf16[256,256]"
HASH = "0123456789abcdef"


def started(log: str | None = None) -> dict[str, Any]:
    header = {"kernel": "k", "kernel_hash": HASH, "method": "model", "device": "sm_90", "signature": ARGS}
    return {
        "event": "started",
        "method": "model",
        "device": "sm_90",
        "search": "pattern",
        "budget_seconds": 5,
        "log": log,
        "header": header,
    }


def trial(index: int, us: float) -> dict[str, Any]:
    outcome: dict[str, Any] = {"us": us, "noise_us": 0.0, "failure": None, "seconds": 0.1, "resources": {}}
    return {"event": "trial", "index": index, "generation": 0, "code": str(index), "config": {"num_warps": 4}, **outcome}


def test_a_tuning_is_heard_until_it_ends() -> None:
    heard = HeardTunings()
    assert heard.hear("u", "k", trial(0, 1.0)) is None, "nothing was started"
    tuning = heard.hear("u", "k", started())
    assert tuning is not None
    heard.hear("u", "k", trial(0, 9.0))
    heard.hear("u", "k", {"event": "progress", "seconds_left": 3.5})
    assert (tuning.state, tuning.seconds_left, len(tuning.trials)) == (RUNNING, 3.5, 1)
    heard.hear("u", "k", {"event": "result", "us": 9.0, "code": "0", "lock_signature": None})
    assert (tuning.state, tuning.record.winner, tuning.has_lock_signature) == (ENDED, 1, True)
    assert heard.end("u", "k", CANCELLED, "cancelled") is None, "it has its result"
    assert tuning.state == ENDED


def test_each_signature_is_a_tuning_and_a_log_stands_once() -> None:
    heard = HeardTunings()
    for log in ("/a/k-1.jsonl", "/a/k-2.jsonl", "/a/k-1.jsonl", None):
        heard.hear("u", "k", started(log))
        heard.end("u", "k", CANCELLED, "cancelled")
    heard.hear("u", "other", started())
    assert [tuning.name for tuning in heard.of("u", "k")] == ["session-4", "k-1", "k-2"]
    assert [tuning.number for tuning in heard.of("u", "k")] == [4, 3, 2]


def test_a_tuning_of_another_machine_is_recorded_here(tmp_path: Path) -> None:
    remote = RemoteLog("gpu box:22", tmp_path / "trials")
    heard = HeardTunings()
    there = {**started("/there/k-1.jsonl"), "header": {**started()["header"], "file": "/tmp/copy/k.py"}}
    for event in (there, trial(0, 9.0), {"event": "progress"}, trial(1, 7.0), {"event": "result", "us": 7.0, "code": "1"}):
        tuning = heard.hear("u", "k", remote.hear(event))
        assert tuning is not None
        assert tuning.log == tmp_path / "trials/k-1@gpu_box_22.jsonl"
        record = read_record(tuning.log)
        assert record is not None
        assert record.trials == tuning.record.trials, "written as it is heard"
        assert logs_of(tmp_path / "trials", "k") == [tuning.log]
        assert (record.header["host"], record.header.get("file")) == ("gpu box:22", None)
        assert is_of(record.header, Path("/here/k.py"), HASH)
        assert record.winner == (2 if event["event"] == "result" else None)


def test_a_tuning_of_another_machine_without_a_log_is_heard_only(tmp_path: Path) -> None:
    for remote, event in ((RemoteLog("host", None), started("/there/k-1.jsonl")), (RemoteLog("host", tmp_path / "none"), started())):
        assert remote.hear(event)["log"] is None
        remote.hear(trial(0, 1.0))
    assert not (tmp_path / "none").exists()


def test_a_log_of_another_file_is_not_this_kernels() -> None:
    here = Path("/here/k.py")
    assert is_of({"file": "/here/k.py", "kernel_hash": "other"}, here, HASH), "an older text of it"
    assert is_of({"file": "/copy/k.py", "kernel_hash": HASH}, here, HASH), "this very text"
    assert is_of({"kernel_hash": "other"}, here, HASH), "it does not say"
    assert not is_of({"file": "/there/k.py", "kernel_hash": "other"}, here, HASH)
    assert not is_of({"file": "/there/k.py", "kernel_hash": "other"}, here, None)


def plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: plain(item) for name, item in value._asdict().items()}
    return [plain(item) for item in value] if is_sequence(value) else value


async def ask(client: Client, method: str, **params: Any) -> Any:
    return plain(await client.protocol.send_request_async(method, {"uri": URI, "kernel": "matmul", **params}))


async def command(client: Client, name: str, *arguments: Any) -> Any:
    given = lsp.ExecuteCommandParams(command=name, arguments=[URI, "matmul", *arguments])
    return plain(await client.workspace_execute_command_async(given))


def applied(text: str, params: lsp.ApplyWorkspaceEditParams) -> str:
    """The text after an edit of whole characters, none of which is beyond the first plane."""
    for change in params.edit.document_changes or ():
        assert isinstance(change, lsp.TextDocumentEdit)
        for edit in change.edits:
            lines = text.splitlines(keepends=True)
            begin, end = (sum(map(len, lines[: at.line])) + at.character for at in (edit.range.start, edit.range.end))
            assert isinstance(edit, (lsp.TextEdit, lsp.AnnotatedTextEdit))
            text = text[:begin] + edit.new_text + text[end:]
    return text


def test_a_tuning_is_shown_live_and_another_trial_is_locked_instead(drive: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))

    async def scenario(client: Client) -> None:
        notices: list[dict[str, Any]] = []

        @client.feature("helion/tuningProgress")  # pyright: ignore[reportUntypedFunctionDecorator]  # pygls leaves it untyped
        def told(params: Any) -> None:
            notices.append(plain(params))

        client.open()
        assert await ask(client, "helion/tunings") == []
        assert await ask(client, "helion/tuning") is None
        tuning = asyncio.ensure_future(command(client, "helion.tuneAndLock", {"args": ARGS, "target": "sm_90", "budget": 10}))
        await client.until(lambda: any(notice["trials"] > 1 for notice in notices))
        live = await ask(client, "helion/tuning")
        assert (live["state"], live["estimated"], live["stale"]) == ("running", True, None)
        assert live["rows"][0]["changes"] == [], "the default is tried first"
        refused = await command(client, "helion.lockTrial", live["id"], 1)
        assert "still running" in refused["message"]

        found = await asyncio.wait_for(tuning, 60)
        assert found["locked"]
        assert notices[-1]["state"] == "ended"
        more = await ask(client, "helion/tuning", known={key: live[key] for key in ("id", "run", "trials")})
        assert more["after"] == live["trials"] == len(live["rows"])
        assert len(live["rows"]) + len(more["rows"]) == more["trials"]
        assert more["best_us"] == min(row["us"] for row in live["rows"] + more["rows"] if row["us"] is not None)
        locked_text = applied(TEXT, client.edits[-1])
        await client.edit(locked_text)
        after = await ask(client, "helion/tuning", id=live["id"])
        assert after["locked"] == after["winner"]

        others = [row for row in after["rows"] if row["us"] is not None and row["number"] != after["winner"]]
        other = min(others, key=lambda row: row["us"])
        answer = await command(client, "helion.lockTrial", live["id"], other["number"])
        assert answer["locked"], answer
        assert "estimated" in answer["message"]
        instead = applied(locked_text, client.edits[-1])
        assert instead.count("helion.Config(") == 1, "it takes the winner's place"
        await client.edit(instead)
        again = await ask(client, "helion/tuning", id=live["id"])
        assert again["rows"][again["locked"] - 1]["config"] == other["config"]

        await client.edit(instead.replace("acc = torch.addmm(acc, x[tile_m, tile_k]", "acc = torch.addmm(acc * 2, x[tile_m, tile_k]"))
        stale = await ask(client, "helion/tuning", id=live["id"])
        assert "was changed since" in stale["stale"]
        refused = await command(client, "helion.lockTrial", live["id"], other["number"])
        assert not refused["locked"]
        assert "stale" in refused["message"]

    drive(scenario)

    async def later(client: Client) -> None:
        client.open()
        (listed,) = await ask(client, "helion/tunings")
        assert (listed["state"], listed["estimated"], listed["stale"], listed["signature"]) == ("ended", True, None, ARGS)
        shown = await ask(client, "helion/tuning")
        assert shown["id"] == listed["id"]
        answer = await command(client, "helion.lockTrial", listed["id"], shown["winner"])
        assert answer["locked"], answer
        page = await command(client, "helion.showTuning")
        assert "<svg" in Path(page["path"]).read_text(encoding="utf-8")
        for given in (("no-such", 1), (listed["id"], 9999), (listed["id"], 0)):
            assert not (await command(client, "helion.lockTrial", *given))["locked"]

    drive(later)


def test_a_trial_that_failed_and_a_log_of_another_text_are_refused(drive: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "trials"
    folder.mkdir(parents=True)
    header = {"kind": "header", **started()["header"], "target": "sm_90"}
    failed = {**trial(1, 0.0), "us": None, "failure": {"kind": "timeout", "message": "too long"}}
    lines = [header, *({**line, "kind": "trial"} for line in (trial(0, 5.0), failed))]
    (folder / "matmul-0.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    async def scenario(client: Client) -> None:
        client.open()
        (listed,) = await ask(client, "helion/tunings")
        assert "another kernel of its name" in listed["stale"]
        told = [(await command(client, "helion.lockTrial", "matmul-0", number))["message"] for number in (1, 2)]
        assert "stale" in told[0]
        assert "does not work: timeout" in told[1]
        assert client.edits == []

    drive(scenario)


def test_without_trust_nothing_is_read(drive: Any) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        assert await ask(client, "helion/tunings") == []
        assert await ask(client, "helion/tuning") is None
        assert "not trusted" in (await command(client, "helion.lockTrial", "x", 1))["message"]

    drive(scenario, ready=False, trusted=False)
