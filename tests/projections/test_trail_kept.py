"""The audit trail's rows after a late event: those that stay as they were are not written again."""

from __future__ import annotations

from erstwhile.api.database.database import Database
from erstwhile.projections.projector import Projector
from tests.support.histories import at, attach, detach
from tests.support.read_models import ALL_CHANGES, append, rebuilt, register, rows
from tests.support.records import create_user

PLACES = "SELECT ctid::text, position, changes::text FROM audit_change WHERE kind = 'user' ORDER BY position"


def test_a_late_event_writes_what_it_changes(database: Database) -> None:
    projector = Projector(database.connect)
    with database.connect() as connection:
        register(connection)
        append(connection, [create_user("eve", "AIDAeve", at(1), eventID="e1"), attach("eve", "A", at(2))])
        append(connection, [attach("eve", "B", at(4)), detach("eve", "A", at(6))])
        projector.catch_up()
        before = connection.execute(PLACES).fetchall()
        append(connection, [attach("eve", "B", at(3)) | {"eventID": "late"}])
        projector.catch_up()
        after = connection.execute(PLACES).fetchall()
        live = rows(connection, ALL_CHANGES)
        # The late event takes the place of the one that attached B before.
        assert len(before) == 4
        assert [each for each in before if each not in after] == [before[2]]
        assert [each[1] for each in after if each not in before] == [max(each[1] for each in after)]
        rebuilt(projector, database.connect, "audit")
        assert rows(connection, ALL_CHANGES) == live
    projector.close()
