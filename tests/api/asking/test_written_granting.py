"""Events that are told from columns are those that the log tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from erstwhile.api.asking.granting_events import GrantingEvents
from erstwhile.api.asking.written_granting import written_granting
from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.answer_ground import logged_events
from erstwhile.projections.columns import store
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.histories import at, attach, story
from tests.support.read_models import append, register


@pytest.fixture(autouse=True)
def few_rows_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LEAST", 1)


def told_by_log(connection: Connection, positions: list[int]) -> dict[int, bytes]:
    granting = GrantingEvents()
    found = granting.of({}, positions)
    with logged_events(connection, found.missing) as events:
        granting.add(found, events())
    return found.written


def test_they_are_those_of_the_log(database: Database, tmp_path: Path) -> None:
    projector, columns = Projector(database.connect), ColumnStore(database.connect, tmp_path / "columns")
    with database.connect() as connection:
        register(connection)
        append(connection, story(5))
        append(connection, [attach("eve", "B", at(50).replace("Z", ".000007Z"))])
        projector.catch_up()
        top = EventLog.within(connection).head()
        found = columns.history(top).granting
        assert found is not None
        opened = {int(each) for each in columns.history(top).stack[-1].segment.opened_by}
        positions = list(range(1, top + 2))
        written = written_granting(found, positions)
        assert written == {each: text for each, text in told_by_log(connection, positions).items() if each in opened}
        for each in positions:
            [told, of_log] = [{"granted_by": each} for _ in range(2)]
            GrantingEvents().of(told, columns=found).tell()
            in_log = GrantingEvents().of(of_log)
            with logged_events(connection, in_log.missing) as events:
                GrantingEvents().add(in_log, events())
            in_log.tell()
            assert told == (of_log if each in opened else {"granted_by": each})
        assert top in written and any(b".000007Z" in text for text in written.values())

        # What came since is in the log alone.
        append(connection, [attach("eve", "C", at(51))])
        projector.catch_up()
        later = columns.history(top + 1).granting
        granting = GrantingEvents().of({}, [top, top + 1], later)
        assert granting.missing == [top + 1]
        assert granting.written == {top: written[top]}
    columns.close()
    projector.close()


def test_where_no_file_is_kept_all_is_in_the_log(database: Database) -> None:
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    with database.connect() as connection:
        register(connection)
        append(connection, story(5))
        projector.catch_up()
        assert columns.history(EventLog.within(connection).head()).granting is None
    columns.close()
    projector.close()
