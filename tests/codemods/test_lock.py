"""`lock` on every way to write a decorator: formatters leave it, other text is the same to the letter, and what is not safe is refused."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from helion_codemods.commands.lock import lock_config
from helion_codemods.commands.unlock import unlock
from helion_codemods.outcome import Refused, Rewritten, minimal_edit
from tests.codemods.formatters import formatted

CONFIG = {"block_sizes": [64]}
LONG = {"block_sizes": [128, 256, 64], "indexing": ["tensor_descriptor"] * 6, "num_warps": 8, "pid_type": "persistent_interleaved"}
HEAD = "import helion\nimport helion as hn\nfrom helion import Config, jit, kernel as k\n\n\n"
BODY = "def f(x):\n    return x\n"


def locked(text: str, kernel: str = "f", **changes: Any) -> str:
    options: dict[str, Any] = {"device": "NVIDIA H200", "signature": "f32[16]", "config": CONFIG, **changes}
    outcome = lock_config(text, kernel, **options)
    assert isinstance(outcome, Rewritten), outcome
    return outcome.text


def refusal(text: str, kernel: str = "f", **changes: Any) -> str:
    outcome = lock_config(text, kernel, **{"device": "sm_90", "signature": None, "config": CONFIG, **changes})
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


def table_of(text: str, name: str = "f") -> Any:
    """What the decorator's mapping says, with configs as plain dicts, run as Python would."""
    node = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == name)
    call = node.decorator_list[-1]
    assert isinstance(call, ast.Call)
    value = next(keyword.value for keyword in call.keywords if keyword.arg == "configs")
    return eval(ast.unparse(value), {"helion": _Names, "hn": _Names, "Config": dict, "dict": dict})


class _Names:
    Config = dict


DECORATORS = [
    "@helion.kernel",
    "@helion.kernel()",
    "@hn.jit",
    "@k",
    "@k(static_shapes=False)",
    '@k(key=lambda x: (x.size(0), "a"), static_shapes=False)',
    "@helion.kernel(\n    static_shapes=False,  # why\n    # and this\n    fast_math=True,\n)",
    "@helion.kernel(config=helion.Config(block_sizes=[1]))",
    "@helion.kernel(config={'block_sizes': [1]})".replace("'", '"'),
    "@helion.kernel(config=None)",
    "@helion.kernel(configs=[])",
    "@helion.kernel(configs={})",
    '@helion.kernel(configs={"sm_80": Config(block_sizes=[1])})',
    '@helion.kernel(configs={"sm_80": {"f32[1]": Config(block_sizes=[1]), "f32[2]": Config(block_sizes=[2])}})',
    '@helion.kernel(configs={"NVIDIA H200": {"f32[8]": Config(block_sizes=[1])}})',
    "@helion.kernel(\n    configs={\n        # none yet\n    },\n)",
    '@helion.kernel(configs={f"sm_80": Config(block_sizes=[1])})',
    "@helion.kernel(**dict(static_shapes=False))",
    "@staticmethod\n@k(fast_math=True)  # last",
]


@pytest.mark.parametrize("config", [CONFIG, LONG], ids=["short", "long"])
@pytest.mark.parametrize("decorator", DECORATORS)
def test_decorators(decorator: str, config: dict[str, Any]) -> None:
    before = f"{HEAD}{decorator}\n{BODY}"
    text = locked(before, config=config)
    assert text.startswith(HEAD) and text.endswith(f"\n{BODY}")
    assert all(comment in text for comment in ("# why", "# and this", "# none yet", "# last") if comment in before)
    found = table_of(text)
    assert found["NVIDIA H200"]["f32[16]"] == config
    assert locked(text, config=config) == text
    for formatter in ("ruff", "black"):
        if formatted(before, formatter) == before:
            assert formatted(text, formatter) == text
    again = locked(locked(text, config=LONG, signature="f32[32], bf16[4096,4096]"), device="sm_100", signature=None)
    assert formatted(again, "black") == again
    assert table_of(again) == {
        **found,
        "NVIDIA H200": {**found["NVIDIA H200"], "f32[32], bf16[4096,4096]": LONG},
        "sm_100": CONFIG,
    }


