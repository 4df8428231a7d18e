"""How many calls keys and principals made since some instants: each as if it were asked alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.incident.revocation import Since
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.incident.calls import calls_since
from erstwhile.projections.sql import Connection

Call = tuple[datetime, str, str, str]
LATEST = 1 << 62


@pytest.mark.reads
def test_each_question_is_answered_as_if_it_were_asked_alone(story: Database) -> None:
    with story.connect() as connection:
        calls = recorded(connection)
        names = {(key, "") for _, _, key, _ in calls if key} | {("", principal) for _, principal, _, _ in calls}
        times = sorted({at for at, *_ in calls})
        middle = times[len(times) // 2]
        instants = (BEFORE, times[0], middle, middle + timedelta(microseconds=1), times[-1], FOREVER)
        wanted = [
            Since(*each, at) for each, at in product([*names, ("", "nobody"), ("AKIANOBODY0000000000", "")], instants)
        ]
        for end in (FOREVER - timedelta(days=1), middle, times[0]):
            found = calls_since(connection, wanted, end, LATEST)
            assert found == {each: counted(calls, each, end) for each in wanted}
        assert any(succeeded and refused for succeeded, refused, _ in found.values()) or len(calls) > 10
        assert set(calls_since(connection, wanted, FOREVER - timedelta(days=1), 0).values()) == {(0, 0, None)}
        assert calls_since(connection, [], middle, LATEST) == {}


def recorded(connection: Connection) -> list[Call]:
    rows = connection.execute("SELECT occurred_at, principal, access_key, error_code FROM activity").fetchall()
    return [(at.astimezone(UTC), principal, key, error) for at, principal, key, error in rows]


def counted(calls: list[Call], since: Since, end: datetime) -> tuple[int, int, Any]:
    own = [
        (at, error)
        for at, principal, key, error in calls
        if since.when <= at < end and (key == since.access_key if since.access_key else principal == since.principal)
    ]
    refused = sum(bool(error) for _, error in own)
    return len(own) - refused, refused, max((at for at, _ in own), default=None)
