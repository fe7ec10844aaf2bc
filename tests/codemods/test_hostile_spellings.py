"""Every codemod over decorators as people leave them: none fails, what comes out is Python, is not changed again, and is well formatted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import pytest

from helion.locks.entries import written_locks
from helion.source import SourceFile
from helion.syntax.namesakes import in_order
from helion.syntax.parse import parse_module
from helion_codemods.commands.annotate import annotate
from helion_codemods.commands.fix import fix
from helion_codemods.commands.lock import lock_config
from helion_codemods.commands.migrate import migrate
from helion_codemods.commands.prune import prune
from helion_codemods.commands.unlock import unlock
from helion_codemods.outcome import Refused, Rewritten
from tests.codemods.formatters import formatted

HEAD = "import torch\nimport helion\nimport helion.language as hl\n\n\n"
BODY = """\
def f(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
"""
CONFIG = "helion.Config(block_sizes=[16, 16])"
LONG = {"block_sizes": [128, 256], "num_warps": 8, "indexing": ["pointer", "tensor_descriptor"], "pid_type": "persistent_interleaved"}


def indented(text: str, levels: int = 1) -> str:
    return "".join("    " * levels + line if line.strip() else line for line in text.splitlines(keepends=True))


def decorated(decorator: str, before: str = "") -> str:
    return f"{HEAD}{before}@{decorator}\n{BODY}"


def called(call: str) -> str:
    return f"{HEAD}{BODY}\n\n{call}\n"


SPELLINGS: Mapping[str, str] = {
    "alias": decorated("k", "from helion import kernel as k\n\n\n"),
    "alias of an attribute": decorated("k", "k = helion.kernel\n\n\n"),
    "alias with a config": decorated("k(config=C(block_sizes=[16, 16]))", "from helion import kernel as k, Config as C\n\n\n"),
    "stacked": decorated("torch.no_grad()\n@helion.kernel()\n@torch.no_grad()"),
    "comments between decorators": decorated("helion.kernel\n# between\n\n@torch.no_grad()\n# and"),
    "comments inside": decorated("helion.kernel(\n    # first\n    static_shapes=False,  # behind\n    # last\n)"),
    "only a comment": decorated("helion.kernel(\n    # todo\n)"),
    "comments in the config": decorated(
        "helion.kernel(  # why\n    config=helion.Config(  # chosen\n        block_sizes=[16, 16],  # square\n        # warps\n"
        "        num_warps=4,\n    ),\n)"
    ),
    "joined lines": decorated("helion \\\n    .kernel( \\\n    static_shapes=False)"),
    "blanks everywhere": decorated(" helion . kernel ( static_shapes = False )"),
    "in a class": HEAD + "class A:\n" + indented("@staticmethod\n@helion.kernel(static_shapes=True)\n" + BODY),
    "in a function": HEAD + "def make():\n" + indented("@helion.kernel\n" + BODY + "\nreturn f\n"),
    "in functions of a class": HEAD + "def a():\n    class C:\n        def b(self):\n" + indented("@helion.kernel()\n" + BODY, 3),
    "in branches": HEAD
    + "if torch.cuda.is_available():\n\n"
    + indented("@helion.kernel\n" + BODY)
    + "\nelse:\n\n"
    + indented(f"@helion.kernel(config={CONFIG})\n" + BODY),
    "in a case": HEAD + "match 1:\n    case 1:\n\n" + indented("@helion.kernel\n" + BODY, 2),
    "two of one name": decorated("helion.kernel") + f"\n\n@helion.kernel(config={CONFIG})\n" + BODY,
    "a call": called("g = helion.kernel(f)"),
    "a call with a config": called(f"g: object = helion.kernel(f, config={CONFIG})"),
    "a call of a call": called("g = helion.kernel(static_shapes=False)(f)"),
    "a call in a class": called("class K:\n    g = helion.kernel(f)"),
    "a call between semicolons": called("a = 1; g = helion.kernel(f); b = 2"),
    "a call without a line's end": called("g = helion.kernel(f)").rstrip("\n"),
    "no line's end": decorated("helion.kernel").rstrip("\n"),
    "f-string keys": decorated(f'helion.kernel(configs={{f"sm_90": {{f"f32[16,16]": {CONFIG}}}}})'),
    "computed f-string": decorated(f'helion.kernel(configs={{f"sm_{{90}}": {CONFIG}}})'),
    "strings in pieces": decorated(f'helion.kernel(configs={{"sm" "_90": {CONFIG}}})'),
    "strings of other kinds": decorated(
        f'helion.kernel(configs={{"""sm_80""": {CONFIG}, r"sm_90": {CONFIG}, u"*": dict(block_sizes=[8, 8])}})'
    ),
    "unpacked literals": decorated('helion.kernel(**{"static_shapes": False})'),
    "unpacked variable": decorated("helion.kernel(**O)", 'O = {"static_shapes": False}\n\n\n'),
    "unpacked from anywhere": decorated("helion.kernel(**O)", 'O = dict(zip("a", "b"))\n\n\n'),
    "a config from elsewhere": decorated('helion.kernel(config=helion.Config.load("x.json"))'),
    "a conditional config": decorated(f"helion.kernel(config={CONFIG} if 1 else None)"),
    "an unpacked config": decorated("helion.kernel(config=helion.Config(block_sizes=[16, 16], **X))", "X = {'num_warps': 4}\n\n\n"),
    "a list": decorated(f"helion.kernel(configs=[{CONFIG}, helion.Config(block_sizes=[32, 32])])"),
    "a tuple": decorated(f"helion.kernel(configs=({CONFIG},))"),
    "a mapping or": decorated("helion.kernel(configs=A | {})", f'A = {{"sm_90": {CONFIG}}}\n\n\n'),
    "a comprehension": decorated(f"helion.kernel(configs={{d: {CONFIG} for d in ('sm_90',)}})"),
    "a mapping elsewhere": decorated("helion.kernel(configs=A)", f'A: dict = {{"sm_90": {CONFIG}}}\n\n\n'),
    "a config elsewhere": decorated('helion.kernel(configs={"sm_90": C})', f"C = {CONFIG}\n\n\n"),
    "keys elsewhere": decorated(f"helion.kernel(configs={{H: {CONFIG}}})", 'H = "NVIDIA H200"\n\n\n'),
    "another mapping before": decorated(f'helion.kernel(configs={{**A, "*": {CONFIG}}})', f'A = {{"sm_90": {CONFIG}}}\n\n\n'),
    "another mapping behind": decorated(f'helion.kernel(configs={{"*": {CONFIG}, **A}})', f'A = {{"sm_90": {{"*": {CONFIG}}}}}\n\n\n'),
    "mappings in mappings": decorated("helion.kernel(configs={**{**A}})", f'A = {{"sm_80": {CONFIG}}}\n\n\n'),
    "a mapping from elsewhere": decorated(f"helion.kernel(configs={{**A, 'sm_70': {CONFIG}}})", "from tables import A\n\n\n"),
    "signatures from elsewhere": decorated(
        f"helion.kernel(configs={{'sm_70': {{**S, 'f32[8,8]': {CONFIG}}}}})", "from tables import S\n\n\n"
    ),
    "a mapping that is changed": decorated("helion.kernel(configs={**A})", f'A = {{"sm_90": {CONFIG}}}\nA["sm_70"] = {CONFIG}\n\n\n'),
    "nothing locked": decorated("helion.kernel(configs={'sm_90': {}})"),
    "config and configs": decorated(f"helion.kernel(config={CONFIG}, configs=None)"),
    "one key twice": decorated(f"helion.kernel(configs={{'sm_90': {CONFIG}, 'sm_90': helion.Config(block_sizes=[32, 32])}})"),
    "parentheses": decorated(f"(helion.kernel(configs=((({{'sm_90': (({CONFIG}))}})))))"),
    "tabs": decorated("helion.kernel(\n    static_shapes=False,\n)").replace("    ", "\t"),
    "two blanks": decorated("helion.kernel").replace("    ", "  "),
    "form feeds": decorated("helion.kernel", "\f\n") + "\n\f\n# end\n",
    "a form feed before": decorated("helion.kernel").replace("@", "\f@"),
    "other characters": decorated("helion.kernel(static_shapes=False)  # 🎉 漢字", "# äöü 漢字 🎉\nÄ = '🎉'\n\n\n"),
    "line ends that are none": decorated("helion.kernel", "S = 'a\x0bb\x1cc'  # a\x85b\u2028c\n\n\n"),
    "a long comment behind": decorated(f"helion.kernel(configs={{'sm_90': {CONFIG}}})  # " + "x" * 100),
    "not formatted": decorated(f"helion.kernel(configs={{'sm_90':{CONFIG}}})  # fmt: skip"),
    "names taken": decorated("helion.kernel", "Config = 3\ndict = 4\n\n\n"),
    "a name taken by another value": decorated("helion.kernel", "from helion import Config\n\nConfig = 3\n\n\n"),
    "a name taken by another module": decorated("helion.kernel", "from helion import Config\nfrom decimal import Context as Config\n\n\n"),
    "a name that is gone": decorated("helion.kernel", "from helion import Config\n\ndel Config\n\n\n"),
    "a name for type checkers": decorated(
        "helion.kernel", "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from helion import Config\n\n\n"
    ),
    "a name from below": decorated("helion.kernel") + "\n\nfrom helion import Config\n",
    "a name of the class": decorated("helion.kernel", "from helion import Config\n\n\nclass A:\n    Config = 3\n\n\n"),
    "the package as a parameter": HEAD
    + "def make(helion):\n"
    + indented("@helion.kernel\n" + BODY + "\nreturn f\n")
    + "\n\nmake(helion)\n",
    "no name but taken ones": HEAD.replace("import helion\n", "from helion import kernel\n")
    + "def make(dict):\n"
    + indented("@kernel\n" + BODY + "\nreturn f\n")
    + "\n\nmake(1)\n",
    "a mapping that is a parameter": HEAD
    + f'A = {{"sm_90": {CONFIG}}}\n\n\ndef make(A):\n'
    + indented("@helion.kernel(configs=A)\n" + BODY + "\nreturn f\n")
    + "\n\nmake({})\n",
    "options that are a parameter": HEAD
    + 'A = {"static_shapes": False}\n\n\ndef make(A):\n'
    + indented("@helion.kernel(**A)\n" + BODY + "\nreturn f\n")
    + f'\n\nmake({{"config": {CONFIG}}})\n',
    "comments between entries": decorated(
        f"helion.kernel(configs={{\n    'NVIDIA H200': {{\n        # small\n        'f32[8,8]': {CONFIG},\n        # large\n    }},\n}})"
    ),
    "parameters of other kinds": decorated("helion.kernel").replace("x: torch.Tensor)", "x: torch.Tensor, /, *, n: int = 3)"),
    "a one-line function": HEAD + "@helion.kernel\ndef f(x: torch.Tensor): return x\n",
    "broken behind": decorated("helion.kernel") + "\n\ndef broken(:\n    pass\n",
    "broken before": "def broken(:\n    pass\n\n\n" + decorated("helion.kernel"),
    "a null": decorated("helion.kernel") + "\n# \x00\n",
}
Change = Callable[[str, str], Rewritten | Refused]
CHANGES: Mapping[str, Change] = {
    "lock": lambda text, name: lock_config(text, name, device="NVIDIA H200", signature="f32[4096,4096]", config=LONG),
    "lock for any": lambda text, name: lock_config(text, name, device="sm_90", signature=None, config={"block_sizes": [64, 64]}),
    "unlock": unlock,
    "unlock a device": lambda text, name: unlock(text, name, device="sm_90"),
    "prune": prune,
    "migrate": lambda text, name: migrate(text, name, device="NVIDIA H200"),
    "migrate to one": lambda text, name: migrate(text, name, to="single", device="sm_90"),
    "migrate to a list": lambda text, name: migrate(text, name, to="list"),
    "annotate": annotate,
    "asserts": lambda text, name: annotate(text, name, form="asserts"),
    "fix": lambda text, name: fix(text),
}


def last_kernel(text: str) -> str:
    """Its name, with its line where that is needed."""
    kernel = in_order(parse_module(SourceFile("", text)))[-1]
    assert kernel.decorator is not None
    return f"{kernel.qualname}@{kernel.file.position(kernel.decorator.span.start).line + 1}"


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_comes_out_is_as_good_as_what_went_in(spelling: str, newline: str) -> None:
    before = SPELLINGS[spelling].replace("\n", newline)
    for name, change in CHANGES.items():
        outcome = change(before, last_kernel(before))
        if isinstance(outcome, Refused) or outcome.text == before:
            continue
        assert not is_python(before) or is_python(outcome.text), name
        assert outcome.text.count("\r\n") == (outcome.text.count("\n") if newline == "\r\n" else 0), name
        again = change(outcome.text, last_kernel(outcome.text))
        assert isinstance(again, Refused) or again.text == outcome.text, name
        assert isinstance(again, Rewritten) or name.startswith("migrate"), name


@pytest.mark.parametrize("spelling", [name for name, text in SPELLINGS.items() if is_python(text)])
def test_what_was_well_formatted_stays_so(spelling: str) -> None:
    before = formatted(SPELLINGS[spelling], "black")
    for name, change in CHANGES.items():
        outcome = change(before, last_kernel(before))
        if isinstance(outcome, Rewritten) and outcome.text != before:
            assert formatted(outcome.text, "black") == outcome.text, name


def test_they_are_found_and_changed() -> None:
    """Else the tests above would see nothing."""
    outcomes = {
        name: lock_config(text, last_kernel(text), device="sm_70", signature=None, config={"block_sizes": [1]})
        for name, text in SPELLINGS.items()
    }
    refused = {name for name, outcome in outcomes.items() if isinstance(outcome, Refused)}
    assert refused == {
        "computed f-string",
        "unpacked from anywhere",
        "a list",
        "a tuple",
        "a mapping or",
        "a comprehension",
        "config and configs",
        "a mapping that is changed",
        "a mapping that is a parameter",
        "options that are a parameter",
    }
    assert all(outcome.text != SPELLINGS[name] for name, outcome in outcomes.items() if isinstance(outcome, Rewritten))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_is_locked_is_what_is_read(spelling: str) -> None:
    """By audits, checks and explanations: they see what `lock` wrote, and nothing of what `unlock` took."""
    text = SPELLINGS[spelling]
    for device, signature in (("sm_70", None), ("sm_70", "f32[4,4]"), ("sm_90", "f32[16,16]"), ("sm_90", None)):
        locked = lock_config(text, last_kernel(text), device=device, signature=signature, config={"block_sizes": [1, 1]})
        if isinstance(locked, Rewritten):
            assert (device, signature, (1, 1)) in read(locked.text)
            gone = unlock(locked.text, last_kernel(locked.text), device=device)
            assert isinstance(gone, Refused) or device not in {found[0] for found in read(gone.text)}


def read(text: str) -> list[tuple[str, str | None, tuple[int, ...]]]:
    kernel = in_order(parse_module(SourceFile("", text)))[-1]
    return [(e.device, e.signature, tuple(e.config["block_sizes"])) for e in written_locks(kernel)]
