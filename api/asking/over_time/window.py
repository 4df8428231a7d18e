"""From when until when a question asks, known when."""

from __future__ import annotations

from datetime import datetime

import msgspec

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import parse_known_at, parse_time
from erstwhile.api.asking.times import EARLIEST
from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection


class AskedWindow(msgspec.Struct, frozen=True, kw_only=True):
    """[begin, end) as known at a log position. `notes` say what of it is not known at all."""

    begin: datetime
    end: datetime
    known_at: int
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"between {format_instant(self.begin)} and {format_instant(self.end)}"

    def json(self) -> dict[str, object]:
        return {"from": format_instant(self.begin), "to": format_instant(self.end), "known_at": self.known_at}


def asked_window(
    history: History, connection: Connection, begin: str | None, end: str | None, known_at: str | None
) -> AskedWindow:
    """From the first instant that anything is known of, until now, where nothing else is said.

    Raises Problem 400 for a window that ends before it begins, that has not come yet, or of which nothing is known.
    """
    position = parse_known_at(connection, known_at)
    head, now = history.head_and_now(connection)
    position = head if position is None else position
    first = history.beginning.at(connection, position)
    until = parse_time(connection, "to", end) or now
    since = parse_time(connection, "from", begin)
    if since is None:
        since = first if first is not None and first < until else until
        if first is None or first >= until:
            raise _nothing_known(first, "to", end or format_instant(until))
    if since > now:
        raise bad_request("future_window", f"from {begin} has not come yet")
    if until > now:
        raise bad_request("future_window", f"to {end} has not come yet: leave it out to ask until now")
    if since >= until:
        raise bad_request(
            "window_turned_around",
            f"from {format_instant(since)} is not before to {format_instant(until)}: a window begins before it ends",
        )
    if since < EARLIEST:
        raise bad_request("malformed_instant", f"from {begin} is before {EARLIEST.year}: nothing is known of that time")
    if first is None or until <= first:
        raise _nothing_known(first, "to", end or format_instant(until))
    notes = history.before_beginning(connection, since, position)
    return AskedWindow(begin=since, end=until, known_at=position, notes=notes)


def _nothing_known(first: datetime | None, name: str, text: str) -> Exception:
    if first is None:
        return bad_request("nothing_known", "nothing is known yet: no records were imported, and no account is here")
    return bad_request(
        "nothing_known", f"nothing is known before {format_instant(first)}, and the window ends earlier: {name} {text}"
    )
