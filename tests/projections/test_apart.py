"""An event that cannot be read, applied or stored is set apart: said everywhere, and everything else goes on."""

from __future__ import annotations

import random
import uuid
from contextlib import closing
from typing import Any, Literal

import orjson
import psycopg
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.principals import Tagged, UserCreated
from erstwhile.domain.evolve.handlers import EVOLVE
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.projector import Projector
from erstwhile.projections.rebuild import rebuild
from erstwhile.projections.set_apart import noted
from erstwhile.projections.sql import Connection
from tests.support.waiting import wait_until

ACCOUNT = "111122223333"
USERS = ["ann", "bob", "eve", "zoe"]


def registered(connection: Connection, mode: Literal["governed", "observed"] = "observed") -> None:
    body = AccountRegistered(mode=mode)
    EventLog.within(connection).append_batch([Append((NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body),))])


def created(name: str, unique_id: str = "", at: int = 0) -> NewEvent:
    body = UserCreated(subject=Ref("user", name, unique_id or f"AIDA{name.upper()}"))
    instant = parse_instant(f"2026-03-03T12:00:{at:02}Z")
    return NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body, occurred_at=instant, source="cloudtrail")


def from_the_future(owner: Connection) -> int:
    """An event of a type that a later release wrote."""
    position = EventLog.within(owner).head() + 1
    owner.execute(
        "INSERT INTO event VALUES (%s, %s, now(), now(), 'iam.Teleported', %s, ARRAY['name:x'], '{\"body\": {}}')",
        (position, uuid.uuid4(), ACCOUNT),
    )
    owner.execute("INSERT INTO event_tag VALUES ('name:x', 'iam.Teleported', %s)", (position,))
    return position


def users(service: FollowingRuntime) -> list[str]:
    with service.directory("2026-03-03T13:00:00Z") as (then, _):
        past = sorted(each.name for each in then.of_kind("user"))
    with service.current.read() as now:
        assert sorted(each.name for each in now.of_kind("user")) == past
    return past


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody called eve can be created: a fault of this release."""
    before = EVOLVE[UserCreated]

    def evolve(recorder: Any, body: UserCreated) -> None:
        if body.subject.name == "eve":
            raise KeyError("eve")
        before(recorder, body)

    monkeypatch.setitem(EVOLVE, UserCreated, evolve)  # type: ignore[misc]


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("mode", ["observed", "governed"])
def test_an_event_that_cannot_be_applied(database: Database, mode: Literal["governed", "observed"]) -> None:
    """In the order of time, late (when its slot is folded anew), and beside others of its batch."""
    with database.connect() as connection:
        registered(connection, mode)
        EventLog.within(connection).append_batch(
            [Append(tuple(created(name, at=9 - at) for at, name in enumerate(USERS)))]
        )
        late = NewEvent(
            event_id=new_event_id(), account=ACCOUNT, body=Tagged(subject=Ref("user", "eve", "AIDAEVE"),
                tags={"a": "b"}),
            occurred_at=parse_instant("2026-03-03T11:00:00Z"), source="cloudtrail",
        )  # fmt: skip
        EventLog.within(connection).append_batch([Append((late,))])
    service = FollowingRuntime(database)
    try:
        # What is known of eve beside her creation is known, as of one whose creation nobody saw.
        assert users(service) == USERS
        status = service.questions.status()
        assert status["set_apart"]["count"] == 1
        [told] = status["set_apart"]["events"]
        assert (told["event"], told["account"], told["position"]) == ("iam.UserCreated", ACCOUNT, 4)
        assert "KeyError" in told["reason"]
        notes = service.questions.who_can("s3:GetObject", "*")["coverage"]["notes"]
        assert any("1 event" in note and "4" in note for note in notes)
        assert service.current.apart.keys() == {4}
    finally:
        service.close()


def test_a_release_goes_back_and_forth(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of a later release are set apart, also the last of the log; a rebuild by one that knows them has them."""
    with database.owner() as owner:
        registered(owner)
        EventLog.within(owner).append_batch([Append((created("ann"),))])
        strange = from_the_future(owner)
        EventLog.within(owner).append_batch([Append((created("bob", at=1),))])
        last = from_the_future(owner)
        service = FollowingRuntime(database)
        try:
            assert users(service) == ["ann", "bob"]
            assert set(noted(owner)) == {strange, last} and service.current.position == last
            after = EventLog.within(owner).append_batch([Append((created("zoe", at=2),))])[-1]
            assert after is not None
            service.present.wait_for(after)
            end = from_the_future(owner)
            owner.execute("SELECT pg_notify('erstwhile_event', %s)", (str(end),))
            service.present.wait_for(end)
            assert users(service) == ["ann", "bob", "zoe"]
        finally:
            service.close()
        assert rebuild(database.connect, "history") == end
        assert set(noted(owner)) == {strange, last, end}


