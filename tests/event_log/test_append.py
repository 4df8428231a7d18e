"""Appending: gapless, conditional, whole batches; append-only at the database's hand; details can be forgotten."""

from __future__ import annotations

import hashlib

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import ProgrammingError

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.append_condition import Condition, QueryItem
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent, encoded
from erstwhile.domain.events import Body, Details
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import name_slot
from tests.support.given import ACCOUNT


def event(name: str, details: Details | None = None) -> NewEvent:
    body: Body = UserCreated(subject=Ref("user", name, f"AIDA{name}"))
    return NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body, details=details, salt=b"0123456789abcdef")


def taken(name: str, after: int) -> Condition:
    return Condition((QueryItem(("iam.UserCreated",), (name_slot(ACCOUNT, "user", name).text,)),), after)


def test_positions_are_gapless_and_a_condition_ignores_its_own_batch(any_database: Database) -> None:
    with any_database.connect() as connection:
        batch = [Append((event("a"), event("b")), taken("a", 0)), Append((event("A"),), taken("a", 0))]
        with connection.transaction():
            assert EventLog.within(connection).append_batch(batch) == [2, 3]
        with connection.transaction():
            assert EventLog.within(connection).append_batch(
                [Append((event("a"),), taken("a", 0)), Append((event("c"),))]
            ) == [None, 4]
        with connection.transaction():
            assert EventLog.within(connection).append_batch([Append((event("a"),), taken("a", 3))]) == [5]
        events = list(EventLog.within(connection).read_after(0, EventLog.within(connection).head()))
        assert [each.position for each in events] == [1, 2, 3, 4, 5]
        recorded = [each.recorded_at for each in events]
        assert recorded == sorted(set(recorded))
        assert all(each.occurred_at == each.recorded_at for each in events)
        assert [EventLog.within(connection).position_at(at) for at in recorded] == [1, 2, 3, 4, 5]
        assert EventLog.within(connection).find_event(events[2].event_id) == 3
        assert EventLog.within(connection).find_event(new_event_id()) is None


def test_a_rolled_back_append_leaves_no_gap(any_database: Database) -> None:
    with any_database.connect() as connection:
        connection.execute("BEGIN")
        assert EventLog.within(connection).append_batch([Append((event("a"),))]) == [1]
        connection.execute("ROLLBACK")
        with connection.transaction():
            assert EventLog.within(connection).append_batch([Append((event("b"),))]) == [1]


@pytest.mark.parametrize("statement", ["UPDATE event SET type = 'x'", "DELETE FROM event", "TRUNCATE event CASCADE",
                                       "UPDATE event_tag SET tag = 'x'", "DELETE FROM event_tag"])  # fmt: skip
def test_nobody_changes_the_log(any_database: Database, statement: str) -> None:
    with any_database.connect() as service, service.transaction():
        EventLog.within(service).append_batch([Append((event("a"),))])
    with any_database.connect() as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute(statement)
    with any_database.owner() as owner, pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        owner.execute(statement)


def test_details_are_apart_hashed_and_forgettable(any_database: Database) -> None:
    details = Details(source_ip="198.51.100.7", user_agent="curl", session="s")
    with any_database.connect() as connection:
        with connection.transaction():
            EventLog.within(connection).append_batch([Append((event("a", details),))])
        row = connection.execute("SELECT salt, details FROM event_details").fetchone()
        assert row is not None
        [stored] = EventLog.within(connection).read_after(0, 1)
        assert stored.envelope.details_sha256 == hashlib.sha256(row[0] + row[1].encode()).hexdigest()
        text = connection.execute("SELECT data::text FROM event").fetchone()
        assert text is not None and "198.51.100.7" not in text[0]
        connection.execute("DELETE FROM event_details WHERE position = 1")
        assert [each.position for each in EventLog.within(connection).read_after(0, 1)] == [1]


def test_details_need_a_salt() -> None:
    bare = msgspec.structs.replace(event("a", Details(source_ip="198.51.100.7")), salt=b"short")
    with pytest.raises(ValueError, match="salt"):
        encoded(Append((bare,)))


def test_a_log_within_a_connection_has_nothing_to_follow_over(database: Database) -> None:
    with database.connect() as connection, pytest.raises(ProgrammingError, match="connection string"):
        EventLog.within(connection).subscribe()
