"""The environment variables of the toolkit in, what VS Code completes and explains of them in `launch.json` and `tasks.json` out."""

from __future__ import annotations

import json
from typing import Any

from helion_lsp.worker.language_facts import environment_options

_WHERE = {"$ref": "#/definitions/environment"}


def environment_schema() -> str:
    """A JSON schema that suggests and refuses nothing: a value may be a reference to another variable, a name the user's own."""
    options = {"type": "object", "properties": {"env": _WHERE}}
    task = {"type": "object", "properties": {"options": options}}
    configurations = {"type": "array", "items": options}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Environment variables of the Helion Toolkit, in launch.json and tasks.json",
        "definitions": {"environment": {"properties": {option["name"]: _variable(option) for option in environment_options()}}},
        "properties": {"options": options, "configurations": configurations, "tasks": {"type": "array", "items": task}},
    }
    return json.dumps(schema, indent=2) + "\n"


def _variable(option: dict[str, Any]) -> dict[str, Any]:
    words = {"description": option["doc"].replace("`", "")}
    return {**words, "examples": option["values"]} if option["values"] else words
