"""A config and its evidence in, the rewritten file and sidecar out; the codemods are an extra, needed only when something is written."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click

from helion.cli.exit_codes import REFUSED
from helion.cli.failure import failure
from helion.cli.subject import split_name
from helion.config.config import Config


def write_lock(name: str, qualname: str, device: str, signature: str | None, config: Config, evidence: dict[str, object]) -> None:
    """Rewrite the file and its sidecar, and say what was done; a refusal is a failure with its reason."""
    outcome = require_codemods().lock_file(
        Path(split_name(name)[0]), qualname, device=device, signature=signature, config=config.config, evidence=evidence
    )
    reason: str | None = getattr(outcome, "reason", None)
    if reason is not None:
        raise failure("cannot-lock", f"the decorator of `{qualname}` was left as it is: {reason}", REFUSED)
    click.echo(f"locked {qualname} for {device}{'' if signature is None else f' × {signature}'}: {config}", err=True)


def require_codemods() -> Any:
    """The module that applies codemods to files. Raises Failure where libcst is not installed."""
    try:
        return importlib.import_module("helion_codemods.apply")
    except ModuleNotFoundError as missing:
        words = f"{missing.name} is missing, which the extra `helion-toolkit[codemods]` installs"
        raise failure("cannot-lock", words, REFUSED) from missing
