"""The embedded database is its user's alone, ends with whoever uses it, and comes back when it is killed."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erstwhile.api.database import embedded
from erstwhile.api.database.embedded import account
from erstwhile.api.database.embedded import home as homes
from tests.support.in_memory import folder_for_databases
from tests.support.program import PROGRAM, environment, ignore_no_signal
from tests.support.servers import ServerProcess
from tests.support.waiting import wait_until


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="e-", dir=folder_for_databases()) as folder:
        yield Path(folder) / "home"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def answers(dsn: str) -> bool:
    try:
        with psycopg.connect(dsn) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def processes(folder: Path) -> list[str]:
    """The command lines of servers and guardians of a folder."""
    shown = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(folder) in line and "ps -eo" not in line]


def test_only_its_user_gets_in(home: Path) -> None:
    dsn, server = embedded.start(home)
    try:
        sockets = Path(str(psycopg.conninfo.conninfo_to_dict(dsn)["host"]))
        assert mode(sockets) == mode(home / "postgres") == 0o700
        assert mode(home) & 0o007 == 0 and mode(home / "run") == 0o700
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            rules = connection.execute("SELECT type, auth_method, error FROM pg_hba_file_rules").fetchall()
            assert rules == [("local", "peer", None)]
            assert connection.execute(
                "SELECT count(*) FROM pg_ident_file_mappings WHERE error IS NOT NULL"
            ).fetchone() == (0,)
        for name in ("log", "users.lock", "start.lock", "guardian.lock"):
            assert mode(home / "run" / name) == 0o600
    finally:
        server.close()


def test_a_home_whose_path_is_long_for_a_socket(home: Path) -> None:
    """The socket is in a folder that is as closed, and goes with the server."""
    deep = home / ("d" * 100)
    dsn, server = embedded.start(deep)
    sockets = Path(str(psycopg.conninfo.conninfo_to_dict(dsn)["host"]))
    assert sockets != deep / "postgres" and mode(sockets) == 0o700 and answers(dsn)
    server.close()
    assert not sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as somebody else")
def test_another_user_of_the_machine_is_refused(home: Path) -> None:
    """By the folder; and where that were open, by who they are."""
    dsn, server = embedded.start(home)
    try:
        connecting = "import os, socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
        path = f"{home}/postgres/.s.PGSQL.5432"
        nobody: dict[str, Any] = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        refused = subprocess.run(["/usr/bin/python3", "-c", connecting, path], capture_output=True, text=True, **nobody)
        assert "PermissionError" in refused.stderr
        for each in (home.parent, home, home / "postgres"):
            each.chmod(0o777)
        (home / "postgres" / ".s.PGSQL.5432").chmod(0o777)
        program = Path("/usr/lib/postgresql/15/bin/psql")
        if program.exists():
            told = subprocess.run(
                [program, "-h", home / "postgres", "-U", "postgres", "-c", "SELECT 1"],
                env={"HOME": "/"}, capture_output=True, text=True, cwd="/", **nobody,
            )  # fmt: skip
            assert told.returncode and 'Peer authentication failed for user "postgres"' in told.stderr
        assert answers(dsn)
        made = pwd.getpwnam(account.ACCOUNT)
        assert made.pw_shell.endswith(("nologin", "false")) and made.pw_dir == "/nonexistent"
        assert (home / "postgres").stat().st_uid == made.pw_uid
    finally:
        (home / "postgres").chmod(0o700)
        server.close()


def test_nothing_is_left_in_the_common_temporary_folder(home: Path) -> None:
    temporary = home.parent / "tmp"
    temporary.mkdir()
    done = subprocess.run(
        [PROGRAM, "--home", str(home), "status"],
        env=environment(TMPDIR=str(temporary)),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
    assert mode(home) & 0o007 == 0


def test_a_number_that_came_again_is_nobody_of_ours(home: Path) -> None:
    """A lock file that names a process which has nothing to do with it: that one lives on."""
    _, server = embedded.start(home)
    server.close()
    innocent = subprocess.Popen(["sleep", "300"])
    lines = [str(innocent.pid), str(home / "postgres"), "1", "5432", str(home / "postgres"), "", "1 1", "ready"]
    (home / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    try:
        dsn, server = embedded.start(home)
        assert answers(dsn) and postmaster(home) != innocent.pid
        server.close()
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_a_copied_home_has_a_server_of_its_own(home: Path) -> None:
    """Also where it was copied with the lock file of a server that runs."""
    dsn, server = embedded.start(home)
    other = home.with_name("other")
    try:
        (other / "postgres").mkdir(mode=0o700, parents=True)
        other.chmod(0o700)
        lock = (home / "postgres" / "postmaster.pid").read_text()
        (other / "postgres" / "postmaster.pid").write_text(lock)
        own, copied = embedded.start(other)
        try:
            assert own != dsn
            with psycopg.connect(own) as connection:
                [(folder,)] = connection.execute("SHOW data_directory").fetchall()
            assert Path(folder).resolve() == (other / "postgres").resolve()
        finally:
            copied.close()
        assert (home / "postgres" / "postmaster.pid").read_text() == lock
        with psycopg.connect(dsn) as connection:
            connection.execute("SELECT")
    finally:
        server.close()


def test_the_last_to_leave_ends_it(home: Path) -> None:
    first_dsn, first = embedded.start(home)
    second_dsn, second = embedded.start(home)
    assert first_dsn == second_dsn
    first.close()
    assert answers(second_dsn)
    second.close()
    assert not answers(second_dsn) and processes(home) == []
    third_dsn, third = embedded.start(home)
    assert answers(third_dsn)
    third.close()


def test_a_server_that_is_killed_is_started_again(home: Path) -> None:
    dsn, server = embedded.start(home)
    try:
        for number in (signal.SIGKILL, signal.SIGQUIT, signal.SIGKILL):
            before = postmaster(home)
            os.kill(before, number)
            wait_until(lambda before=before: answers(dsn) and postmaster(home) != before)  # type: ignore[misc]
    finally:
        server.close()


def kill_guardian(home: Path) -> None:
    shown = subprocess.run(
        ["ps", "-o", "ppid=", "-p", str(postmaster(home))], capture_output=True, text=True, check=True
    )
    os.kill(int(shown.stdout), signal.SIGKILL)


def test_a_guardian_that_is_killed_takes_its_server_along(home: Path) -> None:
    dsn, server = embedded.start(home)
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    kill_guardian(home)
    wait_until(lambda: not answers(dsn))
    again_dsn, again = embedded.start(home)
    with psycopg.connect(again_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    again.close()
    server.close()


def test_a_guardian_that_is_killed_as_another_process_joins_is_started_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn, server = embedded.start(home)
    kill_guardian(home)
    wait_until(lambda: not processes(home))
    asked = []

    def guarded_until_then(path: Path) -> bool:
        asked.append(path)
        return len(asked) == 1 or is_guarded(path)

    is_guarded = homes.is_guarded
    monkeypatch.setattr(homes, "is_guarded", guarded_until_then)
    try:
        dsn, joined = embedded.start(home)
        assert answers(dsn) and len(asked) > 1
        joined.close()
    finally:
        server.close()
    assert processes(home) == []


def test_a_guardian_starts_while_others_look_whether_there_is_one(home: Path) -> None:
    """Who looks holds the guardian's lock together with others, for a moment."""
    _, server = embedded.start(home)
    server.close()
    with (home / "run" / "guardian.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        letting_go = threading.Timer(0.3, fcntl.flock, (held, fcntl.LOCK_UN))
        letting_go.start()
        try:
            dsn, server = embedded.start(home)
        finally:
            letting_go.join()
    assert answers(dsn)
    server.close()


def test_why_an_earlier_guardian_failed_is_forgotten(home: Path) -> None:
    _, server = embedded.start(home)
    server.close()
    (home / "run" / "failed").write_text("it ended 5 times as soon as it was started")
    dsn, server = embedded.start(home)
    assert answers(dsn)
    server.close()


def test_what_is_wrong_is_said(home: Path) -> None:
    home.parent.joinpath("file").write_text("")
    with pytest.raises(embedded.EmbeddedFailed, match="cannot be used"):
        embedded.start(home.parent / "file" / "home")
    _, server = embedded.start(home)
    server.close()
    (home / "postgres" / "postgresql.conf").write_text("nonsense = nonsense\n")
    with pytest.raises(embedded.EmbeddedFailed, match="nonsense"):
        embedded.start(home)
    assert processes(home) == []


def is_of_python_itself(errors: bytes) -> bool:
    """Whether Ctrl-C came before the program's entry point ran: Python, as it starts, prints a traceback then. Or as
    Python read the files of modules, one of which imports the other: it leaves these open, and says so where warnings
    are errors, as they are here."""
    left_open = re.findall(rb"ResourceWarning: unclosed file <_io\.FileIO name='[^']*\.pyc'", errors)
    if left_open:
        return errors.count(b"Traceback") == len(left_open)
    return b"KeyboardInterrupt" in errors and not re.search(rb'__main__\.py", line \d+, in main', errors)


EARLY = (0.0, 0.05, 0.15, 0.3, 0.6, 1.0, 2.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGINT])
def test_a_throw_away_server_leaves_nothing_behind(home: Path, number: signal.Signals) -> None:
    """Ended in its first seconds, killed, or with its terminal closed."""
    temporary = home.parent / "t"
    temporary.mkdir()
    for seconds in EARLY:
        server = subprocess.Popen(
            [PROGRAM, "serve", "--ephemeral", "--port", "0"], env=environment(TMPDIR=str(temporary)),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            preexec_fn=ignore_no_signal,
        )  # fmt: skip
        time.sleep(seconds)
        os.killpg(server.pid, number)
        try:
            _, errors = server.communicate(timeout=30)
        except subprocess.TimeoutExpired as still_running:
            # While Python imports its own `warnings`, it prints a Ctrl-C and goes on: whoever pressed it does so again.
            if b"'import warnings' failed" not in (still_running.stderr or b""):
                raise
            os.killpg(server.pid, number)
            _, errors = server.communicate(timeout=60)
        assert b"Traceback" not in errors or is_of_python_itself(errors), errors
        wait_until(lambda: not processes(temporary) and not list(temporary.iterdir()))


def test_one_that_was_ready_too(home: Path) -> None:
    temporary = home.parent / "t"
    temporary.mkdir()
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGHUP):
        server = ServerProcess("--ephemeral", TMPDIR=str(temporary))
        assert processes(temporary) and any(temporary.iterdir())
        server.end(number, of_all=True)
        wait_until(lambda: not processes(temporary) and not list(temporary.iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="of Linux")
def test_a_forked_child_keeps_no_server_alive(home: Path) -> None:
    dsn, server = embedded.start(home)
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        server.close()
        assert not answers(dsn)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
