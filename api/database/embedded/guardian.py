"""The guardian of an embedded PostgreSQL: its parent process, for as long as anybody uses the home.

It is run as a program of its own, apart from the terminal, with the standard library alone:

1. It reads a plan (one line of JSON) from its standard input, and makes a folder where the plan names none.
2. It says which folder it is, and waits for "ready": by then the process that started it holds a shared lock on
   `users.lock`.
3. It makes the data directory where there is none, starts the server, and starts it again should it die.
4. Once it gets `users.lock` for itself, nobody uses the home any more, however they ended: it stops the server,
   removes a throw-away folder, and ends. Should the guardian be killed, the server ends with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
ALONE, ENDED, TERMINATED = "nobody uses the home", "the server ended", "terminated"
_PATIENCE = 20.0
"""Seconds that the server gets to stop in order."""
_PAUSES = (0.1, 0.3, 1.0)
"""Seconds between the death of a server and its next start; the last again and again."""
_SHORT, _TOO_MANY = 5.0, 5
"""Seconds of a life that does not count, and how many of those are too many."""
_LOOKING = 5.0
"""Seconds in which others that look for a guardian have long looked."""
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_SOCKET_NAME = "/.s.PGSQL.5432"
_MOST_OF_A_SOCKET = 100
"""Bytes of a socket's path: sun_path has 104 or 108 (unix(7))."""


def main() -> int:
    os.umask(0o077)
    plan = json.loads(sys.stdin.readline())
    throw_away = plan["home"] is None
    home = Path(tempfile.mkdtemp(prefix="erstwhile-") if throw_away else plan["home"])
    try:
        if throw_away and plan["account"] is not None:
            os.chown(home, plan["account"]["uid"], plan["account"]["gid"])
        run = home / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        with (run / "guardian.lock").open("a") as held:
            _lock(held)
            (run / "failed").unlink(missing_ok=True)  # before anybody knows that a guardian is here, and waits for it
            print(home, flush=True)
            if sys.stdin.readline().strip() != "ready":
                return 0  # the process that wanted the server has ended
            _let_go()
            return _Guardian(home, plan).guard()
    finally:
        if throw_away:
            shutil.rmtree(home, ignore_errors=True)


