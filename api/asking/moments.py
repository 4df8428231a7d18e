"""Which moment a question is about: `as_of` (valid time) and `known_at` (recorded time)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from erstwhile.api.asking.times import EARLIEST, read_position, read_time
from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import MalformedInstant
from erstwhile.projections.clock import last_event, now_after, now_at_least
from erstwhile.projections.sql import Connection


class Moment(msgspec.Struct, frozen=True):
    """An instant and a log position."""

    as_of: datetime
    known_at: int
    is_supposed: bool = False
    """Whether the position is the head as it was seen last: the log may have gone on."""


def parse_as_of(connection: Connection, text: str | None) -> datetime | None:
    """An instant, or `@` and a log position: the instant at which that event occurred.

    Raises Problem for another format, and for the future, which is not known.
    """
    instant = parse_time(connection, "as_of", text)
    if instant is not None and instant > datetime.now(UTC) and instant > now_at_least(connection):
        raise bad_request("future_as_of", f"as_of {text} has not come yet")
    if instant is not None and instant < EARLIEST:
        raise bad_request("malformed_instant", f"as_of {text} is before {EARLIEST.year}: nothing is known of that time")
    return instant


def parse_time(connection: Connection, name: str, text: str | None) -> datetime | None:
    """An instant, or `@` and a log position: the instant at which that event occurred. Raises Problem."""
    if not text:
        return None
    if text.lstrip().startswith("@"):
        position = parse_position(connection, name, text)
        return EventLog.within(connection).read_positions([position])[0].occurred_at
    try:
        return read_time(text)
    except MalformedInstant as error:
        raise bad_request("malformed_instant", f"{name}: {error}") from None


def parse_position(connection: Connection, name: str, text: str, least: int = 1) -> int:
    """A log position, which has been reached. Raises Problem."""
    position, top = read_position(text), EventLog.within(connection).head()
    if position is None:
        raise bad_request("malformed_instant", f"{name}: {text!r} is not a log position: expected one such as @4711")
    if position < least:
        raise bad_request("malformed_instant", f"{name}: the log's positions begin with @1")
    if position > top:
        raise bad_request("beyond_head", f"{name} {text[:40]} is beyond the head of the log, which is {top}")
    return position


def parse_known_at(connection: Connection, text: str | None) -> int | None:
    """A log position (`@4711`, or 4711), or an instant. Raises Problem: neither, or beyond the head."""
    if not text:
        return None
    if read_position(text) is not None or text.startswith("@"):
        return parse_position(connection, "known_at", text, least=0)
    try:
        return EventLog.within(connection).position_at(read_time(text))
    except MalformedInstant as error:
        raise bad_request("malformed_instant", f"known_at: {error}, or a log position such as @4711") from None


class Overtaken(Exception):
    """the log has gone on since its head was seen last"""


def moment(
    connection: Connection, as_of: str | None, known_at: str | None, supposed: int = 0, heard: int = 0
) -> Moment:
    """Raises Problem. `supposed`: what the log's head is taken to be; `heard`: what it is, as far as anybody has been
    told; 0: it is asked for."""
    instant = parse_as_of(connection, as_of)
    position = parse_known_at(connection, known_at)
    if position is None and supposed:
        position = supposed
    if position is None and instant is None:
        position, recorded = last_event(connection)
        instant = now_after(recorded)
    elif position is None:
        position = heard or EventLog.within(connection).head()
    return Moment(instant or now_at_least(connection), position, bool(supposed))


def stale(position: int, reached: int) -> Problem:
    return Problem(503, "not_caught_up", f"position {position} is not applied yet; this read model is at {reached}")
