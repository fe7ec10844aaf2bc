"""The process behind `helion.offline.fork_server`: imports modules once, then forks a child that runs one of them for each message.

Run as `python -m helion.offline.serve_forks MODULE... FD`, where FD is a Unix socket. It ends, and all children with it, when that does.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

_MESSAGE_BYTES = 4096
_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    *modules, descriptor = arguments
    control = socket.socket(fileno=int(descriptor))
    problem = prepare(modules)
    gc.collect()
    gc.freeze()
    _Forks(control, problem).serve()


def prepare(modules: Sequence[str]) -> str | None:
    """Everything imported that the children need; a traceback when that fails, which each of them will have for its last words."""
    try:
        for module in modules:
            importlib.import_module(module).prepare()
    except Exception:  # noqa: BLE001 - imports fail in every way there is
        return traceback.format_exc()
    return None


class _Forks:
    """`children` has the process of each number. A process that ended is kept from being reaped until its group is dead, so that no
    other can have its number meanwhile."""

    def __init__(self, control: socket.socket, problem: str | None) -> None:
        self.control = control
        self.problem = problem
        self.children: dict[int, int] = {}
        # Where the end of a child is written for `select` to see.
        self.wakes, self.woken = socket.socketpair()
        for end in (self.wakes, self.woken):
            end.setblocking(False)

    def serve(self) -> None:
        signal.set_wakeup_fd(self.woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the watchdog's: the connection ends as well, and there are groups to end
        try:
            self.say({"ready": True})
            while self.answer():
                pass
        except OSError:
            pass  # nobody is left to speak to
        finally:
            for process in self.children.values():
                _kill_group(process)

    def say(self, message: dict[str, Any]) -> None:
        self.control.send(json.dumps(message).encode())

    def answer(self) -> bool:
        """Wait for a message or the end of a child, and deal with it. False when there will be no more messages."""
        readable, _, _ = select.select([self.control, self.wakes], [], [])
        if self.wakes in readable:
            with contextlib.suppress(BlockingIOError):
                self.wakes.recv(_MESSAGE_BYTES)
            self.reap()
        if self.control not in readable:
            return True
        data, descriptors, _, _ = socket.recv_fds(self.control, _MESSAGE_BYTES, 2)
        if not data:
            return False
        message = json.loads(data)
        if "fork" in message:
            self.fork(message["fork"], message["module"], *descriptors)
        elif "import" in message:
            with contextlib.suppress(Exception):  # the child that needs it says what is wrong with it
                importlib.import_module(message["import"])
        elif message["end"] in self.children:
            _kill_group(self.children[message["end"]])
        return True

    def fork(self, number: int, module: str, connection: int, output: int) -> None:
        server = os.getpid()
        process = os.fork()
        if process == 0:
            for end in (self.control, self.wakes, self.woken):
                end.close()
            _run(module, connection, output, server, self.problem)
        with contextlib.suppress(OSError):  # the child does so, too: whoever is first
            os.setpgid(process, process)
        self.children[number] = process
        for descriptor in (connection, output):
            os.close(descriptor)

    def reap(self) -> None:
        for number, process in list(self.children.items()):
            if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                _kill_group(process)
                _, status = os.waitpid(process, 0)
                del self.children[number]
                self.say({"ended": number, "code": os.waitstatus_to_exitcode(status)})


def _wake(number: int, frame: object) -> None:
    """Only signals with a handler are written to the descriptor that wakes `select`."""


def _kill_group(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def _run(module: str, connection: int, output: int, server: int, problem: str | None) -> NoReturn:
    """What a child does, to its end."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != server:
            os._exit(code)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.close(output)
        sys.argv = [module, str(connection)]
        if problem is None:
            importlib.import_module(module).main(sys.argv)
            code = 0
        else:
            print(problem, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - the process ends here, and nothing above it says why
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
