"""Read models: rebuilding yields equal rows; booting from rows and following equals the fold; known_at holds."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.directory.writable_view import WritableView
from erstwhile.domain.event_log import codec
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import TYPE_NAMES, BareEvent, Body
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.policies import PolicyAttached, PolicyDetached
from erstwhile.domain.events.principals import Tagged, UserCreated, UserDeleted
from erstwhile.domain.replay import Replayer
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.boot import boot_engine
from erstwhile.projections.columns.current_facts import CurrentFacts
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.rebuild import UnknownReadModel, rebuild
from erstwhile.projections.sql import Connection
from tests.support.databases import Server
from tests.support.histories import at, kinds, life, moments, names, policies, story
from tests.support.read_models import ALL_CHANGES, ALL_FACTS, CLOCKS, OVERLAPS, append, rebuilt, register, rows, state
from tests.support.waiting import wait_until

GOVERNED = "222233334444"


@pytest.mark.parametrize("name", ["history", "audit"])
def test_rebuilding_yields_equal_rows(any_database: Database, name: str) -> None:
    projector = Projector(any_database.connect)
    with any_database.connect() as connection:
        register(connection)
        records = story(7)
        for begin in range(0, len(records), 7):
            append(connection, records[begin : begin + 7])
            projector.catch_up()
        before = [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)]
        assert rows(connection, OVERLAPS) == []
        indexes = connection.execute(
            "SELECT count(*) FROM pg_indexes WHERE tablename IN ('fact', 'audit_change')"
        ).fetchone()
        assert rebuilt(projector, any_database.connect, name) == EventLog.within(connection).head()
        assert [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)] == before
        assert (
            connection.execute("SELECT count(*) FROM pg_indexes WHERE tablename IN ('fact', 'audit_change')").fetchone()
            == indexes
        )
        append(connection, story(8, 10))
        projector.catch_up()
    projector.close()


def commanded(seed: int, length: int) -> list[Body]:
    """What happens in an account under commands, in any order that its preconditions allow."""
    chance = random.Random(seed)
    users: dict[str, Ref] = {}
    told: list[Body] = []
    for number in range(length):
        name = chance.choice(["ada", "bob", "cyd"])
        user = users.get(name)
        if user is None:
            user = users[name] = Ref("user", name, f"AIDA{number}")
            told.append(UserCreated(subject=user, arn=f"arn:aws:iam::{GOVERNED}:user/{name}", tags={"team": "a\tb"}))
            continue
        policy = f"arn:aws:iam::{GOVERNED}:policy/p{chance.randrange(3)}"
        match chance.randrange(4):
            case 0:
                told.append(PolicyAttached(subject=user, policy_arn=policy))
            case 1:
                told.append(PolicyDetached(subject=user, policy_arn=policy))
            case 2:
                told.append(Tagged(subject=user, tags={"team": str(chance.randrange(3)), "back\\slash": "line\nend"}))
            case _:
                del users[name]
                told.append(UserDeleted(subject=user))
    return told


def test_an_account_under_commands_rebuilds_equal(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside an observed one, whose late events are folded anew in between."""
    projector = Projector(database.connect)
    with database.connect() as connection:
        register(connection)
        mode = NewEvent(event_id=new_event_id(), account=GOVERNED, body=AccountRegistered(mode="governed"))
        EventLog.within(connection).append_batch([Append((mode,))])
        mirrored = story(9, 40)
        for number, body in enumerate(commanded(9, 200)):
            EventLog.within(connection).append_batch(
                [Append((NewEvent(event_id=new_event_id(), account=GOVERNED, body=body),))]
            )
            if number % 5 == 0:
                append(connection, [mirrored[number // 5]])
            if number % 30 == 0:
                projector.catch_up()
        projector.catch_up()
        before = [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)]
        assert rows(connection, OVERLAPS) == []
        assert sum(GOVERNED in line for line in before[0]) > 100
        for name in ("history", "audit"):
            rebuilt(projector, database.connect, name)
        assert [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)] == before
        assert_folds_alike(connection, set())
        monkeypatch.setitem(codec.UPCASTERS, "iam.Tagged", {})
        assert_folds_alike(connection, {"iam.Tagged"})
    projector.close()


def assert_folds_alike(connection: Connection, several_forms: set[str]) -> None:
    """What is read to be folded makes the Directory that the whole events make."""
    log = EventLog.within(connection)
    top, folds = log.head(), []
    for events in (list(log.read_after(0, top)), list(log.read_for_replay(0, top))):
        engine = Replayer(lambda slots, upto: EventLog.within(connection).read_tagged(slots, upto))
        engine.apply_all(events)
        folds.append(state(engine))
        commanded_events = [event for event in events if event.account == GOVERNED]
        light = {TYPE_NAMES[type(event.body)] for event in commanded_events if isinstance(event, BareEvent)}
        every = {TYPE_NAMES[type(event.body)] for event in commanded_events}
        assert light == (set() if len(folds) == 1 else every - several_forms - {"iam.AccountRegistered"})
    assert folds[0] == folds[1] and len(folds[0]) > 10


def test_who_may_not_drop_indexes_rebuilds_with_them(any_database: Database) -> None:
    """An operator may give the service a login of its own that owns nothing."""
    role = f"plain_{uuid.uuid4().hex[:12]}"
    with any_database.owner() as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN IN ROLE erstwhile_service")
        register(owner)
        append(owner, story(3))
    dsn = make_conninfo(any_database.owner_dsn, user=role)

    def plain() -> Connection:
        return psycopg.connect(dsn, autocommit=True)

    projector = Projector(plain)
    try:
        projector.catch_up()
        with any_database.connect() as connection:
            before = [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)]
            for name in ("history", "audit"):
                assert rebuilt(projector, plain, name) == EventLog.within(connection).head()
            assert [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)] == before
            assert before[0] and before[1]
    finally:
        projector.close()
        with any_database.owner() as owner:
            owner.execute(f"DROP ROLE {role}")


