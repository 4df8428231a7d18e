"""`erstwhile evidence`: the record behind an event or a call, as it came, without its secrets."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from erstwhile.api.asking.moments import parse_position
from erstwhile.api.asking.times import read_position
from erstwhile.api.cli.console import err
from erstwhile.api.cli.run import open_runtime, print_json
from erstwhile.api.imports import store
from erstwhile.api.imports.digest_check import verdict_of
from erstwhile.api.keeping.retention import gone_before
from erstwhile.api.problems import not_found
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.sql import Connection

Which = Annotated[
    str,
    typer.Argument(metavar="RECORD", help="As answers name it: ACCOUNT/EVENT-ID, an event id, or @4711, a position."),
]  # fmt: skip


def evidence(record: Which) -> None:
    """Print the raw record that an event of the log or a call in the activity rests on, as JSON."""
    with open_runtime() as runtime, runtime.connection() as connection:
        is_known = False
        for account, record_id in _named(connection, record):
            is_known = is_known or store.is_recorded(connection, account, record_id)
            found = store.read_evidence(connection, account, record_id)
            if found is not None:
                print_json(orjson.loads(found))
                verdict = verdict_of(connection, account, record_id)
                if verdict is not None:
                    named = f" by {verdict[1]}" if verdict[1] else ""
                    err.print(err.text(f"its file is {verdict[0]}{named}"))
                return
        gone = gone_before(connection)
    if is_known:
        aged = f", or it went for its age, as did what is from before {gone['evidence']}" if "evidence" in gone else ""
        raise not_found("erased_evidence", f"the record {record} was erased{aged}")
    older = min((gone[kind] for kind in ("evidence", "activity") if kind in gone), default="")
    age = f" (of records before {older} none is, for their age)" if older else ""
    where = "`erstwhile audit --columns when,what,evidence` shows the names of those that are"
    raise not_found("unknown_evidence", f"no record {record} is kept{age}; {where}")


def _named(connection: Connection, record: str) -> list[tuple[str, str]]:
    """The records that may be meant, as (account, record id). Raises Problem for an event that rests on none."""
    if record.startswith("@") and read_position(record) is not None:
        position = parse_position(connection, "the position", record)
        [event] = EventLog.within(connection).read_positions([position])
        account, slash, record_id = event.envelope.evidence.partition("/")
        if not slash:
            raise not_found(
                "no_evidence",
                f"event {record} ({event.type}) rests on no record: its source is {event.envelope.source}",
            )
        return [(account, record_id)]
    account, slash, record_id = record.partition("/")
    if slash:
        return [(account, record_id)]
    accounts = connection.execute("SELECT DISTINCT account FROM account_coverage ORDER BY account").fetchall()
    return [(str(row[0]), record) for row in accounts]