def _lock(held: IO[str]) -> None:
    """The guardian's lock, for it alone. Who looks whether there is a guardian holds it for a moment, with others.

    Raises BlockingIOError where another guardian has it."""
    deadline = time.monotonic() + _LOOKING
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def _let_go() -> None:
    """Goes on as nobody's child: nobody waits for this process, or for what it might still say."""
    if os.fork():
        os._exit(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.close(nowhere)


class _Guardian:
    def __init__(self, home: Path, plan: dict[str, Any]) -> None:
        self._home = home
        self._data = home / "postgres"
        self._plan = plan
        self._throw_away = plan["home"] is None
        self._messages: queue.Queue[str] = queue.Queue()
        self._sockets: Path | None = None
        self._failed = home / "run" / "failed"
        """Says why no server starts, to the processes that wait for one."""

    def guard(self) -> int:
        """Until nobody uses the home."""
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self._messages.put(TERMINATED))
        threading.Thread(target=self._wait_until_alone, daemon=True).start()
        log = os.open(self._home / "run" / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 2)
        try:
            if not self._make_data(log):
                self._failed.write_text("the data directory could not be made")
                self._messages.get()
                return 1
            self._serve(log)
            return 0
        finally:
            if self._sockets is not None:
                shutil.rmtree(self._sockets, ignore_errors=True)

    def _wait_until_alone(self) -> None:
        with (self._home / "run" / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            self._messages.put(ALONE)
            threading.Event().wait()  # the lock is kept to the end of this process

    def _serve(self, log: int) -> None:
        deaths = 0
        while True:
            self._forget_stale_lock()
            begun = time.monotonic()
            server = self._start(log)
            threading.Thread(target=self._wait_for, args=(server,), daemon=True).start()
            message = self._messages.get()
            if message != ENDED:
                self._stop(server)
                return
            deaths = deaths + 1 if time.monotonic() - begun < _SHORT else 0
            if deaths >= _TOO_MANY:
                self._failed.write_text(f"it ended {deaths} times as soon as it was started")
            try:
                self._messages.get(timeout=_PAUSES[min(deaths, len(_PAUSES) - 1)])
                return
            except queue.Empty:
                pass

    def _wait_for(self, server: subprocess.Popen[bytes]) -> None:
        server.wait()
        self._messages.put(ENDED)

    def _start(self, log: int) -> subprocess.Popen[bytes]:
        settings = {"unix_socket_directories": str(self._socket_folder()), **self._plan["settings"]}
        arguments = [each for name, value in settings.items() for each in ("-c", f"{name}={value}")]
        return self._run([self._program("postgres"), "-D", str(self._data), "-p", "5432", *arguments], log)

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        """In order; what is thrown away need not be."""
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(signal.SIGQUIT if self._throw_away else signal.SIGINT)
            server.send_signal(signal.SIGCONT)
        for last in (signal.SIGQUIT, signal.SIGKILL, None):
            try:
                server.wait(_PATIENCE if last is signal.SIGQUIT else 5)
                return
            except subprocess.TimeoutExpired:
                if last is not None:
                    server.send_signal(last)

    def _make_data(self, log: int) -> bool:
        """The data directory, whole or not at all; who may connect is written anew each time."""
        if not (self._data / "PG_VERSION").exists():
            new = self._home / "postgres.new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(mode=0o700)
            self._give_away(new)
            options = ["--no-sync"] if self._throw_away else []
            made = self._run([self._program("initdb"), "-D", str(new), *self._plan["initdb"], *options], log)
            if made.wait() != 0:
                return False
            if self._data.exists():
                shutil.rmtree(self._data)  # of an initdb that did not come to its end
            new.rename(self._data)
        os.chmod(self._data, 0o700)
        for name, text in self._plan["files"].items():
            path = self._data / name
            path.write_text(text)
            os.chmod(path, 0o600)
            self._give_away(path)
        return True

    def _forget_stale_lock(self) -> None:
        """A lock file may name a process that is none of ours, for numbers come again: it is not signalled, and the
        file goes, as the server would not start beside it. A server that a guardian left behind is ended."""
        path = self._data / "postmaster.pid"
        try:
            number = int(path.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            path.unlink(missing_ok=True)
            return
        deadline = time.monotonic() + _PATIENCE
        while _is_alive(number):
            if not _works_in(number, self._data):
                path.unlink(missing_ok=True)
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGINT if time.monotonic() < deadline else signal.SIGKILL)
            time.sleep(0.1)

    def _socket_folder(self) -> Path:
        """Closed to all others: the data directory, where a socket's path is not too long for that."""
        if len(os.fsencode(f"{self._data}{_SOCKET_NAME}")) <= _MOST_OF_A_SOCKET:
            return self._data
        if self._sockets is None:
            self._sockets = Path(tempfile.mkdtemp(prefix="erstwhile-socket-"))
            self._give_away(self._sockets)
        return self._sockets

    def _program(self, name: str) -> str:
        return str(Path(self._plan["programs"]) / name)

    def _give_away(self, path: Path) -> None:
        account = self._plan["account"]
        if account is not None:
            os.chown(path, account["uid"], account["gid"])

    def _run(self, command: list[str], log: int) -> subprocess.Popen[bytes]:
        account = self._plan["account"]
        as_whom: dict[str, Any] = {}
        if account is not None:
            as_whom = {"user": account["uid"], "group": account["gid"], "extra_groups": []}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment,
            preexec_fn=_end_with_parent, **as_whom,
        )  # fmt: skip


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _works_in(number: int, folder: Path) -> bool:
    """Whether a process is a server of this data directory: it works in there."""
    try:
        return Path(f"/proc/{number}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        pass
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(number)], capture_output=True, text=True, check=False)
    return str(folder) in shown.stdout and "postgres" in shown.stdout


def _end_with_parent() -> None:
    """In the child, before it becomes the server: a guardian that is killed takes the server with it (Linux)."""
    if _libc is not None:
        _libc.prctl(_SET_DEATH_SIGNAL, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
