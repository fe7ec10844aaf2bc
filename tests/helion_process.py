"""`helion ARGUMENTS` in a process of its own, forked off one that has imported the toolkit: a call without the seconds of imports.

What starts and ends such a process is the same module that `python -m helion` runs; tests of terminals, signals and imports start that one.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import pkgutil
import runpy
import subprocess
import sys
import traceback
from dataclasses import dataclass
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import helion.cli.commands

_ROOT = Path(__file__).parents[1]
_SECONDS = 300.0


@dataclass(frozen=True)
class Call:
    arguments: tuple[str, ...]
    cwd: str
    environment: dict[str, str]
    stdout: str
    stderr: str


def run_helion(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run([python, "-m", "helion", *arguments], capture_output=True, text=True)` gives."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        connection = _forker().connection
        connection.send(Call(arguments, str(cwd or Path.cwd()), dict(os.environ), str(out), str(err)))
        assert connection.poll(_SECONDS), f"`helion {' '.join(arguments)}` has not ended within {_SECONDS:.0f} s"
        code: int = connection.recv()
        return subprocess.CompletedProcess(["helion", *arguments], code, out.read_text("utf-8"), err.read_text("utf-8"))


@dataclass(frozen=True)
class _Forker:
    """It ends when nobody has the other end of its connection any more."""

    process: subprocess.Popen[bytes]
    connection: Connection


@cache
def _forker() -> _Forker:
    ours, theirs = Pipe()
    command = [sys.executable, "-m", "tests.helion_process", str(theirs.fileno())]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))
    theirs.close()
    return _Forker(process, ours)


# -- the other end --------------------------------------------------------------------------------------------------


def main() -> None:
    connection = Connection(int(sys.argv[1]))
    for module in pkgutil.iter_modules(helion.cli.commands.__path__, "helion.cli.commands."):
        importlib.import_module(module.name)
    importlib.import_module("helion.device_ir.inductor")  # which the compiler imports when a kernel needs it
    gc.freeze()
    while True:
        try:
            call: Call = connection.recv()
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            _become(call)
        connection.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _become(call: Call) -> NoReturn:
    """The command line, to its end."""
    code: object = 1
    try:
        for path, descriptor in ((call.stdout, 1), (call.stderr, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
        os.chdir(call.cwd)
        os.environ.clear()
        os.environ.update(call.environment)
        sys.argv = ["helion", *call.arguments]
        runpy.run_module("helion", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]  # `os._exit` leaves them out
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    main()
