"""Complete listings and the read models: rebuilding yields equal rows, booting from rows equals the fold."""

from __future__ import annotations

import random

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.principals import EntityListed
from erstwhile.domain.replay import Replayer
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.boot import boot_engine
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.histories import at, attach, story
from tests.support.read_models import ALL_CHANGES, ALL_FACTS, CLOCKS, OVERLAPS, append, rebuilt, register, rows, state
from tests.support.records import ACCOUNT, create_user


def take_listing(connection: Connection, when: str, users: list[str]) -> None:
    bodies: list[Body] = [SnapshotTaken(sha256="", complete=True, baseline=True, entities=len(users))]
    bodies += [EntityListed(subject=Ref("user", *user.split("="))) for user in users]
    events = tuple(
        NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body, occurred_at=parse_instant(when),
                 source="snapshot",
                 evidence=f"{when}{number}")
        for number, body in enumerate(bodies)
    )  # fmt: skip
    with connection.transaction():
        EventLog.within(connection).append_batch([Append(events)])


@pytest.mark.parametrize("seed", range(4))
def test_rows_and_boots_are_as_the_fold_has_it(database: Database, seed: int) -> None:
    chance, projector, columns = random.Random(seed), Projector(database.connect), ColumnStore(database.connect)
    with database.connect() as connection, database.connect() as booting:
        register(connection)
        records = story(seed + 20, 40)
        for begin in range(0, len(records), 5):
            append(connection, records[begin : begin + 5])
            if chance.random() < 0.5:
                projector.catch_up()
            if chance.random() < 0.5:
                take_listing(connection, at(chance.randrange(40)), chance.sample(["eve", "bob", "carl"], 2))
            if chance.random() < 0.5:
                projector.catch_up()
        projector.catch_up()
        booted, position = boot_engine(booting, columns.history)
        for more in (story(seed + 50, 6), story(seed + 60, 6)):
            append(connection, more)
            take_listing(connection, at(chance.randrange(40)), ["eve"])
        top = EventLog.within(connection).head()
        booted.apply_all(list(EventLog.within(connection).read_after(position, top)))
        folded = Replayer(lambda slots, upto: EventLog.within(booting).read_tagged(slots, upto))
        folded.apply_all(list(EventLog.within(connection).read_after(0, top)))
        assert state(booted) == state(folded)
        projector.catch_up()
        before = [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)]
        assert rows(connection, OVERLAPS) == []
        for name in ("history", "audit"):
            rebuilt(projector, database.connect, name)
        assert [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)] == before
    columns.close()
    projector.close()


def test_one_that_a_listing_has_by_another_name_is_one_after_a_boot_too(database: Database) -> None:
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    with database.connect() as connection, database.connect() as booting:
        register(connection)
        append(connection, [create_user("bob", "AIDABOB", at(5)), create_user("ada", "AIDAADA", at(5))])
        take_listing(connection, at(20), ["robert=AIDABOB", "ada=AIDAADA"])
        projector.catch_up()
        booted, position = boot_engine(booting, columns.history)
        append(connection, [attach("bob", "A", at(7))])
        take_listing(connection, at(30), ["robert=AIDABOB"])
        booted.apply_all(list(EventLog.within(connection).read_after(position, EventLog.within(connection).head())))
        folded = Replayer(lambda slots, upto: EventLog.within(booting).read_tagged(slots, upto))
        folded.apply_all(list(EventLog.within(connection).read_after(0, EventLog.within(connection).head())))
        assert state(booted) == state(folded)
        assert booted.directory.named(ACCOUNT, "user", "bob") is None
        assert booted.directory.named(ACCOUNT, "user", "ada") is None
        robert = booted.directory.named(ACCOUNT, "user", "robert")
        assert robert is not None and robert.id == "AIDABOB" and not robert.attached_policies
    columns.close()
    projector.close()
