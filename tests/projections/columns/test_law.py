"""The law of the columns: a view of them at any instant, as known at any position, has the facts that SQL finds there;
followed, made anew and rebuilt alike."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.principals import EntityListed
from erstwhile.domain.policy.inputs.sources import said
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.databases import Server
from tests.support.histories import at, kinds, life, moments, names, policies, story
from tests.support.past import past_directory
from tests.support.read_models import append, rebuilt, register
from tests.support.records import ACCOUNT
from tests.support.same_directories import assert_same

BETWEEN = timedelta(milliseconds=500)


def take_listing(connection: Connection, when: str, users: list[tuple[str, str, str]]) -> None:
    """`users`: the name of each, its unique id, and when it was created, where these are told."""
    bodies: list[Body] = [SnapshotTaken(sha256="", complete=True, baseline=True, entities=len(users))]
    bodies += [EntityListed(subject=Ref("user", user, unique_id), created_at=date) for user, unique_id, date in users]
    events = tuple(
        NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body, occurred_at=parse_instant(when),
                 source="snapshot", evidence=f"{when}{number}")
        for number, body in enumerate(bodies)
    )  # fmt: skip
    with connection.transaction():
        EventLog.within(connection).append_batch([Append(events)])


def assert_lawful(connection: Connection, past: Past, seconds: list[int], positions: list[int]) -> None:
    for second in seconds:
        for instant in (parse_instant(at(second)), parse_instant(at(second)) + BETWEEN):
            for known_at in positions:
                whole = past.directory(instant, known_at)
                assert_same(whole, past_directory(connection, instant, known_at))
                assert_decides_alike(past.deciding(instant, known_at), whole)


def assert_decides_alike(deciding: Directory, whole: Directory) -> None:
    for entity in whole.all():
        twin = deciding.at(entity.key)
        assert said(twin, "") == said(entity, "")
        assert rest_of(twin) == rest_of(entity)


def rest_of(entity: Entity) -> Facts:
    return {attribute: items for attribute, items in entity.facts.items() if attribute != attributes.VERSION}


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.tuples(kinds, names, policies, moments), min_size=1, max_size=12), cut=st.integers(0, 12))
def test_a_few_events_at_every_instant_and_position(embedded_server: Server, steps: list[Any], cut: int) -> None:
    database = embedded_server.fresh()
    records = [life(kind, name, policy, when, number) for number, (kind, name, policy, when) in enumerate(steps)]
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    past = Past(columns)
    with database.connect() as connection:
        register(connection)
        append(connection, records[:cut])
        projector.catch_up()
        columns.history(0)
        append(connection, records[cut:])
        projector.catch_up()
        top = EventLog.within(connection).head()
        chance = random.Random(top)
        assert_lawful(connection, past, chance.sample(range(13), 4), [top, *chance.sample(range(top + 1), 2)])
    columns.close()
    projector.close()
    embedded_server.drop(database)


@pytest.mark.parametrize("seed", range(3))
def test_followed_made_anew_and_rebuilt(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    past = Past(columns)
    with database.connect() as connection:
        register(connection)
        records = story(seed + 20, 40)
        for begin in range(0, len(records), 5):
            append(connection, records[begin : begin + 5])
            if chance.random() < 0.7:
                those = [
                    (name, f"AIDA{name}0", at(chance.randrange(30))) if chance.random() < 0.5 else (name, "", "")
                    for name in chance.sample(["eve", "bob", "carl"], 2)
                ]
                take_listing(connection, at(chance.randrange(40)), those)
            if chance.random() < 0.7:
                projector.catch_up()
                columns.history(0)
        projector.catch_up()
        top = EventLog.within(connection).head()
        seconds = chance.sample(range(41), 4)
        positions = [top, *chance.sample(range(1, top), 2)]
        assert_lawful(connection, past, seconds, positions)
        anew = ColumnStore(database.connect)
        assert_lawful(connection, Past(anew), seconds, positions)
        rebuilt(projector, database.connect, "history")
        assert_lawful(connection, past, seconds, positions)
        anew.close()
    columns.close()
    projector.close()
