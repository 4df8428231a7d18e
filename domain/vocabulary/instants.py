"""Instants: aware datetimes in UTC. `BEFORE` means "before all records", `FOREVER` means "still true"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from erstwhile.domain.vocabulary.malformed import MalformedInput

BEFORE = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)

_RFC3339 = re.compile(
    r"^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?\s*(Z|z|[+-]\d\d:?\d\d)$",
    re.ASCII,
)
_CLOUDTRAIL_TEXT = ("%b %d, %Y %I:%M:%S %p", "%b %d, %Y, %I:%M:%S %p")


class MalformedInstant(MalformedInput):
    """not an instant"""

    code = "malformed_instant"


def parse_instant(text: str) -> datetime:
    """Parses RFC 3339 with an offset (`2023-07-10T12:26:00Z`); digits after microseconds are cut off.

    Raises MalformedInstant, whose message says what was expected.
    """
    match = _RFC3339.match(text.strip())
    if not match:
        raise MalformedInstant(
            f"{text[:60]!r} is not an instant: expected RFC 3339 with an offset, such as 2023-07-10T12:26:00Z"
        )
    day, minutes, seconds, fraction, offset = match.groups()
    micros = ((fraction or "") + "000000")[:6]
    zone = "+00:00" if offset in "Zz" else offset
    try:
        return datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}.{micros}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedInstant(f"{text!r} is not an instant: {error}") from None


def parse_aws_date(text: str) -> datetime:
    """Parses a date in the forms that AWS writes in records, snapshots and reports.

    `Jul 10, 2023 12:09:21 PM`, `Jul 10, 2023, 12:24:30 PM` (both UTC), and ISO 8601 with 0, 6 or 9 decimals.
    Raises MalformedInstant.
    """
    if text[:1].isalpha():
        for form in _CLOUDTRAIL_TEXT:
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise MalformedInstant(f"{text!r} is not a date in any form that AWS writes")
    return parse_instant(text)


def format_instant(instant: datetime) -> str:
    """Formats as RFC 3339 in UTC, with microseconds only where they are not zero. `BEFORE` is `-infinity`, `FOREVER` is
    `infinity`."""
    if instant == BEFORE:
        return "-infinity"
    if instant == FOREVER:
        return "infinity"
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return f"{instant.isoformat()[:-6]}Z"


def full_hour(instant: datetime) -> datetime:
    """The full hour at or before an instant."""
    return instant.replace(minute=0, second=0, microsecond=0)


def ceil_hour(instant: datetime) -> datetime:
    """The next full hour after an instant."""
    return full_hour(instant) + timedelta(hours=1)
