"""Who did what is the same in history's columns as in the audit trail, which reads the whole events meanwhile."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.columns import store
from erstwhile.projections.columns.acts import ColumnActs
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.happenings import TrailHappenings
from erstwhile.projections.projector import Projector
from tests.support.histories import at, attach, story
from tests.support.read_models import append, register


def test_they_are_those_of_the_trail(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LEAST", 1)
    projector, columns = Projector(database.connect), ColumnStore(database.connect, tmp_path / "columns")
    with database.connect() as connection:
        register(connection)
        append(connection, story(5))
        projector.catch_up()
        columns.history(EventLog.within(connection).head())
        append(connection, [attach("eve", "C", at(51))])  # the columns do not have it
        projector.catch_up()
        top = EventLog.within(connection).head()
        granting = columns.history(top).granting
        assert granting is not None and granting.event(top) is None

        trail = TrailHappenings(connection)
        acts = ColumnActs(trail, granting)
        positions = range(top + 2)
        whole = TrailHappenings(connection).read(positions)
        acts.expect(positions)
        assert acts.read(positions) == {
            position: msgspec.structs.replace(each, access_key="", source_ip="") if granting.event(position) else each
            for position, each in whole.items()
        }
        assert trail.events(()) == TrailHappenings(connection).events(positions)
    columns.close()
    projector.close()
