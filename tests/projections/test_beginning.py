"""The first instant of which anything is known: what is kept says the same as what is looked up anew."""

from __future__ import annotations

from pathlib import Path

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.beginning import KnownBeginning
from tests.support.imports import import_records
from tests.support.records import create_user


def test_it_follows_records_that_come_late_and_answers_what_was_known_then(database: Database, tmp_path: Path) -> None:
    kept = KnownBeginning()
    heads = []
    with database.connect() as connection:
        assert kept.at(connection, 0) is None
        for name, at in (("ada", "2026-03-05"), ("bob", "2026-03-09"), ("cyd", "2026-03-01"), ("dan", "2026-03-07")):
            import_records(database, tmp_path, create_user(name, f"AIDA{name}", f"{at}T12:00:00Z"))
            heads.append(EventLog.within(connection).head())
            kept.at(connection, heads[-1])
        told = [kept.at(connection, head) for head in heads]
        assert [each and each.day for each in told] == [5, 5, 1, 1]
        assert told == [KnownBeginning().at(connection, head) for head in heads]
