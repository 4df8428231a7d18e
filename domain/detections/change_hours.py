"""The hours of a day, in UTC, in which changes are expected: `08:00-18:00`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from msgspec import Struct

from erstwhile.domain.vocabulary.malformed import MalformedInput

_FORM = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)$")


class MalformedHours(MalformedInput):
    """The text says no hours."""


class ChangeHours(Struct, frozen=True):
    """From `begin` until `end`, which is not in it; over midnight where `end` comes first."""

    begin: time
    end: time

    def has(self, at: datetime) -> bool:
        clock = at.astimezone(UTC).time()
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


def parse_hours(text: str) -> ChangeHours:
    """The hours of `HH:MM-HH:MM`. Raises MalformedHours."""
    found = _FORM.match(text)
    if found is None:
        raise MalformedHours(f"change hours are written as 08:00-18:00 (UTC), not {text!r}")
    begin, end = text.split("-")
    if begin == end:
        raise MalformedHours(f"change hours end at another time than they begin: {text!r}")
    return ChangeHours(time.fromisoformat(begin), time() if end == "24:00" else time.fromisoformat(end))
