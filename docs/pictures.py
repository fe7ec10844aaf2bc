"""The pictures of the extension's README in, the same as files of the site out: a hook of MkDocs."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PICTURES = Path(__file__).parents[1] / "vscode-extension" / "images"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by MkDocs: `pictures/NAME.png` for each that the tests in VS Code took; those in `manual` are no part of the package."""
    for picture in sorted(PICTURES.rglob("*.png")):
        files.append(File.generated(config, f"pictures/{picture.name}", abs_src_path=str(picture)))
    return files
