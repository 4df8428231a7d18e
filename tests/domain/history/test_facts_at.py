"""The Directory of an instant, as a view of a history's intervals, equals the one made of the facts that held then."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from tests.support.policy.random_directory import random_directory
from tests.support.random_intervals import BEGIN, cut_into_intervals


@settings(max_examples=100)
@given(st.integers(0, 2**48), st.integers(-1, 25))
def test_any_instant(seed: int, hour: int) -> None:
    rows, instant = cut_into_intervals(random_directory(seed), random.Random(seed)), BEGIN + timedelta(hours=hour)
    there = [row for row in rows if row.valid_from <= instant < row.valid_to]
    complete = Directory.from_facts((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in there)
    view = directory_at(IntervalHistory(rows, 7), instant)
    for entity in complete.all():
        arn = complete.arn_of(entity)
        found, wanted = view.with_arn(arn), complete.with_arn(arn)
        assert (found and found.key) == (wanted and wanted.key)
    assert {each.key: each.facts for each in view.all()} == {each.key: each.facts for each in complete.all()}
    assert (view.position, view.as_of) == (7, instant)
