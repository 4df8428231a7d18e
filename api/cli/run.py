"""What every command shares: settings, the opened database, printing JSON, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from erstwhile.api.cli.console import err, forgive_encodings, write_json

if TYPE_CHECKING:
    from erstwhile.api.database.database import Database
    from erstwhile.api.database.settings import Settings
    from erstwhile.api.runtime.runtime import ReadingRuntime

_home: list[Path] = []


def set_home(home: Path | None) -> None:
    """The --home of this run."""
    _home[:] = [home] if home is not None else []


def settings(ephemeral: bool = False) -> Settings:
    from msgspec.structs import replace

    from erstwhile.api.database.settings import Settings

    found = Settings.from_environment(ephemeral)
    return replace(found, home=_home[0]) if _home else found


@contextmanager
def open_database(chosen: Settings | None = None) -> Iterator[Database]:
    """The database, its migrations checked; left again at the end."""
    from erstwhile.api.database.database import Database

    database = Database.open(chosen or settings())
    try:
        database.require_current()
        yield database
    finally:
        database.close()


@contextmanager
def open_runtime() -> Iterator[ReadingRuntime]:
    """The configured database, for commands that ask or change; closed at the end."""
    from erstwhile.api.runtime.runtime import ReadingRuntime
    from erstwhile.api.support.collector import collect_seldom

    collect_seldom()
    chosen = settings()
    with open_database(chosen) as database:
        runtime = ReadingRuntime(database, chosen.names)
        try:
            yield runtime
        finally:
            runtime.close()


def print_json(data: Any) -> None:
    write_json(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def fail(message: str, status: int = 1, *more: str) -> NoReturn:
    """Ends with one line that says what was wrong, and more lines that help."""
    err.print(f"[bold red]error:[/] {err.text(message)}")
    for line in more:
        err.print(err.text(line))
    raise SystemExit(status)


def guarded(run: Callable[[], Any]) -> None:
    """Runs the application; what goes wrong ends in one clear line, and an exit status."""
    forgive_encodings()
    try:
        run()
        sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()
    except Exception as error:
        # What the errors are called, and how they read, is known to modules that most commands do without.
        from erstwhile.api.cli.errors import explain

        explain(error)
        raise


def leave_the_pipe() -> NoReturn:
    """The reader has read enough (`| head`): nothing more is written, not at the end either."""
    close_output()
    raise SystemExit(0)


def close_output() -> None:
    """What is written from now on goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
