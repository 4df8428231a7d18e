"""Which moment a question is about: `as_of` (valid time) and `known_at` (recorded time)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.event_log.read import head, position_at
from erstwhile.domain.instants import MalformedInstant, parse_instant
from erstwhile.domain.numbers import parse_number
from erstwhile.projections.sql import Connection

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""Nobody has a question about an earlier moment, and what is computed from it may leave the calendar."""


class Moment(msgspec.Struct, frozen=True):
    """An instant and a log position."""

    as_of: datetime
    known_at: int


def parse_as_of(text: str | None) -> datetime | None:
    """Raises Problem for another format, and for the future: nobody knows that."""
    if not text:
        return None
    try:
        instant = parse_instant(text)
    except MalformedInstant as error:
        raise bad_request("malformed_instant", f"as_of: {error}") from None
    if instant > datetime.now(UTC):
        raise bad_request("future_as_of", f"as_of {text} has not come yet")
    if instant < EARLIEST:
        raise bad_request("malformed_instant", f"as_of {text} is before {EARLIEST.year}: nothing is known of that time")
    return instant


def parse_known_at(connection: Connection, text: str | None) -> int | None:
    """An instant, or a log position. Raises Problem for neither, and for a position beyond the head."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        position, top = parse_number(text), head(connection)
        if position is None or position > top:
            raise bad_request("beyond_head", f"known_at {text[:40]} is beyond the head of the log, which is {top}")
        return position
    try:
        return position_at(connection, parse_instant(text))
    except MalformedInstant as error:
        raise bad_request("malformed_instant", f"known_at: {error}, or a log position such as 4711") from None


def moment(connection: Connection, as_of: str | None, known_at: str | None) -> Moment:
    """Raises Problem."""
    instant = parse_as_of(as_of)
    position = parse_known_at(connection, known_at)
    return Moment(instant or datetime.now(UTC), head(connection) if position is None else position)


def stale(position: int, reached: int) -> Problem:
    return Problem(503, "not_caught_up", f"position {position} is not applied yet; this read model is at {reached}")
