"""A type checker has nothing to say of what a codemod wrote that it did not say of the text before."""

from __future__ import annotations

import importlib.util
from collections import Counter, defaultdict
from pathlib import Path

from helion_codemods.catalog import CODEMODS
from tests.typing_public.checker import NEEDS_PYRIGHT, said_by_pyright

pytestmark = NEEDS_PYRIGHT


def _is_complete(text: str) -> bool:
    """Whether what a text imports is there: `annotate` writes names of jaxtyping, which is the user's to install."""
    return "jaxtyping" not in text or importlib.util.find_spec("jaxtyping") is not None


def test_written_texts_are_as_clean_as_before(tmp_path: Path) -> None:
    titles: dict[str, str] = {}
    examples = ((name, e) for name, codemod in CODEMODS.items() for e in codemod.examples if e.after and _is_complete(e.after))
    for number, (name, example) in enumerate(examples):
        titles[str(number)] = f"{name}: {example.title}"
        for state, text in (("before", example.before), ("after", example.after)):
            (tmp_path / f"{state}_{number}.py").write_text(text or "", encoding="utf-8")
    assert titles
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in said_by_pyright(tmp_path, typeCheckingMode="standard"):
        said[Path(item["file"]).stem][f"{item.get('rule')}: {item['message']}"] += 1
    new = {titles[number]: more for number in titles if (more := said[f"after_{number}"] - said[f"before_{number}"])}
    assert not new


def test_it_would_hear_of_a_value_of_the_wrong_type(tmp_path: Path) -> None:
    text = 'import helion\n\n\n@helion.kernel(configs={"*": 3.5})\ndef f(x):\n    return x\n'
    (tmp_path / "wrong.py").write_text(text, encoding="utf-8")
    assert "float" in " ".join(item["message"] for item in said_by_pyright(tmp_path, typeCheckingMode="standard"))
