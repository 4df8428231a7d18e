"""What an answer about an instant needs of the log, in one look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import LiteralString, NamedTuple

import orjson

from erstwhile.projections.asked_ahead import Row, ask
from erstwhile.projections.sql import Connection, instant_text

PROPAGATION = timedelta(seconds=10)
"""How long a change may take to take effect everywhere in AWS; a cautious estimate, because AWS promises no time."""
_LOOK: LiteralString = (
    "SELECT head::text, (extract(epoch FROM changed) * 1000000)::bigint::text, are_apart::text, events::text "
    "FROM answer_ground(string_to_array(%s, ' '), %s::bigint, %s::timestamptz, %s::timestamptz, "
    "string_to_array(%s, ' ')::bigint[])"
)
"""Lists as texts: they are sent in a fraction of the time."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class LoggedEvent(NamedTuple):
    """What is told of an event beside what it made so."""

    position: int
    type: str
    occurred_at: datetime
    action: str
    actor: str
    source: str
    evidence: str


class AnswerGround(NamedTuple):
    head: int
    """The position of the log's last event at that time."""
    changed: datetime | None
    """When access last changed, within the second of the instant or less than `PROPAGATION` before, by records."""
    are_apart: bool
    """Whether any events are set apart."""


def bounds(as_of: datetime) -> tuple[datetime, datetime]:
    """Between which instants, without these themselves, a change of access is told by an answer about an instant."""
    return as_of - PROPAGATION, as_of.replace(microsecond=0) + _SECOND


@contextmanager
def asked_ground(
    connection: Connection, accounts: Iterable[str], as_of: datetime, known_at: int
) -> Iterator[Callable[[], AnswerGround]]:
    """Of an answer that concerns some accounts at an instant, as known at a log position. The database looks while the
    block runs; the function that the block gets waits for what it saw."""
    with _looked(connection, accounts, as_of, known_at) as rows:
        yield lambda: _ground(rows())


@contextmanager
def logged_events(connection: Connection, positions: Collection[int]) -> Iterator[Callable[[], list[LoggedEvent]]]:
    """Of the events at some positions, those that are in the log. The database reads them while the block runs; the
    function that the block gets waits for them."""
    if not positions:
        yield list
        return
    with _looked(connection, (), _EPOCH, 0, positions) as rows:
        yield lambda: _events(rows())


@contextmanager
def _looked(
    connection: Connection, accounts: Iterable[str], as_of: datetime, known_at: int, positions: Iterable[int] = ()
) -> Iterator[Callable[[], list[Row]]]:
    since, until = bounds(as_of)
    arguments = (
        " ".join(accounts), str(known_at), instant_text(since), instant_text(until), " ".join(map(str, positions)),
    )  # fmt: skip
    asked = ask(connection, _LOOK, arguments)
    try:
        yield asked.rows
    finally:
        asked.settle()


def answer_ground(connection: Connection, accounts: Iterable[str], as_of: datetime, known_at: int) -> AnswerGround:
    """The same, at once."""
    with asked_ground(connection, accounts, as_of, known_at) as ground:
        return ground()


def _ground(rows: list[Row]) -> AnswerGround:
    [(head, changed, are_apart, _)] = rows
    return AnswerGround(int(head or 0), None if changed is None else _instant(int(changed)), are_apart == "true")


def _events(rows: list[Row]) -> list[LoggedEvent]:
    [(_, _, _, events)] = rows
    return [
        LoggedEvent(position, kind, _instant(at), *rest)
        for position, kind, at, *rest in (orjson.loads(events) or () if events else ())
    ]


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
