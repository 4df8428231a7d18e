"""The parent of commands: it has imported what `erstwhile` needs, and forks a child for each command.

`tests.support.program` starts it once for a run of the tests, and sends it commands on the socket whose number is its
argument. A child has the command's environment, folder, input and outputs, and ends as the program ends. Starting an
interpreter and importing everything would take half a second for each command. The child imports the modules of the
command line itself: consoles read the environment when they are created.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import pkgutil
import runpy
import signal
import socket
import sys
import time
from importlib import import_module
from typing import NamedTuple


class Command(NamedTuple):
    program: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    folder: str


def import_libraries() -> None:
    import dateparser  # noqa: F401
    import typer._adapters  # noqa: F401  # it imports pydantic, and is itself imported where a value is read

    import erstwhile.api.asking
    import erstwhile.api.cli.errors
    import erstwhile.api.commanding
    import erstwhile.api.runtime.following
    import erstwhile.projections
    from erstwhile.api.cli.commands import COMMANDS
    from erstwhile.api.imports import installed_catalogue

    # Tests name positions of events: a package that was installed for a benchmark brings no catalogue of its own.
    installed_catalogue.PACKAGE = "no_such_package"
    for command in COMMANDS:
        command.load()
    for package in (erstwhile.api.asking, erstwhile.api.commanding, erstwhile.projections):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for name in [name for name in sys.modules if name.startswith("erstwhile.api.cli")]:
        del sys.modules[name]
    # A child's collector would visit all of this, the last time as the child ends, and what it visits is copied.
    gc.collect()
    gc.freeze()


def serve(commands: socket.socket) -> Command:
    """Forks for each command, until nobody sends any more; returns in a child, with its command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(commands, 1 << 20, 4)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            commands.close()
            _answer(socket.socket(fileno=descriptors.pop()), descriptors)
            return Command(*pickle.loads(message))
        for descriptor in descriptors:
            os.close(descriptor)


def _answer(waiting: socket.socket, descriptors: list[int]) -> None:
    """Returns in a child of this process, whose input and outputs are the descriptors. The process itself sends that
    child's number, then its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child:
        for descriptor in descriptors:
            os.close(descriptor)
        waiting.sendall(child.to_bytes(8, "big", signed=True))
        _, status = os.waitpid(child, 0)
        waiting.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))
        os._exit(0)
    waiting.close()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)


def run(command: Command) -> None:
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update(command.environment)
    time.tzset()
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        _open_stream(number, name, mode)
    sys.argv = [command.program, *command.arguments]
    runpy.run_path(command.program, run_name="__main__")


def _open_stream(number: int, name: str, mode: str) -> None:
    """A standard stream as the interpreter opens it: of a terminal and of errors, each line is written at once."""
    was = getattr(sys, name)
    newline = None if mode == "r" else "\n"
    stream = os.fdopen(number, mode, encoding=was.encoding, errors=was.errors, newline=newline, closefd=False)
    if name == "stderr" and isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(line_buffering=True)
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    import_libraries()
    run(serve(socket.socket(fileno=int(sys.argv[1]))))
