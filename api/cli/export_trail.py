"""`erstwhile export trail`: the audit trail in the forms of other tools."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.options import Tz
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import fail, leave_the_pipe, open_database, settings
from erstwhile.api.cli.times import read_instant
from erstwhile.api.problems import bad_request
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, OWN, is_account_id
from erstwhile.projections.sql import Connection

Form = Literal["cloudtrail", "ocsf", "cloudevents", "ndjson", "csv", "parquet"]
_EVERY = 100
"""Events between two moves of the progress bar."""


def trail(
    form: Annotated[Form, typer.Option("--format", help="The form.")] = "ndjson",
    file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE|FOLDER", help="Where it goes: of cloudtrail, a new folder."),
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", metavar="TIME", help="What happened from then on.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="What happened before.")] = None,
    account: Annotated[str, typer.Option(help="The trail of this account alone.")] = "",
    ocsf_version: Annotated[
        Literal["1.8.0", "1.9.0"], typer.Option("--ocsf-version", help="Of OCSF's schema.")
    ] = "1.8.0",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    tz: Tz = None,
) -> None:
    """Write the audit trail of a time for other tools.

    cloudtrail: a folder as CloudTrail delivers it, with signed digests. What was imported is the record that it was;
    what was commanded here is a record as AWS would have written it. The other forms are one file, or go to the output.
    """
    if account and account not in (AWS_MANAGED, OWN) and not is_account_id(account):
        raise bad_request("malformed_parameter", f"--account must be twelve digits, not {account[:40]!r}")
    window = (read_instant(begin, "--from") if begin else None, read_instant(end, "--to") if end else None)
    if window[0] is not None and window[1] is not None and window[0] >= window[1]:
        raise bad_request("malformed_window", "--from must be before --to")
    if form == "cloudtrail":
        if file is None:
            fail("cloudtrail has many files: --out names a new folder", 2)
        _write_folder(file, window, account)
        return
    if file is not None and file.exists() and not force:
        fail(f"{file} is there already: --force replaces it", 2)
    if form == "parquet" and file is None and sys.stdout.isatty():
        fail("parquet is nothing for a terminal: --out says where it goes", 2)
    _write_file(form, file, window, account, ocsf_version)


def _write_folder(folder: Path, window: tuple[datetime | None, datetime | None], account: str) -> None:
    from erstwhile.api.exports.cloudtrail_folder import NotEmpty, TrailFolder, new_folder
    from erstwhile.api.exports.digest_key import read_digest_key
    from erstwhile.projections.trail_export import records

    left_out: Counter[str] = Counter()
    key = read_digest_key(settings().home)
    with open_database() as database, database.connect() as connection:
        asked, in_all = _window(connection, window, account)
        seen = [0]
        try:
            with (
                new_folder(folder) as part,
                counting("writing", "events") as moved,
                closing(records(connection, asked, left_out, seen)) as found,
            ):
                written = TrailFolder(part, key)

                def each() -> Iterator[Any]:
                    for number, record in enumerate(found):
                        if number % _EVERY == 0:
                            moved(seen[0], in_all)
                        yield record

                written.write(each())
        except NotEmpty:
            fail(f"{folder} is there already: name a new folder", 2)
        except OSError as error:
            fail(f"{folder} cannot be written: {error.strerror or error}", 2)
    out.print(
        f"{out.text(str(folder))}: {written.records:,} records in {written.files:,} log files, "
        f"signed by the key {key.fingerprint}"
    )
    for reason, count in sorted(left_out.items()):
        err.print(f"{counted(count, 'event is', 'events are')} left out {reason}")


def _write_file(
    form: str, file: Path | None, window: tuple[datetime | None, datetime | None], account: str, ocsf_version: str
) -> None:
    from erstwhile.api.exports.forms import form_of
    from erstwhile.api.exports.parquet import MissingPyarrow, require_pyarrow
    from erstwhile.api.reports.to_file import write_files
    from erstwhile.projections.log_reader import log_name
    from erstwhile.projections.trail_export import events

    if form == "parquet":
        try:
            require_pyarrow()
        except MissingPyarrow as error:
            fail(str(error), 2)
    with open_database() as database, database.connect() as connection:
        asked, in_all = _window(connection, window, account)
        write = form_of(form, log_name(connection), ocsf_version)
        if file is None:
            with closing(events(connection, asked)) as found:
                _to_output(lambda: write(found, sys.stdout.buffer))
            return
        with counting("writing", "events") as moved, closing(events(connection, asked)) as found:
            count = 0

            def each() -> Iterator[dict[str, Any]]:
                nonlocal count
                for event in found:
                    count += 1
                    if count % _EVERY == 0:
                        moved(count, in_all)
                    yield event

            try:
                write_files({file: lambda opened: write(each(), opened)})
            except OSError as error:
                fail(f"{file} cannot be written: {error.strerror or error}", 2)
    out.print(f"{out.text(str(file))}: {counted(count, 'event')}")


def _to_output(write: Callable[[], None]) -> None:
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()


def _window(connection: Connection, window: tuple[datetime | None, datetime | None], account: str) -> tuple[Any, int]:
    """The window up to the log's head as it is now, and how many events it has."""
    from erstwhile.projections.trail_export import Window, count

    asked = Window(EventLog.within(connection).head(), *window, account)
    return asked, count(connection, asked)
