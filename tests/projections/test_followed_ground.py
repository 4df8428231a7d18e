"""What a process that follows the log knows of it for an answer is what the database says."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body, policies, principals
from erstwhile.domain.events.account import AccountRegistered, ChangeFailed
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.answer_ground import answer_ground
from erstwhile.projections.columns import store
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.followed_ground import FollowedGround
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.examples import examples
from tests.support.records import ACCOUNT

OTHER = "999900001111"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def _body(chance: random.Random) -> Body:
    ada = Ref("user", "ada")
    return chance.choice(
        (
            policies.PolicyAttached(subject=ada, policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/p{chance.randrange(9)}"),
            principals.UserCreated(subject=ada),
            principals.PrincipalSeen(principal=ada),
            ChangeFailed(operation="CreateUser", error_code="EntityAlreadyExists"),
        )
    )


def _event(chance: random.Random, account: str, body: Body, at: datetime) -> NewEvent:
    source = chance.choice(("cloudtrail", "cloudtrail", "snapshot"))
    return NewEvent(
        event_id=f"{chance.getrandbits(128):032x}", account=account, body=body, occurred_at=at, source=source,
        evidence=str(chance.random()), between=(at, at) if chance.random() < 0.1 else None,
    )  # fmt: skip


def _instant(chance: random.Random) -> datetime:
    return BEGIN + timedelta(seconds=chance.choice((chance.randrange(40), chance.randrange(40_000) / 1000)))


def _append(connection: Connection, chance: random.Random, count: int) -> None:
    events = [
        _event(chance, chance.choice((ACCOUNT, OTHER)), _body(chance), _instant(chance)) for _ in range(count)
    ]  # fmt: skip
    EventLog.within(connection).append_batch([Append(tuple(events))])


@pytest.mark.parametrize("seed", range(examples(40, 4)))
def test_what_is_known_is_what_the_database_says(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    if seed % 2:
        monkeypatch.setattr(store, "LEAST", 1)  # the columns are made anew now and then, and kept in a file
    monkeypatch.setattr("erstwhile.projections.followed_ground.UNSEEN", 0.0)
    chance, projector = random.Random(seed), Projector(database.connect)
    columns = ColumnStore(database.connect, tmp_path)
    position = 0
    followed = FollowedGround(lambda: position)
    met = set()
    with database.connect() as connection:
        registered = [
            _event(chance, each, AccountRegistered(mode="observed"), BEGIN - timedelta(days=1))
            for each in (ACCOUNT, OTHER)
        ]
        EventLog.within(connection).append_batch([Append(tuple(registered))])
        for number in range(8):
            _append(connection, chance, chance.randrange(4, 12))
            projector.catch_up()
            position = EventLog.within(connection).head()
            if number == 5:
                connection.execute("INSERT INTO set_apart (position, reason) VALUES (%s, 'odd')", (position - 2,))
            for _ in range(12):
                as_of = _instant(chance)
                known_at = chance.choice((position, position, chance.randrange(1, position + 1)))
                accounts = chance.choice(([ACCOUNT], [OTHER], [ACCOUNT, OTHER], []))
                found = followed.at(connection, columns.history(known_at), accounts, as_of)
                assert found == answer_ground(connection, accounts, as_of, known_at)
                met.add((found.changed is None, found.are_apart))
    assert len(met) == 4
    projector.close()
    columns.close()


def test_the_database_is_asked_where_the_head_is_not_known(database: Database) -> None:
    columns = ColumnStore(database.connect)
    with database.connect() as connection:
        assert FollowedGround(lambda: 0).at(connection, columns.history(0), [ACCOUNT], BEGIN) is None
    columns.close()
