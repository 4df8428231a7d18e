"""Which views of the past are kept."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.past import Past
from tests.support.column_layers import history_of
from tests.support.random_stories import random_story
from tests.support.stories import log_of_story

INSTANT = datetime(2026, 3, 3, 12, 0, 30, tzinfo=UTC)


class Growing(ColumnStore):
    """Has what it is given."""

    def __init__(self, now: ColumnHistory) -> None:
        self.now = now

    def history(self, known_at: int, unseen: float = 0.0) -> ColumnHistory:
        return self.now


def columns(seed: int) -> ColumnHistory:
    return history_of(log_of_story(*random_story(random.Random(seed))).intervals(), random.Random(seed))


def test_views_are_kept_until_something_new_is_on_record() -> None:
    store = Growing(columns(1))
    past = Past(store)
    first = past.directory(INSTANT, 1)
    other = past.directory(INSTANT, 1, "111122223333")
    assert past.directory(INSTANT, 1) is first and past.directory(INSTANT, 1, "111122223333") is other
    store.now = columns(2)
    assert past.directory(INSTANT, 1) is not first
    kept = [view for view in past._kept.values() if view in (first, other)]
    assert not kept, "a view holds all columns of its time"