def test_there_is_no_such_read_model(database: Database) -> None:
    with pytest.raises(UnknownReadModel, match="history, audit"):
        rebuild(database.connect, "histroy")


def test_one_projector_is_elected(database: Database) -> None:
    first, second = Projector(database.connect), Projector(database.connect)
    assert first.catch_up()
    assert not second.catch_up()
    first.close()
    wait_until(second.catch_up)  # the server sees the end of a connection in its own time
    second.close()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.tuples(kinds, names, policies, moments), min_size=1, max_size=12), cut=st.integers(0, 12))
@example(  # a row that still holds begins where one of no length began
    steps=[("rename", "bob", "A", at(1)), ("rename", "bob", "A", at(1)), ("delete", "bob", "A", at(0))], cut=3
)
def test_booting_from_rows_and_following_equals_the_fold(embedded_server: Server, steps: list[Any], cut: int) -> None:
    database = embedded_server.fresh()
    records = [life(kind, name, policy, when, number) for number, (kind, name, policy, when) in enumerate(steps)]
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    past = Past(columns)
    with database.connect() as connection, database.connect() as booting:
        register(connection)
        append(connection, records[:cut])
        projector.catch_up()
        booted, position = boot_engine(booting, past.history)
        append(connection, records[cut:])
        top = EventLog.within(connection).head()
        booted.apply_all(list(EventLog.within(connection).read_after(position, top)))
        folded = Replayer(lambda slots, upto: EventLog.within(booting).read_tagged(slots, upto))
        folded.apply_all(list(EventLog.within(connection).read_after(0, top)))
        assert state(booted) == state(folded)
        # The Directory of now, from history rows, is the same again; and so is that of every position.
        projector.catch_up()
        present = past.present(top)
        for account, kind in {entity.key[:2] for entity in folded.directory.all()}:
            goes_on = WritableView(CurrentFacts(past.history(top)), top)
            assert goes_on.count(account, kind) == folded.directory.count(account, kind)
            assert goes_on.names_in_order(account, kind) == folded.directory.names_in_order(account, kind)
            for source in (goes_on.source, past.history(top)):
                own = [key for key in source.of_kind(kind) if key[0] == account]
                assert own and list(source.of_kind(kind, account)) == own
            for attribute in ("attached", "member_of"):
                expected_items = folded.directory.links.targets(account, attribute)
                assert sorted(goes_on.links.targets(account, attribute)) == sorted(expected_items)
        assert {each.key: each.facts for each in present.all()} == {
            each.key: each.facts for each in folded.directory.all() if each.facts
        }
        now = past.directory(datetime.now(UTC), top)
        assert sorted(entity.key for entity in now.all()) == sorted(
            key for key, entity in folded.directory.entities.items() if entity.facts
        )
        for known in range(1, top + 1):
            then = Replayer(lambda slots, upto: EventLog.within(booting).read_tagged(slots, upto))
            then.apply_all(list(EventLog.within(connection).read_after(0, known)))
            expected = {fact[:5]: fact[5].value for fact in then.directory.facts()}
            held = past.directory(datetime.now(UTC), known).facts()
            assert {fact[:5]: fact[5].value for fact in held} == expected
        assert rows(connection, OVERLAPS) == []
    columns.close()
    projector.close()
    embedded_server.drop(database)


def test_the_whole_log_of_the_real_records_rebuilds_equal(database: Database, shared: Path) -> None:
    from erstwhile.api.imports.cloudtrail import CloudTrailImporter
    from erstwhile.api.imports.files import find_files

    files = find_files([shared / "cloudtrail"])
    random.Random(5).shuffle(files)
    projector = Projector(database.connect)
    with database.connect() as connection:
        importer = CloudTrailImporter(connection)
        for path in files:
            importer.import_files([path])
            projector.catch_up()
        before = [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES)]
        rebuilt(projector, database.connect, "history")
        rebuilt(projector, database.connect, "audit")
        assert [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES)] == before
    projector.close()
