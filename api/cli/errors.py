"""How a command ends that went wrong: in one clear line, and an exit status."""

from __future__ import annotations

import os
import shlex
import sys
import traceback
from pathlib import Path

import psycopg

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing
from erstwhile.api.cli.run import close_output, fail
from erstwhile.api.database.database import DatabaseUnavailable
from erstwhile.api.problems import Problem
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.refusals import Refusal
from erstwhile.projections.rebuild import RebuildRefused, UnknownReadModel

EXPECTED = (Problem, MalformedInput, DatabaseUnavailable, MasterKeyMissing, RebuildRefused, TooMuch, UnknownReadModel)
"""Errors whose text is meant for people."""


def explain(error: Exception) -> None:
    """Ends the program with what an error means; returns where it is a fault of the program and ERSTWHILE_TRACEBACK
    asks for all of it."""
    match error:
        case Problem():
            existed = error.members.get("existed", ())
            again = [f"ask again: {_again(sys.argv[1:], each['as_of'])}" for each in existed if "as_of" in each]
            fail(error.detail, 2 if error.status == 400 else 1, *again)
        case Refusal():
            fail(f"{error.code}: {error.whole}")
        case _ if isinstance(error, EXPECTED):
            fail(str(error))
        case psycopg.errors.InsufficientPrivilege():
            fail(f"the database refused: {str(error).splitlines()[0]}")
        case psycopg.OperationalError():
            reason = str(error).strip().splitlines()[0]
            fail(f"the database went away: {reason}; run the command again, nothing is lost")
        case OSError():
            _drop_what_cannot_be_written()
            fail(_system_error(error))
        case UnicodeEncodeError():
            # Words of the command line that are no text hold half characters, which go nowhere.
            fail(f"{error.object!r} is not text in this system's encoding ({sys.getfilesystemencoding()})", 2)
    if not os.environ.get("ERSTWHILE_TRACEBACK"):
        fail(f"{_place(error)}; this is a fault of erstwhile's: ERSTWHILE_TRACEBACK=1 shows all of it, for a report")


def _again(arguments: list[str], as_of: str) -> str:
    """The command of this run, about another instant."""
    kept = [each for each in arguments if not each.startswith("--as-of=")]
    if "--as-of" in kept:
        at = kept.index("--as-of")
        del kept[at : at + 2]
    return shlex.join(["erstwhile", *kept, "--as-of", as_of])


def _drop_what_cannot_be_written() -> None:
    """The interpreter would try once more when it ends, and give an exit status of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        close_output()


def _system_error(error: OSError) -> str:
    name = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return f"{name}{error.strerror or error}"


def _place(error: Exception) -> str:
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
