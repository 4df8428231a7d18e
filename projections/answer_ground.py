"""What an answer about an instant needs of the log, in one look."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from erstwhile.projections.sql import Connection, instant_text

PROPAGATION = timedelta(seconds=10)
"""How long a change may take to take effect everywhere in AWS; a cautious estimate, because AWS promises no time."""
_LOOK = (
    "SELECT head, changed, are_apart, events FROM answer_ground(string_to_array(%(accounts)s, ' '), %(known)s, "
    "%(since)s::timestamptz, %(until)s::timestamptz, string_to_array(%(positions)s, ' ')::bigint[])"
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
    events: list[LoggedEvent]
    """Those of the positions that were asked for, and are in the log."""


def answer_ground(
    connection: Connection, accounts: Iterable[str], as_of: datetime, known_at: int, positions: Collection[int] = ()
) -> AnswerGround:
    """Of an answer that concerns some accounts at an instant, as known at a log position."""
    arguments = {
        "accounts": " ".join(accounts), "known": known_at, "since": instant_text(as_of - PROPAGATION),
        "until": instant_text(as_of.replace(microsecond=0) + _SECOND), "positions": " ".join(map(str, positions)),
    }  # fmt: skip
    [(head, changed, are_apart, events)] = connection.execute(_LOOK, arguments, prepare=True).fetchall()
    told = [
        LoggedEvent(position, kind, _EPOCH + timedelta(microseconds=at), *rest)
        for position, kind, at, *rest in events or ()
    ]
    return AnswerGround(head, changed, are_apart, told)
