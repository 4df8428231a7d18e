"""Calls of a trail, newest first, with the records that were imported."""

from __future__ import annotations

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.imports.store import read_evidence
from erstwhile.projections.looked_up_calls import CallsWanted, LookedUp, calls

ACCOUNT = "111122223333"


def found(database: Database, **wanted: object) -> list[LookedUp]:
    with database.connect() as connection:
        return list(calls(connection, CallsWanted(ACCOUNT, **wanted)))  # type: ignore[arg-type]


@pytest.mark.reads
def test_each_imported_record_comes_once_as_it_was(story: Database) -> None:
    records = [each.record for each in found(story) if each.record is not None]
    ids = [orjson.loads(each.raw)["eventID"] for each in records]
    assert len(records) > 10 and len(set(ids)) == len(ids)
    assert [each.at for each in records] == sorted((each.at for each in records), reverse=True)
    with story.connect() as connection:
        assert [each.raw for each in records] == [read_evidence(connection, ACCOUNT, name) for name in ids]
    [only] = [each for each in found(story, event_id=ids[3]) if each.record is not None]
    assert only.record == records[3]


@pytest.mark.reads
def test_a_listing_goes_on_after_any_of_its_places(story: Database) -> None:
    whole = found(story)
    for place, each in enumerate(whole):
        rest = found(story, after=(each.at, each.position))
        assert [after.record for after in rest if after.record] == [
            after.record for after in whole[place + 1 :] if after.record
        ]