def test_one_config_for_every_signature_beside_others() -> None:
    single = f'{HEAD}@k(configs={{"sm_90": {{"block_sizes": [1]}}}})\n{BODY}'
    both = locked(single, device="sm_90")
    assert table_of(both) == {"sm_90": {"f32[16]": CONFIG, "*": {"block_sizes": [1]}}}
    assert table_of(locked(both, device="sm_90", signature=None)) == {"sm_90": {"f32[16]": CONFIG, "*": CONFIG}}
    none = locked(f"{HEAD}@k\n{BODY}", device="sm_90")
    assert table_of(locked(none, device="sm_90", signature=None)) == {"sm_90": {"f32[16]": CONFIG, "*": CONFIG}}
    assert all(formatted(text, "black") == text for text in (both, none))


@pytest.mark.parametrize("unit", ["\t", "  ", "    "])
def test_indentation_of_the_file(unit: str) -> None:
    text = f"import helion\n\n\nclass A:\n{unit}@helion.kernel\n{unit}def f(x):\n{unit * 2}return x\n"
    after = locked(text, device="sm_90", signature=None)
    assert (
        f'{unit}@helion.kernel(\n{unit * 2}configs={{\n{unit * 3}"sm_90": helion.Config(block_sizes=[64]),\n{unit * 2}}},\n{unit})\n'
        in after
    )


def test_single_quotes_where_the_file_has_no_others() -> None:
    assert "'NVIDIA H200': {" in locked("import helion\n\nNAME = 'x'\n\n\n@helion.kernel\ndef f(x):\n    return x\n")
    assert '"NVIDIA H200": {' in locked("import helion\n\nNAME = \"x\"\nOTHER = 'y'\n\n\n@helion.kernel\ndef f(x):\n    return x\n")


def test_a_signature_with_quotes() -> None:
    text = locked(f"{HEAD}@k\n{BODY}", signature="f32[16], 'gelu', \"it's\"")
    assert table_of(text)["NVIDIA H200"] == {"f32[16], 'gelu', \"it's\"": CONFIG}
    assert formatted(text, "ruff") == text == formatted(text, "black")


def test_strings_over_lines_keep_their_text() -> None:
    before = f'{HEAD}@k(config=Config(block_sizes=[1]), inputs=lambda: """\n  one\n    two""")\n{BODY}'
    text = locked(before)
    assert '"""\n  one\n    two"""' in text


@pytest.mark.parametrize(
    ("kernel", "where"),
    [("A.f", "    @helion.kernel("), ("outer.f", "    @k("), ("f", "@hn.kernel(")],
)
def test_kernels_of_one_name_in_several_scopes(kernel: str, where: str) -> None:
    text = (
        f"{HEAD}class A:\n    @helion.kernel\n    def f(x):\n        return x\n\n\ndef outer():\n    @k\n    def f(x):\n        return x\n\n"
        "    return f\n\n\n@hn.kernel\ndef f(x):\n    return x\n"
    )
    after = locked(text, kernel)
    assert f"\n{where}\n" in after
    edit = minimal_edit(text, after)
    assert edit is not None
    assert after.count("configs={") == 1


def test_kernels_of_one_name_by_line() -> None:
    text = f"{HEAD}if hn:\n\n    @k\n    def f(x):\n        return x\n\nelse:\n\n    @k\n    def f(x):\n        return -x\n"
    assert refusal(text) == "there are several kernels `f`; say which by its line: `f@8`, `f@14`"
    assert locked(text, "f@14").index("configs=") > text.index("else:")
    assert locked(text, "f@8").index("configs=") < text.index("else:")


def test_wrapped_kernels() -> None:
    text = f"{HEAD}{BODY}\n\nfast = helion.kernel(f, config=Config(block_sizes=[1]))\nslow = helion.kernel(static_shapes=False)(f)\n"
    assert 'fast = helion.kernel(\n    f,\n    configs={\n        "NVIDIA H200": {' in locked(text, "fast")
    assert "slow = helion.kernel(\n    static_shapes=False,\n    configs={\n" in locked(text, "slow")
    assert "\n)(f)\n" in locked(text, "slow")


