"""Two kernels of one name in a document, as in the branches of an `if`: whatever the editor asks of one is done to that one, also when the
text has got another in the meantime."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import read_entries, sidecar_path, sidecar_text
from helion.source import SourceFile
from helion.syntax.namesakes import editor_name, in_order, kernel_of_editor, kernels_called, numbered_name
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax
from helion_lsp.front.heard_tunings import HeardTunings
from helion_lsp.worker.answers import Requests
from helion_lsp.worker.lock_evidence import settle
from helion_lsp.worker.lock_overview import LockOverview
from tests.lsp.conftest import URI, Client
from tests.lsp.test_tune_panel import applied, plain

HEAD = """import helion
import helion.language as hl
import torch

"""
ONE = """
    @helion.kernel
    def f(x: torch.Tensor) -> torch.Tensor:
        n, m = x.size()
        out = torch.empty_like(x)
        for t in hl.tile(n):
            out[t, :] = x[t, :] {change}
        return out
"""
FIRST, SECOND, THIRD = (ONE.format(change=change) for change in ("+ 1", "* 2", "- 3"))
TEXT = f"{HEAD}if torch.cuda.is_available():\n{FIRST}\nelse:\n{SECOND}"
BEFORE = f"{HEAD}if torch.__version__ < '2':\n{THIRD}\nelif torch.cuda.is_available():\n{FIRST}\nelse:\n{SECOND}"
"""What somebody makes of the text while a command is under way: a third of the name before the others."""
CONFIG = {"block_sizes": [64]}


def answer(method: str, text: str = TEXT, path: str = "two.py", **params: Any) -> Any:
    return Requests().answer({"method": method, "path": path, "text": text, "params": params}, lambda key: None)


def kernels(text: str) -> tuple[KernelSyntax, ...]:
    return in_order(parse_module(SourceFile("two.py", text)))


def with_edit(text: str, edit: Any) -> str:
    start, end, new = edit
    return text[:start] + new + text[end:]


def options_of(text: str) -> list[str]:
    """What stands behind the `@` of each kernel."""
    decorators = (kernel.decorator for kernel in kernels(text))
    return ["" if d is None else text[d.span.start : d.span.end] for d in decorators]


def locked(text: str, number: int) -> str:
    """With a lock for the `number`-th kernel."""
    start = [kernel.decorator.span.end for kernel in kernels(text) if kernel.decorator is not None][number - 1]
    return f'{text[:start]}(configs={{"sm_90": helion.Config(block_sizes=[64])}}){text[start:]}'


# -- names ------------------------------------------------------------------------------------------------------------


def test_the_second_is_numbered_and_lines_do_not_matter() -> None:
    assert [editor_name(kernel) for kernel in kernels(TEXT)] == ["f", "f#2"]
    assert [editor_name(kernel) for kernel in kernels(BEFORE)] == ["f", "f#2", "f#3"]
    later = parse_module(SourceFile("", f"# a comment\n\n{TEXT}"))
    for kernel in kernels(TEXT):
        there = kernel_of_editor(later, editor_name(kernel))
        assert there is not None
        assert kernel_hash(there) == kernel_hash(kernel)


def test_a_name_of_an_older_text_is_the_first_and_a_number_too_many_nobodys() -> None:
    module = parse_module(SourceFile("", f"{HEAD}if True:\n{FIRST}"))
    (only,) = module.kernels
    assert kernel_of_editor(module, "f") is only
    assert kernel_of_editor(module, "f#1") is only
    for name in ("f#2", "f#0", "f#", "f#x", "g", "g#1"):
        assert kernel_of_editor(module, name) is None, name


def test_the_command_line_knows_the_numbers() -> None:
    module = parse_module(SourceFile("", TEXT))
    first, second = in_order(module)
    assert (numbered_name(first), numbered_name(second)) == ("f#1", "f#2")
    assert kernels_called(module, "f#1") == (first,)
    assert kernels_called(module, "f#2") == (second,)
    assert kernels_called(module, "f#3") == ()
    assert kernels_called(module, "f") == (first, second)


def test_kernels_in_classes_are_numbered_by_their_whole_names() -> None:
    method = FIRST.replace("def f(x", "def f(x")
    text = f"{HEAD}class A:\n{method}\n\nclass B:\n{method}\n{SECOND}"
    assert [editor_name(kernel) for kernel in kernels(text)] == ["A.f", "B.f", "B.f#2"]
    module = parse_module(SourceFile("", text))
    assert kernel_of_editor(module, "f") is None, "a last name that several have says nothing"


# -- the worker -------------------------------------------------------------------------------------------------------


def test_diagnostics_hovers_and_locks_are_each_kernels_own(tmp_path: Path) -> None:
    text = locked(TEXT.replace("x[t, :] * 2", "x[t, :] * missing"), 1)
    first, second = answer("analyse", text, str(tmp_path / "two.py"))["kernels"]
    assert (first["name"], second["name"]) == ("f", "f#2")
    assert first["diagnostics"] == []
    assert [d["message"] for d in second["diagnostics"]] == ["`missing` is not defined"]
    assert (first["lock"], second["lock"]) == ("locked: sm_90 (no evidence)", "not locked")
    assert all(any("out" in words for *_, words in kernel["hovers"]) for kernel in (first, second))


def test_doubts_and_what_they_offer_are_of_the_kernel_that_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    text = locked(locked(TEXT, 2), 1)
    path.write_text(text)
    mine, other = ({"kernel": "f", "nth": n, "device": "sm_90", "signature": None, "config": CONFIG} for n in (1, 2))
    hashes = [kernel_hash(kernel) for kernel in kernels(text)]
    sidecar_path(path).write_text(sidecar_text([{**mine, "kernel_hash": hashes[0]}, {**other, "kernel_hash": "0"}]))
    first, second = answer("analyse", text, str(path))["kernels"]
    assert [d["code"] for d in first["doubts"] if d["code"] == "lock-kernel-changed"] == []
    (changed,) = [d for d in second["doubts"] if d["code"] == "lock-kernel-changed"]
    offered = {tuple(str(a) for a in c["arguments"][:2]) for c in changed["commands"]}
    assert all("f#2" in str(c["arguments"]) for c in changed["commands"]), offered
    kept = answer("accepted", text, str(path), kernel="f#2", device="sm_90", signature=None)
    assert (kept["entry"]["nth"], kept["entry"]["kernel_hash"]) == (2, hashes[1])
    assert kept["replaced"]["kernel_hash"] == "0"


@pytest.mark.parametrize(("name", "own"), [("f", "+ 1"), ("f#2", "* 2")])
def test_a_preview_is_of_the_kernel_that_is_meant(name: str, own: str) -> None:
    found = answer("preview", kernel=name, kind="triton")
    assert found["title"] == f"{name} · triton"
    (line,) = [
        TEXT.splitlines()[source] for _, source, last in found["sourceMap"] if source == last and "x[t, :]" in TEXT.splitlines()[source]
    ][:1]
    assert own in line
    assert answer("preview", f"\n\n\n{TEXT}", kernel=name, kind="triton")["text"] == found["text"], "lines above change nothing"


def test_a_preview_of_a_kernel_that_went_says_so() -> None:
    assert "there is no kernel `f#3` any more" in answer("preview", kernel="f#3")["text"]


def test_samples_and_what_compiled_code_does_are_each_kernels_own() -> None:
    found = answer("details", samples={"f#2": "f32[64,8]"})["kernels"].values()
    assert sorted(str(data["sample"]) for data in found) == ["None", "f32[64,8]"]
    assert {data["tunable"]["name"] for data in found} == {"f", "f#2"}
    decided = [answer("compiled", kernel=name, target="sm_90") for name in ("f", "f#2", "f#3")]
    assert decided[0]
    assert decided[1]
    assert decided[2] is None


def test_rewrites_change_the_kernel_that_is_meant() -> None:
    text = locked(locked(TEXT, 2), 1)
    for name, number in (("f", 0), ("f#2", 1)):
        offered = {one["title"]: one for one in answer("rewrites", text, kernel=name)}
        one = offered[f"Remove all locks of {name}"]
        assert one["options"] == {"kernel": name}
        after = f"# above\n{text}"
        found = answer("codemod", after, name=one["name"], options=one["options"])
        changed = options_of(with_edit(after, found["edit"]))
        assert ["configs" in options for options in changed] == [number == 1, number == 0]


@pytest.mark.parametrize("form", ["jaxtyping", "asserts"])
def test_annotations_are_written_into_the_kernel_that_is_meant(form: str) -> None:
    found = answer("codemod", name="annotate", options={"kernel": "f#2", "form": form})
    assert "edit" in found, found
    first, second = (new.partition("out =")[0] for new in with_edit(TEXT, found["edit"]).split("@helion.kernel")[1:])
    written = "Shaped[" if form == "jaxtyping" else "assert "
    assert (written in first, written in second) == (False, True), (first, second)


def test_an_operator_is_offered_where_one_kernel_alone_has_the_name() -> None:
    alone = f"{HEAD}\n" + "\n".join(line.removeprefix("    ") for line in FIRST.splitlines()) + "\n"
    title = "Register f as a torch.library.custom_op"
    assert title in {one["title"] for one in answer("rewrites", alone, kernel="f")}
    for name in ("f", "f#2"):
        assert title not in {one["title"] for one in answer("rewrites", TEXT, kernel=name)}
        assert title not in {one["title"] for one in answer("rewrites", f"{alone}\n{alone}", kernel=name)}
    in_branch = f"{HEAD}if True:\n{FIRST}\nelse:\n    f = None\n"
    assert title not in {one["title"] for one in answer("rewrites", in_branch, kernel="f")}, "it would stand in the middle of the `if`"


def test_a_remap_puts_the_lists_of_the_kernel_that_is_meant_in_order(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    rows = "for t in hl.tile(n):\n            out[t, :] = x[t, :] * 2"
    both = "for {0} in hl.tile({1}):\n            out[t, u] = x[t, u] * 2"
    old = locked(TEXT.replace(rows, both.format("t, u", "[n, m]")), 2).replace("[64]", "[64, 8]")
    config = {"block_sizes": [64, 8]}
    shown = answer("shortest", old, str(path), kernel="f#2", config=config, target="sm_90", args=None)["evidence"]
    assert shown["nth"] == 2
    sidecar_path(path).write_text(sidecar_text([{**shown, "device": "sm_90", "signature": None, "config": config}]))
    new = old.replace(both.format("t, u", "[n, m]"), both.format("u, t", "[m, n]"))
    assert new != old
    path.write_text(new)
    found = answer("codemod", new, str(path), name="remap", options={"kernel": "f#2"})
    assert found.get("edit"), found
    after = options_of(with_edit(new, found["edit"]))
    assert "configs" not in after[0]
    assert "block_sizes=[8, 64]" in after[1]
    assert [e["entry"]["nth"] for e in found["evidence"]] == [2]


def evidence(text: str, name: str) -> dict[str, Any]:
    kernel = kernel_of_editor(parse_module(SourceFile("", text)), name)
    assert kernel is not None
    return {"method": "model", "estimated": True, "kernel_hash": kernel_hash(kernel), "nth": int(name[2:] or 1)}


@pytest.mark.parametrize(("text", "numbers"), [(TEXT, (1, 2)), (BEFORE, (2, 3)), (f"# above\n{TEXT}", (1, 2))])
@pytest.mark.parametrize(("name", "which"), [("f", 0), ("f#2", 1)])
def test_a_lock_is_written_for_the_kernel_that_was_tuned(text: str, numbers: tuple[int, int], name: str, which: int) -> None:
    """Tuned in `TEXT`, written into what that has become."""
    asked = {"kernel": name, "device": "sm_90", "signature": None, "config": CONFIG, "evidence": evidence(TEXT, name)}
    found = answer("lock", text, **asked)
    after = options_of(with_edit(text, found["edit"]))
    assert [n for n, options in enumerate(after, 1) if "configs" in options] == [numbers[which]]
    assert (found["entry"]["kernel"], found["entry"]["nth"]) == ("f", numbers[which])


def test_a_lock_follows_its_kernel_when_the_others_go_or_when_it_was_changed() -> None:
    asked = {"kernel": "f#2", "device": "sm_90", "signature": None, "config": CONFIG, "evidence": evidence(TEXT, "f#2")}
    alone = f"{HEAD}if True:\n{SECOND}"
    found = answer("lock", alone, **asked)
    assert "nth" not in found["entry"]
    changed = TEXT.replace("* 2", "* 4")
    after = options_of(with_edit(changed, answer("lock", changed, **asked)["edit"]))
    assert ["configs" in one for one in after] == [False, True], "by its number"
    unlike = {**asked, "evidence": {"kernel_hash": "0"}}
    assert "several kernels" in answer("lock", **unlike)["refused"], "nothing says which"
    assert "no kernel" in answer("lock", TEXT.replace("def f(", "def g("), **asked)["refused"]


def test_evidence_of_the_session_finds_its_kernel_under_another_number(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    entry = {"kernel": "f", "nth": 2, "device": "sm_90", "signature": None, "config": CONFIG, **evidence(TEXT, "f#2")}
    for text, number in ((locked(BEFORE, 3), 3), (locked(TEXT, 2), 2), (locked(f"{HEAD}if True:\n{SECOND}", 1), None)):
        path.write_text(text)
        assert settle(path, [entry])
        (found,) = read_entries(sidecar_path(path))
        assert (found.get("nth"), found["kernel_hash"]) == (number, entry["kernel_hash"])


def test_a_script_shows_what_was_observed_of_the_kernel_that_is_meant() -> None:
    text = TEXT.replace("x[t, :] * 2", "x[t, :] * missing")
    first, second = (answer("repro", text, kernel=name)["text"] for name in ("f", "f#2"))
    assert "+ 1" in first
    assert "observed: nothing" in first
    assert "* missing" in second
    assert "`missing` is not defined" in second


def test_the_overview_has_a_row_for_each(tmp_path: Path) -> None:
    (tmp_path / "two.py").write_text(locked(TEXT, 2))
    rows = LockOverview().overview({"folders": [str(tmp_path)]}, lambda key: None, 60.0)["rows"]
    assert {(row["kernel"], row["called"], row["state"]) for row in rows} == {("f", "f#1", "missing"), ("f#2", "f#2", "unrecorded")}
    places = {row["kernel"]: row["kernel_span"][0] for row in rows}
    assert places["f"] < TEXT.index("else:") < places["f#2"]


def test_tunings_that_were_heard_are_told_apart() -> None:
    heard = HeardTunings()
    for name in ("f", "f#2"):
        heard.hear(URI, name, {"event": "started", "method": "model", "header": {"kernel": "f", "kernel_hash": name}})
    assert [tuning.kernel for tuning in heard.of(URI, "f#2")] == ["f#2"]
    assert [tuning.kernel for tuning in heard.of_name(URI, "f#2")] == ["f#2", "f"]


# -- the server -------------------------------------------------------------------------------------------------------


async def command(client: Client, name: str, *arguments: Any) -> Any:
    given = lsp.ExecuteCommandParams(command=name, arguments=[URI, *arguments])
    return plain(await client.workspace_execute_command_async(given))


async def asked(client: Client, method: str, **params: Any) -> Any:
    return plain(await client.protocol.send_request_async(method, {"uri": URI, **params}))


async def lenses(client: Client) -> list[lsp.Command]:
    document = lsp.TextDocumentIdentifier(uri=URI)
    found = await client.text_document_code_lens_async(lsp.CodeLensParams(text_document=document))
    return [lens.command for lens in found or () if lens.command is not None]


def test_lenses_actions_and_places_name_the_kernel_that_they_stand_at(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open(TEXT)
        await client.until(lambda: URI in client.previews)
        shown = [one.arguments for one in await lenses(client) if one.title == "Triton"]
        assert [list(one or ()) for one in shown] == [[URI, "f", "triton"], [URI, "f#2", "triton"]]
        for words, name in (("+ 1", "f"), ("* 2", "f#2")):
            place = client.position(words, TEXT)
            found = await asked(client, "helion/kernelAt", position={"line": place.line, "character": place.character})
            assert found == {"kernel": name}
        regions = await asked(client, "helion/regions")
        assert [region["kernel"] for region in regions] == ["f", "f#2"]
        second = lsp.Position(line=TEXT.count("\n", 0, TEXT.rindex("def f")), character=9)
        actions: Any = await client.text_document_code_action_async(
            lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri=URI), lsp.Range(second, second), lsp.CodeActionContext(diagnostics=[]))
        )
        titles = [action.title for action in actions]
        assert "Tune and lock the config of f#2" in titles
        assert "Write the shapes of f#2 as asserts" in titles

        await client.edit(f"# above\n\n{TEXT}")
        later = await asked(client, "helion/preview", kernel="f#2", kind="triton")
        assert "* " in later["text"]
        assert later["title"] == "f#2 · triton"
        chosen = await command(client, "helion.chooseSignature", "f#2", "f32[64,8]")
        assert chosen == {"signature": "f32[64,8]", "problem": None}
        titles = [one.title for one in await lenses(client) if one.title.startswith("signature")]
        assert titles == ["signature: inferred", "signature: f32[64,8]"]
        hover = await asked(client, "helion/signatures", kernel="f#2")
        assert hover[0]["origin"] == "inferred"

    drive(scenario)


def test_what_is_tuned_is_locked_though_another_was_written_above_it(
    drive: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("triton")
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))

    async def scenario(client: Client) -> None:
        client.open(TEXT)
        options = {"args": "f32[4096,64]", "target": "sm_90", "budget": 6}
        tuning = asyncio.ensure_future(command(client, "helion.tuneAndLock", "f#2", options))
        await client.until(lambda: any("best" in message for message in client.progress))
        again = await command(client, "helion.tuneAndLock", "f#2", options)
        assert again["message"] == "f#2 is being tuned already"
        await client.edit(BEFORE)
        found = await asyncio.wait_for(tuning, 120)
        assert found["locked"], found
        now = applied(BEFORE, client.edits[-1])
        assert [n for n, one in enumerate(options_of(now), 1) if "configs" in one] == [3]
        await client.edit(now)

        # The kernel is the third of its name by now, and its tuning goes with its body.
        (listed,) = await asked(client, "helion/tunings", kernel="f#3")
        assert listed["stale"] is None
        assert [await asked(client, "helion/tunings", kernel=name) for name in ("f", "f#2")] == [[], []]
        shown = await asked(client, "helion/tuning", kernel="f#3")
        assert shown["locked"] == shown["winner"]
        stale = await command(client, "helion.lockTrial", "f", listed["id"], 1)
        assert stale["message"] == "the tuning is not known any more"
        assert "locked:" in [one.title for one in await lenses(client) if one.title.startswith("locked")][0]

        removed = await command(client, "helion.codemod", "unlock", {"kernel": "f#3"})
        assert removed.get("changed"), removed
        assert applied(now, client.edits[-1]) == BEFORE

    drive(scenario)


def test_what_runs_is_the_kernel_that_is_meant(drive: Callable[..., None], tmp_path: Path) -> None:
    pytest.importorskip("triton")
    path = tmp_path / "two.py"
    text = locked(TEXT, 2)
    path.write_text(text)

    async def scenario(client: Client) -> None:
        item = lsp.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=text)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        runs = [
            plain(
                await client.protocol.send_request_async("helion/runCommand", {"uri": path.as_uri(), "kernel": name, "mode": "interpret"})
            )
            for name in ("f", "f#2", "f#3")
        ]
        assert [run.get("command", [""])[-1].rpartition("::")[2] for run in runs] == ["f#1", "f#2", ""]
        assert runs[2]["message"] == "there is no kernel f#3 in the text any more"
        environment = {**os.environ, "HELION_INTERPRET": "1"}
        done = [
            subprocess.run([*run["command"], "--args", "f32[64,8]", "--json"], capture_output=True, text=True, check=False, env=environment)
            for run in runs[:2]
        ]
        # Without a GPU the module has the second: the first is not what an import leaves under the name.
        assert done[1].returncode == 0, done[1].stderr
        assert json.loads(done[1].stdout)
        assert done[0].returncode != 0
        refreshed = plain(await client.protocol.send_request_async("helion/refreshCommand", {"uri": path.as_uri(), "kernel": "f"}))
        assert refreshed["command"][-1] == f"{path}::f#1"

    drive(scenario)
