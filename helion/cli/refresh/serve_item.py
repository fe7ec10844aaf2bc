"""The process that does one piece of work: a `WorkItem` in, a `WorkDone` out; run as `python -m helion.cli.refresh.serve_item FD`.

It is a process so that a worker that is killed takes its tuning with it, and a tuning that dies does not take the worker.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import click

from helion.cli.commands.tune import command
from helion.cli.failure import Failure
from helion.cli.refresh.work import WorkDone, WorkItem
from helion.offline.process import connection_of_arguments
from helion.source import SourceFile


def do(item: WorkItem) -> WorkDone:
    """Never raises: whatever a user's file does is an answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(item.path)
        if path.is_file() and SourceFile.read(path).text != item.text:
            return WorkDone(item, problem=f"{path} is another text here than where the refresh was started")
        if not path.is_file():
            path = Path(folder) / path.name
            path.write_bytes(item.text.encode(item.encoding))
        return _tuned(item, path)


def _tuned(item: WorkItem, path: Path) -> WorkDone:
    arguments = [f"{path}::{item.kernel}", "--json", *item.options]
    arguments += [] if item.signature is None else ["--args", item.signature]
    arguments += [] if item.target is None else ["--target", item.target]
    output = io.StringIO()
    problem = ""
    try:
        with contextlib.redirect_stdout(output):
            command.main(arguments, standalone_mode=False)
    except Failure as failed:
        problem = failed.text
    except (click.ClickException, click.Abort) as refused:
        problem = f"{type(refused).__name__}: {refused}"
    events = [json.loads(line) for line in output.getvalue().splitlines() if line.startswith("{")]
    return WorkDone(item, tuple(event for event in events if event.get("event") == "result"), problem)


if __name__ == "__main__":
    connection = connection_of_arguments(sys.argv)
    connection.send(do(connection.recv()))
