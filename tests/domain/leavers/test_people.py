"""The list of people: what it may look like, and what is said of one that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from erstwhile.domain.leavers.people import MalformedPeople, read_people

LIST = "person,left_at,user\nGrace Höpper,2026-06-15,grace;arn:aws:iam::111122223333:user/g\n"


def test_a_list() -> None:
    [person] = read_people(LIST)
    assert (person.name, person.users) == ("Grace Höpper", ("grace", "arn:aws:iam::111122223333:user/g"))
    assert person.left_at == datetime(2026, 6, 16, tzinfo=UTC)  # the end of that day


def test_other_headings_and_separators() -> None:
    [person] = read_people("Name;Left on;E-Mail\nAda;2026-06-15T17:00:00+02:00;ada@acme.example\n")
    assert (person.sessions, person.left_at) == (("ada@acme.example",), datetime(2026, 6, 15, 15, tzinfo=UTC))


WRONG = {
    "columns": ("persn,left_at\nGrace,2026-06-15\n", r"person, user or session are missing; .*'persn' may be person"),
    "empty": ("", "the first line has nothing"),
    "nobody": ("person,left_at,user\n\n", "no people"),
    "instant": ("person,left_at,user\nGrace,15.6.2026,grace\n", "line 2: '15.6.2026' is no instant: expected 2026-06"),
    "no name": ("person,left_at,user\n,2026-06-15,grace\n", "line 2: the person is missing"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_list_that_cannot_be_read_says_why(text: str, message: str) -> None:
    with pytest.raises(MalformedPeople, match=message):
        read_people(text)
