"""What the activity says of credentials: when they were used, and which sessions they were given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.leavers.ways import Session
from erstwhile.projections import credential_uses
from erstwhile.projections.credential_uses import CredentialUses
from erstwhile.projections.sessions_given import SessionsGiven
from tests.support.imports import import_records
from tests.support.incidents import ADA, BOT_KEY, arn, assumes, call, makes_key, makes_user, session, user

BOT = user("bot", BOT_KEY)
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


def test_uses_by_many_that_are_read_together(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_records(
        database, tmp_path,
        makes_user(ADA, "08:00:00", "bot"), makes_key(ADA, "08:00:02", "bot", BOT_KEY),
        *(call(BOT, clock, "s3:ListBuckets", read_only=True) for clock in ("09:00:00", "11:00:00", "10:00:00")),
        call(user("other", "AKIAOTHER00000000001"), "09:30:00", "s3:ListBuckets", read_only=True),
    )  # fmt: skip
    names = [arn("user/bot"), arn("user/other"), arn("user/nobody")]
    with database.connect() as connection:
        known = EventLog.within(connection).head()
        each_day = CredentialUses(connection, known)
        of_each = [each_day.of_user(name) for name in names]
        assert len(of_each[0][BOT_KEY]) == 2 and len(of_each[1]) == 1 and of_each[2] == {}
        together = CredentialUses(connection, known)
        together.read(names, timedelta(days=90))
        assert [together.of_user(name) for name in names] == of_each
        # What was read of each month is not enough where a day makes a difference.
        connection.execute("CREATE TEMPORARY TABLE activity AS SELECT * FROM activity")
        connection.execute("UPDATE activity SET occurred_at = occurred_at - interval '1 day' WHERE line % 2 = 0")
        monkeypatch.setattr(credential_uses, "activity_months", lambda _: [(date(2026, 3, 1), date(2026, 4, 1))])
        together = CredentialUses(connection, known)
        together.read(names, timedelta(days=31))
        of_month = [len(together.of_user(name).get(BOT_KEY, ())) for name in names]
        together.read(names, timedelta(days=30))
        of_days = [len(together.of_user(name).get(BOT_KEY, ())) for name in names]
        assert of_month == [2, 0, 0] and of_days == [3, 0, 0]
