"""Runs `erstwhile` as a user does, against a test's database."""

from __future__ import annotations

import atexit
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from erstwhile.api.database.database import Database

PROGRAM = str(Path(sys.executable).parent / "erstwhile")
_LONGEST = 300
_OF_THE_INTERPRETER = ("PYTHONIO", "PYTHONUTF8", "PYTHONCOERCE", "LANG", "LC_", "TMPDIR")
"""Variables that are read when an interpreter starts, or once."""


def environment(database: Database | None = None, **more: str) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if not name.startswith("ERSTWHILE_")}
    if database is not None:
        found["ERSTWHILE_DATABASE_URL"] = database.owner_dsn
        found["ERSTWHILE_HOME"] = str(_home())
    return found | {"PYTHONWARNINGS": "error", "COLUMNS": "160"} | more


@cache
def _home() -> Path:
    """Where keys of this test run lie: never in the user's own home."""
    folder = tempfile.mkdtemp(prefix="erstwhile-home-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def erstwhile(database: Database | None, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a command, and returns what it wrote."""
    return _written(b"", arguments, environment(database, **more))


def erstwhile_reading(standard_input: bytes, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that reads its input and uses no database, and returns what it wrote."""
    return _written(standard_input, arguments, environment(None, **more))


def _written(
    standard_input: bytes, arguments: tuple[str, ...], env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(standard_input)
        given.seek(0)
        status = run(arguments, env, (given.fileno(), output.fileno(), errors.fileno()))
        output.seek(0)
        errors.seek(0)
        # Line ends as a pipe's reader in text mode gets them.
        written = [stream.read().decode().replace("\r\n", "\n").replace("\r", "\n") for stream in (output, errors)]
    return subprocess.CompletedProcess([PROGRAM, *arguments], status, *written)


def run(arguments: tuple[str, ...], env: dict[str, str], streams: tuple[int, int, int]) -> int:
    """Runs a command whose input, output and errors are these descriptors, and returns its exit status. It runs in a
    child of `program_parent`, or in an interpreter of its own if the environment is about the interpreter.

    Raises TimeoutError, subprocess.TimeoutExpired after five minutes."""
    if any(value != os.environ.get(name) for name, value in env.items() if name.startswith(_OF_THE_INTERPRETER)):
        given, output, errors = streams
        return subprocess.run(
            [PROGRAM, *arguments], env=env, stdin=given, stdout=output, stderr=errors, timeout=_LONGEST
        ).returncode
    ours, theirs = socket.socketpair()
    with ours, theirs:
        message = pickle.dumps((PROGRAM, arguments, env, os.getcwd()))
        socket.send_fds(_parent(), [message], [*streams, theirs.fileno()])
        theirs.close()
        ours.settimeout(_LONGEST)
        child = _number(ours)
        try:
            return _number(ours)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            raise


def _number(sender: socket.socket) -> int:
    sent = sender.recv(8)
    assert len(sent) == 8, "the parent of commands ended"
    return int.from_bytes(sent, "big", signed=True)


@cache
def _parent() -> socket.socket:
    """The socket of the parent of commands, which ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    script = Path(__file__).with_name("program_parent.py")
    # -P: the folder of the script has modules with names of the standard library's. A process with threads, such as
    # those of numpy's library, must not fork.
    parent = subprocess.Popen(
        [sys.executable, "-P", str(script), str(theirs.fileno())], env=environment(OPENBLAS_NUM_THREADS="1"),
        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=ignore_no_signal,
    )  # fmt: skip
    theirs.close()

    def end() -> None:
        ours.close()
        parent.wait(_LONGEST)

    atexit.register(end)
    return ours


def ignore_no_signal() -> None:
    """In a child, before its program: tests that run in the background of a shell, or under nohup, ignore some signals,
    and a child would too."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
