"""Accounts that are governed, or are so from some time on, in histories of observed ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.facts import Interval
from tests.support.stories import second


def with_modes(rows: Iterable[Interval], chance: random.Random) -> list[Interval]:
    """The intervals, where some accounts have another mode."""
    return [other for row in rows for other in _with_mode(row, second(chance.randrange(60)), chance)]


def _with_mode(row: Interval, at: datetime, chance: random.Random) -> Iterator[Interval]:
    if row.attribute != attributes.MODE or chance.random() < 0.3:
        yield row
        return
    governed = {"mode": "governed"}
    if chance.random() < 0.3 or not row.valid_from < at < row.valid_to:
        yield row._replace(value=governed)
        return
    before = row.value if chance.random() < 0.3 else {"mode": NOT_YET}
    yield row._replace(value=before, valid_to=at, closed_by=1)
    yield row._replace(valid_from=at, value=governed)
