"""The notices of watches as rows: table `watch_notice`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import orjson

from erstwhile.domain.history.watching.differences import Gain, Notice
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant
from erstwhile.projections.sql import Connection

_ROW: LiteralString = "SELECT id, watch, position, known_at, gains, made_at FROM watch_notice "


class ToldNotice(NamedTuple):
    """A notice of the table. `position` 0: no event made it, for history was made anew."""

    id: int
    watch: str
    position: int
    known_at: int
    gains: list[dict[str, Any]]
    made_at: datetime


def add(connection: Connection, notices: Iterable[Notice], known_at: int) -> int:
    """Adds notices, in a transaction; returns how many."""
    rows = [(each.watch, each.position, known_at, _gains(each.gains)) for each in notices]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO watch_notice (watch, position, known_at, gains) VALUES (%s, %s, %s, %s::jsonb)", rows
        )
    return len(rows)


def _gains(gains: Iterable[Gain]) -> str:
    return orjson.dumps([_gain(each) for each in gains]).decode()


def _gain(each: Gain) -> dict[str, Any]:
    return {
        "action": each.action,
        "change": each.change,
        "principal": each.principal,
        "kind": each.kind,
        "account": each.account,
        "unique_id": each.unique_id,
        "is_outsider": each.is_outsider,
        "before": each.before,
        "after": each.after,
        "from": None if each.begin == BEFORE else format_instant(each.begin),
        "to": None if each.end == FOREVER else format_instant(each.end),
        "events": list(each.events),
    }


def after(connection: Connection, notice: int, watch: str | None, limit: int) -> list[ToldNotice]:
    """The notices that came after one, of one watch or of all, the first first."""
    rows = connection.execute(
        f"{_ROW} WHERE id > %s AND (%s::text IS NULL OR watch = %s) ORDER BY id LIMIT %s",
        (notice, watch, watch, limit),
    ).fetchall()
    return [ToldNotice(*row) for row in rows]


def last(connection: Connection) -> int:
    """The number of the last notice; 0 where there is none."""
    row = connection.execute("SELECT max(id) FROM watch_notice").fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def counts(connection: Connection) -> dict[str, int]:
    """How many notices each watch has."""
    return dict(connection.execute("SELECT watch, count(*) FROM watch_notice GROUP BY watch").fetchall())


def unlogged(connection: Connection, limit: int) -> list[ToldNotice]:
    """Notices of which no server has written its line, the first first; in a transaction, in which no other process
    takes them."""
    rows = connection.execute(
        f"{_ROW} WHERE logged_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED", (limit,)
    ).fetchall()
    return [ToldNotice(*row) for row in rows]


def set_logged(connection: Connection, notices: Iterable[int]) -> None:
    """The lines of notices were written."""
    connection.execute("UPDATE watch_notice SET logged_at = clock_timestamp() WHERE id = ANY (%s)", (list(notices),))
