"""The list of people from HR, as CSV: who left when, and by which names AWS knows them.

    person,left_at,user,session
    Grace Hopper,2026-06-15T17:00:00Z,grace;arn:aws:iam::111122223333:user/grace-admin,grace@example.com

`user` has names, ARNs or unique ids of IAM users; `session` the names of role sessions, as an identity provider gives
them; several are separated by semicolons. A date without a time means the end of that day, in UTC.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches

import msgspec

from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant
from erstwhile.domain.vocabulary.malformed import MalformedInput

_NAMES = {
    "person": ("person", "name", "employee", "who"),
    "left_at": ("left_at", "left", "left_on", "leaving_date", "termination_date", "last_day"),
    "user": ("user", "users", "user_name", "iam_user", "login"),
    "session": ("session", "sessions", "session_name", "email", "e-mail", "mail"),
}
"""Under which headings each column is found, in lower case."""


class MalformedPeople(MalformedInput):
    """not a list of people"""

    code = "malformed_people"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """`users`: names, ARNs or unique ids; `sessions`: names of sessions. `line`: of the file."""

    name: str
    left_at: datetime
    users: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    line: int = 0


def read_people(text: str) -> list[Person]:
    """Raises MalformedPeople, which names the line, or the columns that are missing."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    head = [each.strip() for each in next(rows, [])]
    places = _places(head)
    found = []
    for row in rows:
        if any(cell.strip() for cell in row):
            found.append(_person(row, places, rows.line_num))
    if not found:
        raise MalformedPeople("the list has no people: only a line of headings")
    return found


def _places(head: list[str]) -> dict[str, int]:
    lowered = [each.lower().replace(" ", "_") for each in head]
    places = {
        name: lowered.index(heading)
        for name, headings in _NAMES.items()
        if (heading := next((each for each in headings if each in lowered), ""))
    }
    missing = [name for name in ("person", "left_at") if name not in places]
    if "user" not in places and "session" not in places:
        missing.append("user or session")
    if missing:
        near = [
            f"{each!r} may be {found[0]}"
            for each in head
            for found in (get_close_matches(each.lower(), [name for names in _NAMES.values() for name in names], 1),)
            if found and each.lower() not in {name for names in _NAMES.values() for name in names}
        ]
        words = f"; {', '.join(near)}" if near else ""
        there = ", ".join(head) or "nothing"
        raise MalformedPeople(f"the columns {', '.join(missing)} are missing; the first line has {there}{words}")
    return places


def _person(row: list[str], places: dict[str, int], line: int) -> Person:
    def cell(name: str) -> str:
        place = places.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    users, sessions = tuple(_several(cell("user"))), tuple(_several(cell("session")))
    if not cell("person"):
        raise MalformedPeople(f"line {line}: the person is missing")
    return Person(
        name=cell("person"), left_at=_instant(cell("left_at"), line), users=users, sessions=sessions, line=line
    )


def _several(text: str) -> Iterator[str]:
    return (each.strip() for each in text.split(";") if each.strip())


def _instant(text: str, line: int) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    try:
        return parse_instant(text)
    except MalformedInstant:
        raise MalformedPeople(
            f"line {line}: {text!r} is no instant: expected 2026-06-15T17:00:00Z, or a date such as 2026-06-15"
        ) from None
