"""What the activity says of credentials: when they were used, and which sessions they were given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.leavers.ways import Session
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