@pytest.mark.parametrize(
    ("decorator", "reason"),
    [
        ("@helion.kernel(**options)", "unpacked"),
        ("@helion.kernel(*options)", "unpacked"),
        ("@helion.kernel(**MINE)", "unpacked from a variable"),
        ("@helion.kernel(configs=CONFIGS)", "not a variable that is assigned once"),
        ("@helion.kernel(configs=k)", "imported from helion"),
        ("@helion.kernel(configs=make())", "computed"),
        ("@helion.kernel(configs=[helion.Config(block_sizes=[1]), helion.Config(block_sizes=[2])])", "is a list"),
        ("@helion.kernel(configs={**shared})", "unpacks"),
        ('@helion.kernel(configs={f"sm_{x}": Config()})', "computed"),
        ("@helion.kernel(config=Config(), configs={})", "both"),
        ("@helion.kernel(config=Config(), configs=[])", "both"),
        ("@other", "no kernel `f`"),
    ],
)
def test_refusals(decorator: str, reason: str) -> None:
    assert reason in refusal(f"{HEAD}MINE = dict(configs={{}})\n\n\n{decorator}\n{BODY}")


def test_broken_text_elsewhere_does_not_matter() -> None:
    text = f"{HEAD}@k\n{BODY}\n\n@k(\ndef g(x):\n    return x +\n"
    assert locked(text, "f") == locked(f"{HEAD}@k\n{BODY}") + text[len(HEAD) + len(BODY) + 3 :]
    assert "kernel `g`" in refusal(text, "g") or "syntax error" in refusal(text, "g")


def test_an_equal_config_changes_nothing_however_it_is_written() -> None:
    text = f'{HEAD}@k(configs={{"NVIDIA H200" : {{"f32[16]":Config( block_sizes = [ 64 ] )}}}})\n{BODY}'
    assert locked(text) == text


def test_minimal_edit_touches_the_decorator_only() -> None:
    text = f"{HEAD}@k\n{BODY}"
    edit = minimal_edit(text, locked(text))
    assert edit is not None
    assert edit.start == edit.end == text.index("\ndef f")


@pytest.mark.parametrize(
    "statement",
    [
        'kernels = {"f": helion.kernel(f, config=Config(block_sizes=[1]))}',
        "fast, slow = helion.kernel(f), 1",
        "fast = torch.compile(helion.kernel(f))",
        "print(fast := hn.kernel(fn=f))",
        "fast = wrap(\n    helion.kernel(f),\n)",
    ],
)
def test_a_kernel_without_a_name_of_its_own_is_told_by_its_line(statement: str) -> None:
    text = f"{HEAD}import torch\n{BODY}\n\n{statement}\n"
    line = text[: text.index(".kernel(")].count("\n") + 1
    for name in ("f", "fast"):
        assert f"`helion.kernel` at line {line} gives a kernel no name: write `name = helion.kernel(f, ...)`" in refusal(text, name)


def test_what_is_followed_is_not_told() -> None:
    text = (
        f"{HEAD}{BODY}\n\nfast = helion.kernel(f)\nmake = helion.kernel(static_shapes=False)\nslow = make(f)\n\n\n@helion.kernel()\n{BODY}"
    )
    assert "gives a kernel no name" not in refusal(text, "nothing")


VARIABLES = [
    ("BEST = helion.Config(block_sizes=[1])", "@helion.kernel(config=BEST)", '"*": BEST'),
    ("BEST = helion.Config(block_sizes=[1])", '@helion.kernel(configs={"sm_90": BEST})', '"sm_90": BEST'),
    ("LOCKS = {}", "@helion.kernel(configs=LOCKS)", 'LOCKS = {\n    "NVIDIA H200": {'),
    ('LOCKS = {"sm_90": helion.Config(block_sizes=[1])}', "@helion.kernel(configs=LOCKS)", '    "NVIDIA H200": {'),
]


@pytest.mark.parametrize(("variable", "decorator", "words"), VARIABLES)
def test_a_config_in_a_variable_stays_where_it_is_defined(variable: str, decorator: str, words: str) -> None:
    after = locked(f"{HEAD}{variable}\n\n\n{decorator}\n{BODY}", "f")
    assert words in after
    assert after.count("NVIDIA H200") == 1


def test_what_is_removed_is_called_as_it_was_written() -> None:
    configs = '{"sm_90": {"*": helion.Config(num_warps=8), "f32[16]": helion.Config(num_warps=4)}, "sm_80": helion.Config(num_warps=2)}'
    text = f"import helion\n\n\n@helion.kernel(configs={configs})\ndef f(x):\n    return x\n"
    outcome = unlock(text, "f")
    assert isinstance(outcome, Rewritten)
    assert outcome.notes == ("removed sm_90 × *", "removed sm_90 × f32[16]", "removed sm_80")
