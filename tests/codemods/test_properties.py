"""Over decorators drawn at random, and over every example kernel: only what was meant changes, twice is once, formatters agree."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from helion.config.config import Config
from helion.locks.entries import LockEntry, entries_of_kernel
from helion.locks.identity import DeviceIdentity
from helion.locks.selection import select
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_codemods.commands.lock import lock_config
from helion_codemods.commands.migrate import migrate
from helion_codemods.commands.prune import prune
from helion_codemods.commands.unlock import unlock
from helion_codemods.every_kernel import change_kernels
from helion_codemods.outcome import Refused, Rewritten
from tests.codemods.formatters import formatted

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
DEVICES = ("NVIDIA H200", "NVIDIA H100 80GB HBM3", "sm_90", "sm_80", "gfx942", "*")
SIGNATURES = ("f32[16]", "f32[1024]", "f32[8192]", "bf16[16]", "bf16[64,32]", "f32[m]", "'gelu'")

configs = st.fixed_dictionaries(
    {"block_sizes": st.lists(st.sampled_from([16, 64, 128]), min_size=1, max_size=3)},
    optional={
        "num_warps": st.sampled_from([4, 8]),
        "indexing": st.lists(st.sampled_from(["pointer", "tensor_descriptor"]), min_size=1, max_size=8),
        "loop_orders": st.just([[1, 0], [0, 1]]),
        "pid_type": st.sampled_from(["flat", "persistent_blocked"]),
    },
)
blanks = st.sampled_from(["", " ", "  # a comment", "\n    # above"])


@st.composite
def config_texts(draw: st.DrawFn) -> str:
    values = draw(configs)
    spelled = draw(st.sampled_from(["helion.Config", "Config", "dict", "{"]))
    if spelled == "{":
        return repr(values)
    pairs = [f"{key}={value!r}" for key, value in values.items()]
    if draw(st.booleans()):
        return f"{spelled}({', '.join(pairs)})"
    comment = draw(st.sampled_from(["", "  # chosen by hand"]))
    return f"{spelled}(\n" + "".join(f"            {pair},{comment}\n" for pair in pairs) + "        )"


@st.composite
def tables(draw: st.DrawFn) -> str:
    items: list[str] = []
    for device in draw(st.lists(st.sampled_from(DEVICES), max_size=4)):
        if draw(st.booleans()):
            items.append(f'"{device}": {draw(config_texts())}')
        else:
            inner = [f'"{s}": {draw(config_texts())}' for s in draw(st.lists(st.sampled_from([*SIGNATURES, "*"]), max_size=4))]
            items.append(f'"{device}": {{{", ".join(inner)}}}')
    return _list("{", items, "}", draw)


@st.composite
def decorators(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(["helion.kernel", "k", "hn.jit"]))
    options = draw(st.lists(st.sampled_from(["static_shapes=False", "key=lambda x: {1: (x, 2)}", 'index_dtype=f"{1}"']), unique=True))
    kind = draw(st.sampled_from(["bare", "none", "config", "configs"]))
    if kind == "bare":
        return name
    if kind == "config":
        options.insert(draw(st.integers(0, len(options))), f"config={draw(config_texts())}")
    if kind == "configs":
        options.insert(draw(st.integers(0, len(options))), f"configs={_grouped(draw(tables()), draw)}")
    return _grouped(name + _list("(", options, ")", draw), draw)


def _grouped(code: str, draw: st.DrawFn) -> str:
    """Sometimes in parentheses of its own."""
    return draw(st.sampled_from(["{}", "{}", "{}", "({})", "(({}))", "(\n    {}\n)"])).replace("{}", code)


def _list(opening: str, items: list[str], closing: str, draw: st.DrawFn) -> str:
    """On one line, hugged, or an item a line with comments."""
    layout = draw(st.sampled_from(["flat", "trailing", "lines"]))
    if layout == "lines":
        lines = [f"    {item},{draw(st.sampled_from(['', '  # behind']))}\n" for item in items]
        above = draw(st.sampled_from(["", "    # above\n"]))
        return f"{opening}\n{above}{''.join(lines)}{closing}"
    return f"{opening}{', '.join(items)}{',' if items and layout == 'trailing' else ''}{closing}"


def file_of(decorator: str, newline: str = "\n") -> str:
    text = (
        f"import helion\nimport helion as hn\nfrom helion import Config, kernel as k\n\n\n# é\n@{decorator}  # d\ndef f(x):\n    return x\n"
    )
    return text.replace("\n", newline)


def entries(text: str) -> list[LockEntry]:
    return list(entries_of_kernel(parse_module(SourceFile("", text)).kernels[0]))


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def without_decorator(text: str) -> tuple[str, str]:
    return text[: text.index("@")], text[text.index("  # d") :]


@settings(max_examples=100, deadline=None)
@given(decorators(), st.sampled_from(DEVICES), st.sampled_from([None, *SIGNATURES]), configs, st.sampled_from(["\n", "\r\n"]))
def test_lock(decorator: str, device: str, signature: str | None, config: dict[str, Any], newline: str) -> None:
    before = file_of(decorator, newline)
    outcome = lock_config(before, "f", device=device, signature=signature, config=config)
    if isinstance(outcome, Refused):
        assert "config=" in decorator and device == "*" and "already" in outcome.reason
        return
    text = outcome.text
    assert without_decorator(text) == without_decorator(before)
    assert text.count("\n") == text.count(newline)
    assert comments(before).keys() <= comments(text).keys() | {"# chosen by hand"}
    found = {(e.device, e.signature): e.config for e in entries(text)}
    was = {(e.device, e.signature): e.config for e in entries(before)}
    assert found[device, signature] == Config(**config)
    rest = {
        key: value for key, value in found.items() if key != (device, signature) and not (key == ("*", None) and "config=" in decorator)
    }
    assert rest == {key: value for key, value in was.items() if key != (device, signature)}
    assert lock_config(text, "f", device=device, signature=signature, config=config) == Rewritten(text)


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(decorators(), st.sampled_from(DEVICES), st.sampled_from([None, *SIGNATURES]), configs)
def test_formatters_leave_what_codemods_write(decorator: str, device: str, signature: str | None, config: dict[str, Any]) -> None:
    before = formatted(file_of(decorator), "black")
    outcomes = [
        lock_config(before, "f", device=device, signature=signature, config=config),
        unlock(before, "f", device=device),
        unlock(before, "f", signature=signature),
        unlock(before, "f"),
        prune(before, "f"),
        migrate(before, "f", device=device),
        migrate(before, "f", to="list"),
        migrate(before, "f", to="single", device=device, signature=signature),
    ]
    for outcome in outcomes:
        if isinstance(outcome, Rewritten):
            assert formatted(outcome.text, "black") == outcome.text


@settings(max_examples=100, deadline=None)
@given(tables(), st.sampled_from(DEVICES[:2]), st.sampled_from(["sm_90", "gfx942", "sm_70"]), st.sampled_from(SIGNATURES[:5]))
def test_what_a_call_runs_with_survives_pruning(table: str, product: str, architecture: str, signature: str) -> None:
    before = file_of(f"k(configs={table})")
    outcome = prune(before, "f")
    assert isinstance(outcome, Rewritten)
    device = DeviceIdentity(product, architecture)
    old, new = (select(entries(text) if "configs" in text else (), device, signature) for text in (before, outcome.text))
    assert (None if old is None else old.config) == (None if new is None else new.config)
    assert prune(outcome.text, "f") == Rewritten(outcome.text)


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(decorators())
def test_unlocking_everything_leaves_nothing_locked(decorator: str) -> None:
    outcome = unlock(file_of(decorator), "f")
    assert isinstance(outcome, Rewritten)
    assert entries(outcome.text) == []
    kernel = parse_module(SourceFile("", outcome.text)).kernels[0]
    assert "config" not in kernel.keywords or "configs" in kernel.keywords
    assert without_decorator(outcome.text) == without_decorator(file_of(decorator))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples(path: Path) -> None:
    """Every kernel of an example is locked twice and unlocked: the file is as it was, and was well formatted in between."""
    before = path.read_text()
    text = before
    for device, signature in (("NVIDIA H200", "f32[16]"), ("*", None)):
        text, outcomes = change_kernels(
            text, lambda t, kernel, d=device, s=signature: lock_config(t, kernel, device=d, signature=s, config={"block_sizes": [64]})
        )
        assert outcomes and all(outcome.changed for outcome in outcomes)
    bare = [line for line in text.split("\n") if line not in before.split("\n")]
    assert bare
    assert _without_options(ast.parse(text)) == _without_options(ast.parse(before))
    assert formatted(text, "ruff") == formatted(formatted(text, "ruff"), "ruff")
    back, _ = change_kernels(text, unlock)
    assert all("configs" not in kernel.keywords for kernel in parse_module(SourceFile("", back)).kernels)
    if not any(kernel.keywords for kernel in parse_module(SourceFile("", before)).kernels):
        assert back == before


def _without_options(tree: ast.Module) -> str:
    """The program with kernels' decorators bare."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return ast.dump(tree)
