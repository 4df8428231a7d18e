"""The date that a file of a report says it was made at: always the same one, so that a report can be issued again."""

from __future__ import annotations

from datetime import UTC, datetime

from erstwhile.domain.reports.report import Header

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def stamp_of(header: Header) -> datetime:
    """When what the report reads was recorded; else the instant that it is about. Whole seconds, in UTC."""
    found = header.known_at or header.as_of or header.end or _NEVER
    return found.astimezone(UTC).replace(microsecond=0)
