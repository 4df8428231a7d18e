"""The law of what was known: a question over time, asked as known at an earlier position, is answered as it was then,
whatever came late since; and the columns answer as the intervals in memory do."""

from __future__ import annotations

import random

import msgspec
import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.history.ever import Ever, ever
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.moments import Step, moments
from erstwhile.domain.history.timeline import Timeline, timeline
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import BUCKET, random_story
from tests.support.read_models import register
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, history_of, second, tell

WHO = (arn("user/eve"), arn("user/bob"), arn("role/admin"))


def append(connection: Connection, told: list[tuple[int, Told]]) -> None:
    for number, (at, body, *account) in told:
        event = NewEvent(
            event_id=new_event_id(), account=account[0] if account else ACCOUNT, body=body, occurred_at=second(at),
            source="cloudtrail", evidence=f"{number:04}",
        )  # fmt: skip
        with connection.transaction():
            EventLog.within(connection).append_batch([Append((event,))])


def answers(history: FactHistory) -> list[Timeline | tuple[Step, ...]]:
    asked = [
        timeline(history, who, "s3:GetObject", f"{BUCKET}/eve", BEFORE, FOREVER, resource_account=ACCOUNT)
        for who in WHO
    ]
    return [*asked, *(moments(history, what, BEFORE, FOREVER) for what in (*WHO, BUCKET))]


def evers(history: WideHistory) -> list[Ever]:
    asked = (("s3:GetObject", f"{BUCKET}/eve"), ("s3:GetObject", "*"), ("sts:AssumeRole", arn("role/admin")))
    found = [ever(history, action, resource, second(0), second(60)) for action, resource in asked]
    # How many states are looked at depends on who is settled by arithmetic.
    return [msgspec.structs.replace(each, states=0) for each in found]


def in_order(found: list[Timeline | tuple[Step, ...]]) -> list[object]:
    """Without the order of what stands side by side, and of the members of values."""
    return [
        [(step.at, _sorted(step.changes)) for step in each]
        if isinstance(each, tuple)
        else [(span.begin, span.effect, span.unique_id, _sorted(span.causes)) for span in each.spans]
        for each in found
    ]


def _sorted(changes: tuple[FactChange, ...]) -> list[bytes]:
    return sorted(orjson.dumps(msgspec.to_builtins(each), option=orjson.OPT_SORT_KEYS) for each in changes)


@pytest.mark.parametrize("seed", range(2))
def test_what_was_answered_then_is_answered_again(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    story = list(enumerate(random_story(chance)))
    chance.shuffle(story)
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    log = MemoryLog()
    given: list[tuple[int, list[Timeline | tuple[Step, ...]], list[Ever]]] = []
    with database.connect() as connection:
        register(connection)
        for begin in range(0, len(story), 8):
            part = story[begin : begin + 8]
            append(connection, part)
            for number, event in part:
                tell(log, event, f"{number:04}")
            projector.catch_up()
            top = EventLog.within(connection).head()
            assert top == len(log.events)
            given.append((top, answers(columns.history(top)), evers(columns.history(top))))
            assert given[-1][2] == evers(history_of(log))
            assert in_order(given[-1][1]) == in_order(answers(history_of(log)))
        for position, wanted, holders in given:
            assert answers(columns.history(position)) == wanted
            assert evers(columns.history(position)) == holders
    columns.close()
    projector.close()
