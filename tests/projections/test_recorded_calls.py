"""Recorded calls as they can be decided about again: the wanted ones one by one, of the others whose they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.what_if.calls import PassedCalls, RecordedCall, Wanted
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.evidence_rows import with_records
from erstwhile.projections.recorded_calls import recorded_calls
from erstwhile.projections.sql import Connection

BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
LATEST = 1 << 62
Of = tuple[str, datetime]


class Some(Wanted):
    """Wants the calls of some services, and on resources with a word."""

    def __init__(self, services: tuple[str, ...], word: str = "", tells: bool = False) -> None:
        self._services, self._word, self._tells = services, word, tells

    def speaks_of(self, action: str) -> bool:
        return action.startswith(self._services)

    def may_concern(self, principal: str, action: str, context: ContextValues) -> bool:
        return self.speaks_of(action)

    def words_of(self, action: str) -> tuple[bytes, ...] | None:
        return (self._word.encode(),) if self._tells else None

    def bears_on(self, principal: str, action: str, resources: Iterable[str], context: ContextValues) -> bool:
        return any(self._word in each for each in resources)


def read(connection: Connection, wanted: Wanted | None) -> tuple[list[RecordedCall], Counter[Of]]:
    """The calls one by one, and all of them by whose they were."""
    found, of = [], Counter[Of]()
    for each in recorded_calls(connection, BEGIN, END, LATEST, wanted=wanted):
        if isinstance(each, PassedCalls):
            of.update((each.principal, at) for at in each.instants)
        else:
            found.append(each)
            of[each.principal, each.at] += 1
    return found, of


@pytest.mark.reads
@pytest.mark.parametrize("services", [(), ("iam:",), ("iam:", "s3:", "sts:")])
def test_none_is_lost(story: Database, services: tuple[str, ...]) -> None:
    with story.connect() as connection:
        every, of = read(connection, None)
        assert len(every) > 10 and [each.at for each in every] == sorted(each.at for each in every)
        for word in ("", "role", "bucket"):
            for tells in (False, True):
                asked = Some(services, word, tells)
                some, of_some = read(connection, asked)
                assert of_some == of
                assert [each for each in every if each in some] == some
                wanted = [
                    each
                    for each in every
                    if asked.speaks_of(each.action) and asked.bears_on("", "", each.resources, {})
                ]
                assert [each for each in wanted if each not in some] == []


@pytest.mark.reads
def test_rows_come_with_their_records(story: Database) -> None:
    with story.connect() as connection:
        rows = connection.execute("SELECT record_id, block_id, line FROM activity ORDER BY record_id").fetchall()
        rows.append(("", rows[0][1], 1_000_000))
        lines = EvidenceLines(connection)
        expected = [(row, lines.line(row[1], row[2])) for row in rows]
        assert len(rows) > 10 and list(with_records(connection, rows)) == expected
        assert list(with_records(connection, [("", 1 << 60, 0)])) == [(("", 1 << 60, 0), None)]


@pytest.mark.reads
def test_who_reads_no_further_has_the_connection_back(story: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erstwhile.projections.recorded_calls._AT_ONCE", 2)
    with story.connect() as connection:
        calls = recorded_calls(connection, BEGIN, END, LATEST)
        assert isinstance(next(calls), RecordedCall)
        calls.close()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
        assert len(list(recorded_calls(connection, BEGIN, END, LATEST))) > 10
