"""`erstwhile events`: the events of the log as lines of JSON, and those that come."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import orjson
import typer

from erstwhile.api.asking.log_events import parse_wanted, require_reached
from erstwhile.api.cli.console import write_json
from erstwhile.api.cli.run import leave_the_pipe, open_database
from erstwhile.api.problems import bad_request
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.log_reader import LogPage, Wanted, read_page
from erstwhile.projections.sql import Connection

_TOGETHER = 500
"""Events that are read together."""


def events(
    after: Annotated[
        str, typer.Option(metavar="POSITION|now", help="Those after this position of the log; now: those that come.")
    ] = "0",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with those that come, until Ctrl-C.")] = False,
    account: Annotated[str, typer.Option(help="Of this account alone.")] = "",
    type_: Annotated[
        str, typer.Option("--type", help="Of this type; iam.User* for all that begin so. Several with commas between.")
    ] = "",
    principal: Annotated[
        str, typer.Option(help="What it did, and what was done to it: an ARN, a unique id or an access key id.")
    ] = "",
    limit: Annotated[int | None, typer.Option(help="End after so many.", min=1)] = None,
) -> None:
    """Print the events of the log, one a line of JSON (NDJSON), in the order in which they were recorded."""
    wanted = parse_wanted({"account": account, "type": type_, "principal": principal})
    place = None if after == "now" else parse_number(after.removeprefix("@"))
    if place is None and after != "now":
        raise bad_request("malformed_parameter", f"--after must be a position of the log, or now, not {after[:40]!r}")
    with open_database() as database, database.connect() as connection, suppress(KeyboardInterrupt):
        log = EventLog.within(connection)
        head = log.head()
        begin = head if place is None else place
        require_reached("--after", begin, head)
        left = sys.maxsize if limit is None else limit
        if not follow:
            _print_to_end(connection, wanted, begin, left)
            return
        notifications = database.event_log.notifications()
        try:
            while left > 0:
                begin, left = _print_to_end(connection, wanted, begin, left)
                if left > 0:
                    notifications.wait()
        finally:
            notifications.close()


def _print_to_end(connection: Connection, wanted: Wanted, begin: int, left: int) -> tuple[int, int]:
    """Prints what there is after a position, and no more than `left` events. Returns up to where the log was looked at,
    and how many events are left."""
    while left > 0:
        page = read_page(connection, wanted, begin, min(left, _TOGETHER))
        _print(page)
        left -= len(page.events)
        if page.position >= page.head:
            return page.position, left
        begin = page.position
    return begin, left


def _print(page: LogPage) -> None:
    try:
        for each in page.events:
            write_json(orjson.dumps(each).decode())
        sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()
