"""Real PostgreSQL servers for the tests: the embedded one, and PostgreSQL 15 where its binaries are installed."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from erstwhile.api.database import embedded
from erstwhile.api.database.database import Database
from tests.support.in_memory import folder_for_databases

POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
_numbers = itertools.count(1)


class Server:
    """A server that hands out fresh, migrated databases, copied from a template."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._template = f"template_{os.getpid()}"
        self._set_up()
        self._execute(f'CREATE DATABASE "{self._template}"')
        Database(self._of(self._template), is_embedded=False).migrate()

    def _set_up(self) -> None:
        """Nothing is done that a throw-away server does without: databases are gone before they would be vacuumed, and
        old log is kept in memory for nothing. A copy takes half the work where PostgreSQL (18 or later) can leave it to
        the kernel."""
        settings = {"autovacuum": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
        with psycopg.connect(make_conninfo(self.dsn, dbname="postgres"), autocommit=True) as connection:
            how = "SELECT FROM pg_settings WHERE name = 'file_copy_method' AND 'clone' = ANY (enumvals)"
            if connection.execute(how).fetchone() is not None:
                settings["file_copy_method"] = "clone"
            for name, value in settings.items():
                connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(Identifier(name), value))
            connection.execute("SELECT pg_reload_conf()")

    def _of(self, name: str) -> str:
        return make_conninfo(self.dsn, dbname=name)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(make_conninfo(self.dsn, dbname="postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def fresh(self, like: Database | None = None) -> Database:
        """A database for one test: migrated and empty, or with what another one has that nobody is connected to."""
        template = self._template if like is None else _name_of(like)
        name = f"test_{os.getpid()}_{next(_numbers)}"
        # Files are copied in half the time that blocks take through the write-ahead log.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return Database(self._of(name), is_embedded=False)

    def empty(self, options: str = "") -> Database:
        """A database without migrations. `options`: of the statement that creates it."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self._execute(f'CREATE DATABASE "{name}" {options}')
        return Database(self._of(name), is_embedded=False)

    def drop(self, database: Database) -> None:
        self._execute(f'DROP DATABASE "{_name_of(database)}" WITH (FORCE)')


def _name_of(database: Database) -> str:
    return str(conninfo_to_dict(database.owner_dsn)["dbname"])


def start_embedded() -> tuple[str, embedded.Embedded]:
    """A throw-away server. Its guardian, which makes its folder, has this process's environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder_for_databases())
        return embedded.start(None)


class Postgres15:
    """A throw-away PostgreSQL 15 on a socket of its own."""

    def __init__(self, within: Path | None = None, options: str = "") -> None:
        """`within`: the folder that its own is made in; `options`: more of its settings, as `-c name=value`."""
        self.folder = Path(tempfile.mkdtemp(prefix="erstwhile-15-", dir=within or folder_for_databases()))
        self.user: str | None = None
        if os.geteuid() == 0:
            self.user = "postgres"
            owner = pwd.getpwnam(self.user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-D", str(self.folder / "data"))
        options = f"-h '' -k {self.folder} -c fsync=off -c max_connections=50 {options}"
        self._run(
            "pg_ctl",
            "-w",
            "-D",
            str(self.folder / "data"),
            "-l",
            str(self.folder / "log"),
            "-o",
            options,
            "start",
        )
        self.dsn = f"host={self.folder} user=postgres dbname=postgres"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [POSTGRES_15 / program, *arguments],
            check=True, user=self.user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "-D", str(self.folder / "data"), "stop")
        shutil.rmtree(self.folder)
