"""What VS Code is told of environment variables: every one, where the extension says that it is, in files that it ships."""

from __future__ import annotations

import json
from pathlib import Path

from docs.environment_schema import environment_schema
from helion.environment_names import environment_names, texts_of

EXTENSION = Path(__file__).parents[2] / "vscode-extension"


def test_every_variable_is_told_of_with_its_texts() -> None:
    variables = json.loads(environment_schema())["definitions"]["environment"]["properties"]
    assert {name for name in variables if name.startswith("HELION_")} == {
        name for name in environment_names() if name.startswith("HELION_")
    }
    assert all(variable["description"] for variable in variables.values())
    texts = set(texts_of("HELION_AUTOTUNE_EFFORT") or ())
    assert set(variables["HELION_AUTOTUNE_EFFORT"]["examples"]) == texts == {"none", "quick", "full"}


def test_nothing_is_refused() -> None:
    text = environment_schema()
    assert not any(f'"{word}"' in text for word in ("enum", "additionalProperties", "required", "pattern", "const"))


def test_the_extension_ships_it_for_both_files() -> None:
    (validation,) = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["contributes"]["jsonValidation"]
    assert validation["fileMatch"] == ["/.vscode/launch.json", "/.vscode/tasks.json"]
    assert (EXTENSION / validation["url"]).read_text(encoding="utf-8") == environment_schema()
    assert f"!{Path(validation['url']).name}" in (EXTENSION / ".vscodeignore").read_text(encoding="utf-8").splitlines()
