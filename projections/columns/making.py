"""Makes the file of history's columns in a process of its own: it takes hundreds of megabytes and a processor for
seconds, and the server that needs it goes on meanwhile.

The process is `python -P -m erstwhile.projections.columns.making`, with a `Job` as JSON on its standard input.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg

from erstwhile.domain.vocabulary.typed import decode
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile")

PATIENCE = 900.0
"""Seconds after which it is given up."""
_NICE = 10


class Job(msgspec.Struct, frozen=True):
    dsn: str
    folder: str
    """Where the columns of all logs are kept."""
    after: int
    """The position of the file that is there."""


def make_elsewhere(dsn: str, folder: Path, after: int) -> None:
    """Makes the file anew, unless one of a later position than `after` is there by then. Where that fails, there is no
    new one, and the log says why."""
    job = msgspec.json.encode(Job(dsn, str(folder), after))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__], input=job, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("history's columns could not be made in a process of their own: %s", error)
        return
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning("the process that makes history's columns ended with %s: %s", done.returncode, said)


def main() -> None:
    job = decode(sys.stdin.buffer.read(), Job)
    os.nice(_NICE)

    def connect() -> Connection:
        return psycopg.connect(job.dsn, autocommit=True)

    with closing(ColumnStore(connect, Path(job.folder))) as columns:
        columns.make_file(job.after)


if __name__ == "__main__":
    main()