def test_rows_that_the_database_does_not_take(database: Database) -> None:
    """An id that no index takes: the events beside it are projected one by one."""
    chance = random.Random(1)
    endless = "".join(chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(9_000))
    with database.connect() as connection:
        registered(connection)
        EventLog.within(connection).append_batch(
            [Append((created("ann"), created("eve", endless, 1), created("zoe", at=2)))]
        )
        projector = Projector(database.connect)
        assert projector.catch_up()
        found = connection.execute("SELECT DISTINCT entity FROM fact WHERE kind = 'user'").fetchall()
        assert {row[0] for row in found} == {"AIDAANN", "AIDAZOE"}
        [(position, reason)] = noted(connection).items()
        assert position == 3 and reason
        EventLog.within(connection).append_batch([Append((created("bob", at=3),))])
        assert projector.catch_up()
        projector.close()


def test_a_name_longer_than_any(database: Database) -> None:
    """The log takes it, under a tag of its digest; the fold does not."""
    with database.connect() as connection:
        registered(connection)
        EventLog.within(connection).append_batch([Append((created("n" * 6_000), created("zoe", at=2)))])
        projector = Projector(database.connect)
        assert projector.catch_up()
        projector.close()
        assert list(noted(connection)) == [2]


def test_a_database_that_is_the_cause_is_no_reason_to_set_anything_apart(database: Database) -> None:
    with database.owner() as owner:
        registered(owner)
        EventLog.within(owner).append_batch([Append((created("ann"),))])
        owner.execute("ALTER TABLE fact RENAME TO elsewhere")
        projector = Projector(database.connect)
        with pytest.raises(psycopg.Error):
            projector.catch_up()
        owner.execute("ALTER TABLE elsewhere RENAME TO fact")
        owner.execute("REVOKE INSERT ON fact FROM erstwhile_service, erstwhile_projector")
        with pytest.raises(psycopg.Error):
            projector.catch_up()
        owner.execute("GRANT INSERT ON fact TO erstwhile_service, erstwhile_projector")
        wait_until(projector.catch_up)
        projector.close()
        assert noted(owner) == {}


def test_a_start_depends_on_no_read_model(database: Database) -> None:
    """Even without its table: the log has all, and what needs history says that it is not there."""
    with database.owner() as owner:
        registered(owner)
        EventLog.within(owner).append_batch([Append((created("ann"),))])
        owner.execute("ALTER TABLE fact RENAME TO elsewhere")
        service = FollowingRuntime(database)
        try:
            with service.current.read() as now:
                assert [each.name for each in now.of_kind("user")] == ["ann"]
            assert service.projecting.failure is not None
        finally:
            service.close()
        owner.execute("ALTER TABLE elsewhere RENAME TO fact")


def test_what_is_noted_is_plain(database: Database) -> None:
    with closing(ReadingRuntime(database)) as service:
        assert orjson.dumps(service.questions.status()["set_apart"]) == b'{"count":0,"events":[]}'
