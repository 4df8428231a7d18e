"""When the columns ask the database: for what they have not seen yet, and whether the rows were made anew."""

from __future__ import annotations

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.histories import at, attach, story
from tests.support.read_models import append, register

PATIENCE = 3600.0


def test_what_came_is_seen_at_once_and_what_was_made_anew_in_time(database: Database) -> None:
    opened: list[Connection] = []

    def connect() -> Connection:
        opened.append(database.connect())
        return opened[-1]

    projector, columns = Projector(database.connect), ColumnStore(connect)
    with database.connect() as connection:
        register(connection)
        append(connection, story(5, 10))
        projector.catch_up()
        top = EventLog.within(connection).head()
        first = columns.history(top, PATIENCE)
        opened[0].close()
        assert columns.history(top, PATIENCE).stack is first.stack
        assert columns.history(1, PATIENCE).stack is first.stack
        assert len(opened) == 1
        assert columns.history(top).stack is first.stack
        assert len(opened) == 2, "it was asked whether the rows were made anew"
        append(connection, [attach("eve", "B", at(50))])
        projector.catch_up()
        assert columns.history(top + 1, PATIENCE).stack is not first.stack
        connection.execute("INSERT INTO checkpoint VALUES ('history.rebuilt', 7)")
        before = columns.history(top + 1, PATIENCE).stack
        assert columns.history(top + 1).stack[-1].segment is not before[-1].segment
    columns.close()
    projector.close()
