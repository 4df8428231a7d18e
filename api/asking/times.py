"""Instants as calls and commands may name them, in the forms that can be read in one way only.

RFC 3339 with an offset; ISO 8601's extended date, or date and time, without one: those are in a zone that is known
(UTC, unless somebody asked for another). `erstwhile.api.cli.times` reads the other forms that people write.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant

_LOCAL = re.compile(r"^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?$", re.ASCII)
_POSITION = re.compile(r"^@?(\d+)$", re.ASCII)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""No question is about an earlier moment, and what is computed from one may leave the calendar."""
BEYOND = 10**18
"""A position that no log reaches, for more digits than can be counted."""
EXPECTED = "expected an instant such as 2023-07-10T12:26:00Z, 2023-07-10 12:26 or 2023-07-10 (UTC)"


def read_time(text: str, zone: tzinfo = UTC) -> datetime:
    """An instant. Raises MalformedInstant."""
    local = read_local(text)
    if local is not None:
        return placed(local, zone)
    try:
        return parse_instant(text)
    except MalformedInstant:
        raise MalformedInstant(f"{text[:60]!r} is not an instant: {EXPECTED}") from None


def read_local(text: str) -> datetime | None:
    """A date, or a date and time, without a zone; None for another form. Raises MalformedInstant (no such day)."""
    text = text.strip()
    if not _LOCAL.match(text):
        return None
    try:
        return datetime.fromisoformat(text[:26])
    except ValueError as error:
        raise MalformedInstant(f"{text!r} is not an instant: {error}") from None


def placed(local: datetime, zone: tzinfo) -> datetime:
    """The instant at which a zone's clocks show a time. Raises MalformedInstant where they never do, or do twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    try:
        shown = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)
        found = first.astimezone(UTC)
    except OverflowError:
        raise MalformedInstant(f"{local} is not an instant: it is beyond what can be counted") from None
    if shown != local:
        raise MalformedInstant(f"{local} does not exist in {zone}: clocks are put forward over it")
    if first.utcoffset() != second.utcoffset():
        raise MalformedInstant(f"{local} comes twice in {zone}: write {first.isoformat()} or {second.isoformat()}")
    return found


def read_position(text: str) -> int | None:
    """A log position: `@4602`, or 4602 where no instant is written so; None for anything else."""
    found = _POSITION.match(text.strip())
    return int(found[1]) if found and len(found[1]) <= 18 else BEYOND if found else None
