"""What every command shares: settings, the opened database, printing JSON, and how errors end."""

from __future__ import annotations

import os
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import orjson
import psycopg

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing
from erstwhile.api.cli.console import err, forgive_encodings, write_json
from erstwhile.api.database.database import Database, DatabaseUnavailable
from erstwhile.api.database.settings import Settings
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.refusals import Refusal
from erstwhile.projections.rebuild import RebuildRefused, UnknownReadModel

EXPECTED = (Problem, MalformedInput, DatabaseUnavailable, MasterKeyMissing, RebuildRefused, TooMuch, UnknownReadModel)
"""Errors whose text is meant for people."""

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
def open_runtime() -> Iterator[ReadingRuntime]:
    """The configured database, for commands that ask or change; closed at the end."""
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
    except Problem as problem:
        existed = problem.members.get("existed", ())
        again = [f"ask again: {_again(sys.argv[1:], each['as_of'])}" for each in existed if "as_of" in each]
        fail(problem.detail, 2 if problem.status == 400 else 1, *again)
    except Refusal as refusal:
        fail(f"{refusal.code}: {refusal.whole}")
    except EXPECTED as error:
        fail(str(error))
    except psycopg.errors.InsufficientPrivilege as error:
        fail(f"the database refused: {str(error).splitlines()[0]}")
    except psycopg.OperationalError as error:
        fail(f"the database went away: {str(error).strip().splitlines()[0]}; run the command again, nothing is lost")
    except OSError as error:
        _drop_what_cannot_be_written()
        fail(_system_error(error))
    except UnicodeEncodeError as error:
        # Words of the command line that are no text hold half characters, which go nowhere.
        fail(f"{error.object!r} is not text in this system's encoding ({sys.getfilesystemencoding()})", 2)
    except Exception as error:
        if os.environ.get("ERSTWHILE_TRACEBACK"):
            raise
        fail(f"{_place(error)}; this is a fault of erstwhile's: ERSTWHILE_TRACEBACK=1 shows all of it, for a report")


def _again(arguments: list[str], as_of: str) -> str:
    """The command of this run, about another instant."""
    kept = [each for each in arguments if not each.startswith("--as-of=")]
    if "--as-of" in kept:
        at = kept.index("--as-of")
        del kept[at : at + 2]
    return shlex.join(["erstwhile", *kept, "--as-of", as_of])


def leave_the_pipe() -> NoReturn:
    """The reader has read enough (`| head`): nothing more is written, not at the end either."""
    _close_output()
    raise SystemExit(0)


def _drop_what_cannot_be_written() -> None:
    """The interpreter would try once more when it ends, and give an exit status of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        _close_output()


def _close_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _system_error(error: OSError) -> str:
    name = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return f"{name}{error.strerror or error}"


def _place(error: Exception) -> str:
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
