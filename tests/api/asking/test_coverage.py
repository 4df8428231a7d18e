"""What an answer rests on: instants are compared as instants, however many digits they are written with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erstwhile.api.cli.render import granted
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, create_user

DAY = "2026-03-03T"
BEFORE, AFTER, GAP = (
    f"no records of {ACCOUNT} before",
    f"no records of {ACCOUNT} after",
    f"no records of {ACCOUNT} from",
)


@pytest.fixture
def service(database: Database) -> Iterator[ReadingRuntime]:
    service = ReadingRuntime(database)
    yield service
    service.close()


def told(service: ReadingRuntime, as_of: str) -> list[str]:
    notes: list[str] = service.questions.who_can("s3:GetObject", "*", as_of=as_of)["coverage"]["notes"]
    return [kind for note in notes for kind in (BEFORE, AFTER, GAP) if note.startswith(kind)]


@pytest.mark.parametrize(
    ("first", "last", "instants"),
    [
        (
            "12:00:00Z",
            "15:00:05.25Z",
            {
                "11:59:59.999999Z": [BEFORE], "12:00:00Z": [], "12:00:00.000001Z": [], "12:00:00.5Z": [],
                "12:59:59.999999Z": [], "13:00:00Z": [GAP], "13:00:00.5Z": [GAP], "14:59:59.999999Z": [GAP],
                "15:00:00Z": [], "15:00:00.1Z": [], "15:00:05Z": [], "15:00:05.25Z": [], "15:00:05.250000Z": [],
                "15:00:05.250001Z": [AFTER], "15:00:05.3Z": [AFTER], "15:00:06Z": [AFTER],
            },
        ),
        (
            "12:00:00.5Z",
            "12:00:05Z",
            {
                "12:00:00Z": [BEFORE], "12:00:00.49Z": [BEFORE], "12:00:00.5Z": [], "12:00:01Z": [],
                "12:00:05Z": [], "12:00:05.000001Z": [AFTER],
            },
        ),
    ],
)  # fmt: skip
def test_what_is_before_between_and_after_the_records(
    service: ReadingRuntime, tmp_path: Path, first: str, last: str, instants: dict[str, list[str]]
) -> None:
    import_records(service.database, tmp_path, create_user("eve", "AIDA1", DAY + first),
                   create_user("bob", "AIDA2", DAY + last))  # fmt: skip
    found = {instant: told(service, DAY + instant) for instant in instants}
    assert found == instants


def test_a_gap_is_told_of_however_many_come_before_it(service: ReadingRuntime, tmp_path: Path) -> None:
    records = [
        create_user(f"u{day}-{hour}", f"AIDA{day}{hour}", f"2026-03-{day:02}T{hour:02}:00:00Z")
        for day in range(1, 6)
        for hour in range(0, 24, 4)
    ]
    import_records(service.database, tmp_path, *records)
    [account] = service.questions.who_can("s3:GetObject", "*", as_of="2026-03-05T18:30:00Z")["coverage"]["accounts"]
    assert (len(account["gaps"]), account["gaps_in_all"]) == (20, 29)
    assert told(service, "2026-03-05T18:30:00Z") == [GAP]


def test_what_changed_later_in_the_same_second_is_told_of(service: ReadingRuntime, tmp_path: Path) -> None:
    import_records(service.database, tmp_path, create_user("eve", "AIDA1", DAY + "12:00:00.75Z"))
    notes = service.questions.who_can("s3:GetObject", "*", as_of=DAY + "12:00:00.25Z")["coverage"]["notes"]
    assert any("changed within this second" in note for note in notes)


def test_the_later_of_two_events_is_shown_whatever_its_digits() -> None:
    def event(second: str, actor: str) -> dict[str, str]:
        return {"occurred_at": DAY + second, "actor": actor, "action": "iam:PutUserPolicy", "event": ""}

    for earlier, later in (("12:00:00Z", "12:00:00.5Z"), ("12:00:00.5Z", "12:00:01Z"), ("12:00:00.25Z", "12:00:00.5Z")):
        for names in (("granted", "defined"), ("defined", "granted")):
            found = granted(dict(zip(names, (event(earlier, "eve"), event(later, "ada")), strict=True)))
            assert "ada" in found and "eve" not in found
