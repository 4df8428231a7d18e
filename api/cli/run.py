"""What every command shares: settings, the opened database, printing, and how errors end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import psycopg
import typer
from rich.console import Console

from erstwhile.api.aws.vault import MasterKeyMissing
from erstwhile.api.database import Database, DatabaseUnavailable
from erstwhile.api.imports.files import ImportRefused
from erstwhile.api.problems import Problem
from erstwhile.api.service import Service
from erstwhile.api.settings import MalformedSetting, Settings
from erstwhile.domain.identifiers import MalformedArn
from erstwhile.domain.refusals import Refusal
from erstwhile.projections.projector import UnknownReadModel
from erstwhile.projections.trail import MalformedCursor

# Where nobody watches (a pipe, a log), tables are as wide as they need to be to be read.
out = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160)
err = Console(stderr=True, highlight=False)

INTERRUPTED = 130

EXPECTED = (
    Problem,
    ImportRefused,
    DatabaseUnavailable,
    MalformedArn,
    MalformedCursor,
    MalformedSetting,
    MasterKeyMissing,
    UnknownReadModel,
)
"""Errors whose text is meant for people."""

AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="INSTANT", help="The instant asked about: RFC 3339; default now.")
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", metavar="INSTANT|POSITION", help="What was known then; default all that is known."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

_home: list[Path] = []


def set_home(home: Path | None) -> None:
    """The --home of this run."""
    _home[:] = [home] if home is not None else []


def settings(ephemeral: bool = False) -> Settings:
    found = Settings.from_environment(ephemeral)
    return msgspec.structs.replace(found, home=_home[0]) if _home else found


@contextmanager
def open_database(chosen: Settings | None = None) -> Iterator[Database]:
    """The database, its migrations checked; left again at the end."""
    database = Database.open(chosen or settings())
    try:
        database.require_current()
        yield database
    finally:
        database.close()


@contextmanager
def open_service() -> Iterator[Service]:
    chosen = settings()
    with open_database(chosen) as database:
        service = Service(database, chosen.names)
        try:
            yield service
        finally:
            service.close()


def print_json(data: Any) -> None:
    sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n")


def fail(message: str, status: int = 1) -> None:
    err.print(f"[bold red]error:[/] {_plain(message)}", soft_wrap=True)
    raise SystemExit(status)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def guarded(run: Any) -> None:
    """Runs the application; what is expected to go wrong ends in one clear line."""
    try:
        run()
    except Problem as problem:
        fail(problem.detail, 2 if problem.status == 400 else 1)
    except Refusal as refusal:
        fail(f"{refusal.code}: {refusal.whole}")
    except EXPECTED as error:
        fail(str(error))
    except psycopg.errors.InsufficientPrivilege as error:
        fail(f"the database refused: {str(error).splitlines()[0]}")
    except psycopg.OperationalError as error:
        fail(f"the database went away: {str(error).strip().splitlines()[0]}; run the command again, nothing is lost")
    except SystemExit as end:
        if end.code == INTERRUPTED:
            # The command line's library has turned Ctrl-C into this status, without a word.
            err.print("\ninterrupted; what was imported is kept, run the command again to go on")
        raise
    except BrokenPipeError:
        raise SystemExit(0) from None
