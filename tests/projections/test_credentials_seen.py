"""What the activity says of credentials: when they were used, and which sessions they were given."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.database.migrating import MIGRATIONS
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.leavers.ways import Session
from erstwhile.projections.credential_uses import CredentialUses
from erstwhile.projections.sessions_given import SessionsGiven
from erstwhile.projections.sql import Connection
from erstwhile.projections.use import runs
from tests.support.imports import import_records
from tests.support.incidents import ADA, BOT_KEY, arn, assumes, call, makes_key, makes_user, session, user

BOT = user("bot", BOT_KEY)


def sign_in(name: str, error: str = "") -> dict[str, Any]:
    """A sign-in to the console with a password: CloudTrail has no access key of it."""
    who = {key: value for key, value in user(name, "").items() if key != "accessKeyId"}
    outcome = {"errorMessage": error} if error else {}
    return call(
        who, "09:00:00", "signin:ConsoleLogin", None, {"ConsoleLogin": "Failure" if error else "Success"}, **outcome
    )


READER = session("reader", "bot-1", "ASIAREADER0000000001")


def told(each: Session) -> tuple[str, str, str]:
    return each.access_key, each.name, each.expires_at.strftime("%H:%M") if each.expires_at is not None else ""


def test_uses_and_sessions_as_known_at_a_position(database: Database, tmp_path: Path) -> None:
    import_records(
        database, tmp_path,
        makes_user(ADA, "08:00:00", "bot"), makes_key(ADA, "08:00:02", "bot", BOT_KEY),
        *(call(BOT, clock, "s3:ListBuckets", read_only=True) for clock in ("09:00:00", "11:00:00", "10:00:00")),
        assumes(BOT, "12:00:00", "reader", "bot-1", "ASIAREADER0000000001", "13:00:00"),
        assumes(READER, "12:30:00", "writer", "chained", "ASIAWRITER0000000001", "13:30:00"),
        assumes(ADA, "12:40:00", "writer", "ada", "ASIAADA0000000000001", "13:40:00"),
    )  # fmt: skip
    with database.connect() as connection:
        known = EventLog.within(connection).head()
        uses = CredentialUses(connection, known).of_user(arn("user/bot"))
        assert uses[BOT_KEY] == [datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)]
        given = SessionsGiven(connection, known)
        both = [("ASIAREADER0000000001", "bot-1", "13:00"), ("ASIAWRITER0000000001", "chained", "13:30")]
        assert sorted(map(told, given.given_to([arn("user/bot")]))) == both
        assert sorted(map(told, given.called(["bot-1"]))) == both
        assert [each.name for each in given.called(["ada"])] == ["ada"]
        assert list(given.called(["bot_1"])) == []
        nothing_yet = SessionsGiven(connection, 0)
        assert not nothing_yet.given_to([arn("user/bot")]) and not nothing_yet.called(["bot-1"])
        assert CredentialUses(connection, 0).of_user(arn("user/bot")) == {}


OTHER = user("other", "AKIAOTHER00000000001")
NAMES = [arn("user/bot"), arn("user/other"), arn("user/nobody")]
IMPORTS: tuple[list[dict[str, Any]], ...] = (
    [
        dict(call(BOT, "09:00:00", "s3:ListBuckets"), eventTime="2026-01-30T09:00:00Z"),
        dict(call(BOT, "09:00:00", "s3:ListBuckets"), eventTime="2026-02-10T09:00:00Z"),
        dict(call(BOT, "09:00:00", "s3:GetObject", errorCode="AccessDenied"), eventTime="2026-02-05T08:00:00Z"),
        dict(call(BOT, "09:00:00", "s3:ListBuckets"), eventTime="2026-02-07T09:00:00Z"),
        dict(call(OTHER, "09:00:00", "s3:ListBuckets"), eventTime="2026-02-07T10:00:00Z"),
    ],
    [
        dict(call(BOT, "09:00:00", "s3:ListBuckets"), eventTime="2026-02-28T23:59:59Z"),
        dict(call(BOT, "09:00:00", "s3:ListBuckets"), eventTime="2026-03-01T00:00:00Z"),
        dict(sign_in("other"), eventTime="2026-03-02T07:00:00Z"),
        dict(sign_in("other"), eventTime="2026-03-20T07:00:00Z"),
        dict(sign_in("other"), eventTime="2026-03-11T07:00:00Z"),
        dict(sign_in("other", "Failed authentication"), eventTime="2026-03-25T07:00:00Z"),
    ],
)  # fmt: skip
BY_MONTH = (
    {arn("user/bot"): {BOT_KEY: ["01-30T09:00", "02-05T08:00", "02-10T09:00"]},
     arn("user/other"): {"AKIAOTHER00000000001": ["02-07T10:00"]}},
    {arn("user/bot"): {BOT_KEY: ["01-30T09:00", "02-05T08:00", "02-28T23:59", "03-01T00:00"]},
     arn("user/other"): {"AKIAOTHER00000000001": ["02-07T10:00"], "": ["03-02T07:00", "03-20T07:00"]}},
)  # fmt: skip
"""First and last use of each month, as known after each import."""
TAKING_OVER = (MIGRATIONS / "0030.first-use-of-keys.sql").read_text().partition("UPDATE")
FILLED = "".join(TAKING_OVER[1:]).partition("CREATE INDEX")[0]
STATES = {
    "as imported": "SELECT 1",
    "of the release before": "UPDATE key_last_use SET first_at = NULL WHERE run = (SELECT min(run) FROM call_use_run)",
    "taken over": FILLED,
    "all of the release before": "UPDATE key_last_use SET first_at = NULL",
    "all taken over": FILLED,
    "without rows of keys": "DELETE FROM key_last_use; UPDATE call_use_run SET has_keys = false",
    "one import not counted": "DELETE FROM call_use_import WHERE run = (SELECT max(run) FROM call_use_import)",
    "nothing counted": "DELETE FROM call_use_import; DELETE FROM call_use_run; DELETE FROM call_use",
}


@pytest.fixture
def months(database: Database, tmp_path: Path) -> tuple[Database, list[int]]:
    """A database with the imports, and the position after each."""
    positions = []
    for number, records in enumerate(IMPORTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        import_records(database, folder, *records)
        with database.connect() as connection:
            positions.append(EventLog.within(connection).head())
    return database, positions


def read_together(connection: Connection, known_at: int, apart: timedelta) -> dict[str, dict[str, list[str]]]:
    together = CredentialUses(connection, known_at)
    together.read(NAMES, apart)
    of_each = {
        name: {key: [f"{at:%m-%dT%H:%M}" for at in uses] for key, uses in together.of_user(name).items()}
        for name in NAMES
    }
    return {name: {key: list(dict.fromkeys(uses)) for key, uses in of.items()} for name, of in of_each.items() if of}


def read_by_month(connection: Connection, known_at: int, apart: timedelta) -> dict[str, dict[str, list[str]]]:
    """The first and the last use of each month; others between them make no difference."""
    found = read_together(connection, known_at, apart)
    for of in found.values():
        for key, uses in of.items():
            months = [list(those) for _, those in itertools.groupby(uses, lambda use: use[:2])]
            of[key] = [use for those in months for use in dict.fromkeys((those[0], those[-1]))]
    return found


def test_uses_by_many_are_read_by_month(months: tuple[Database, list[int]]) -> None:
    """However they were counted, and as known after each import."""
    database, positions = months
    with database.owner() as connection:
        for state, statements in STATES.items():
            for statement in statements.split(";"):
                if statement.strip():
                    connection.execute(statement)
            for known_at, expected in zip(positions, BY_MONTH, strict=True):
                assert read_by_month(connection, known_at, timedelta(days=31)) == expected, (state, known_at)
            assert read_by_month(connection, 0, timedelta(days=31)) == {}


def test_a_run_whose_imports_were_not_all_known(months: tuple[Database, list[int]]) -> None:
    database, positions = months
    with database.connect() as connection:
        runs.rebuild(connection)
        assert connection.execute("SELECT count(*) FROM call_use_run").fetchone() == (1,)
        for known_at, expected in zip(positions, BY_MONTH, strict=True):
            assert read_by_month(connection, known_at, timedelta(days=90)) == expected


def test_small_runs_that_become_one_keep_first_and_last(
    months: tuple[Database, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, positions = months
    monkeypatch.setattr(runs, "_MANY_RUNS", 2)
    with database.owner() as connection:
        runs._merge_small(connection)
        assert connection.execute("SELECT count(*) FROM call_use_run").fetchone() == (1,)
        connection.execute("DELETE FROM activity")
        assert read_by_month(connection, positions[-1], timedelta(days=90)) == BY_MONTH[-1]


def test_what_was_counted_needs_no_activity(months: tuple[Database, list[int]]) -> None:
    database, positions = months
    with database.owner() as connection:
        connection.execute("DELETE FROM activity")
        assert read_by_month(connection, positions[-1], timedelta(days=31)) == BY_MONTH[-1]
        assert read_by_month(connection, positions[-1], timedelta(days=30)) == {}


def test_where_a_day_makes_a_difference_uses_are_read_by_day(months: tuple[Database, list[int]]) -> None:
    database, positions = months
    with database.connect() as connection:
        by_day = read_together(connection, positions[-1], timedelta(days=30))
        assert by_day[arn("user/bot")][BOT_KEY] == [
            "01-30T09:00", "02-05T08:00", "02-07T09:00", "02-10T09:00", "02-28T23:59", "03-01T00:00"
        ]  # fmt: skip
        assert by_day[arn("user/other")][""] == ["03-02T07:00", "03-11T07:00", "03-20T07:00"]
        together = CredentialUses(connection, positions[-1])
        together.read(NAMES, timedelta(days=90))
        together.read(NAMES, timedelta(days=30))
        assert len(together.of_user(arn("user/bot"))[BOT_KEY]) == 6
