"""The events behind changes are told while the database reads the next ones."""

from __future__ import annotations

from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.database.database import Database


def test_one_that_was_read_does_not_wait_for_those_that_are_expected(story: Database) -> None:
    with story.connect() as connection:
        first, second = sorted(row[0] for row in connection.execute("SELECT position FROM audit").fetchall())[:2]
        told, status = ToldEvents(connection), connection.info
        told.read([first])
        told.expect([second])
        assert told.get(first) is not None and told.get(0) is None
        assert status.transaction_status.name == "ACTIVE"
        assert told.get(second) is not None
        assert status.transaction_status.name == "IDLE"
