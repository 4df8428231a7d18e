"""Late events that merely name a group, over the log of a database: a few of the group's events are read for them."""

from __future__ import annotations

from datetime import timedelta

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.projector import Projector
from tests.support.histories import at
from tests.support.read_models import ALL_CHANGES, ALL_FACTS, append, rebuilt, register, rows
from tests.support.records import ACCOUNT, create_user, record

PLACES = "SELECT ctid::text, xmin::text FROM fact WHERE kind = 'group' ORDER BY 1"
GROUP = f"name:{ACCOUNT}/group/team"


def joins(name: str, second: int) -> dict[str, object]:
    return record("AddUserToGroup", {"groupName": "team", "userName": name}, at=at(second)) | {"eventID": f"j{second}"}


def test_the_group_of_a_late_member_stays_as_it_is(database: Database) -> None:
    projector = Projector(database.connect)
    group = {"groupName": "team", "groupId": "AGPATEAM", "arn": f"arn:aws:iam::{ACCOUNT}:group/team", "path": "/"}
    with database.connect() as connection:
        register(connection)
        append(connection, [record("CreateGroup", {"groupName": "team"}, {"group": group}, at=at(1))])
        append(connection, [create_user(name, f"AIDA{name}", at(2)) for name in ("eve", "bob")])
        append(connection, [joins("eve", 5), joins("bob", 8)])
        projector.catch_up()
        before = connection.execute(PLACES).fetchall()
        append(connection, [joins("bob", 4)])
        projector.catch_up()
        assert connection.execute(PLACES).fetchall() == before
        live = [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES)]
        for name in ("history", "audit"):
            rebuilt(projector, database.connect, name)
        assert [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES)] == live
    projector.close()


def test_some_events_of_a_slot_are_read(database: Database) -> None:
    with database.connect() as connection:
        register(connection)
        append(connection, [joins("eve", 5), create_user("bob", "AIDAbob", at(5)), joins("bob", 8), joins("cyd", 9)])
        log = EventLog.within(connection)
        head = log.head()
        instant = parse_instant(at(5))
        found = log.read_around([GROUP], [instant, instant + timedelta(hours=1)], [head], head)
        assert [each.position for each in found] == [head - 3, head]
        assert [each.position for each in log.read_around([GROUP], [instant], [head], head - 1)] == [head - 3]
        assert log.read_around([f"{GROUP}s"], [instant], [head], head) == []
