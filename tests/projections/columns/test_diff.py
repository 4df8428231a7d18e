"""A difference between two instants is the same from columns as from intervals in memory."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.fact_history import DOCUMENTS, FactHistory
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from tests.support.column_layers import history_of
from tests.support.random_crowds import Crowd
from tests.support.random_intervals import BEGIN, cut_into_intervals

seeds = st.integers(0, 2**48)
FEW = 200_000
"""Steps: what takes more is unclear."""


def histories(seed: int) -> tuple[FactHistory, FactHistory]:
    chance = random.Random(seed)
    facts = ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in Crowd(chance).rows)
    rows = cut_into_intervals(Directory.from_facts(facts), chance)
    return history_of(rows, chance), IntervalHistory(rows, 1)


def compared(history: FactHistory, hours: tuple[int, int]) -> Diff | None:
    """Without the examples: which of many alike it is, follows from the order in which entities are found."""
    before, after = (BEGIN + timedelta(hours=hour) for hour in hours)
    try:
        found = diff(history, before, after, effort=FEW)
    except TooMuch:
        return None
    differences = (msgspec.structs.replace(each, example=("", "")) for each in found.differences)
    return msgspec.structs.replace(found, differences=tuple(differences))


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(24164, (5, 4))
@example(945, (2, 8))  # actions of which the same differs, found in another order
@example(145644457671673, (6, 7))  # principals of an account of which nothing else is known
@given(seeds, st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_columns_and_intervals_differ_alike(seed: int, hours: tuple[int, int]) -> None:
    columns, intervals = histories(seed)
    assert compared(columns, hours) == compared(intervals, hours)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_documents_are_found_by_words(seed: int) -> None:
    for words in (("aws:principal", "aws:userid"), ("aws:currenttime",), ("no such word",)):
        columns, intervals = (sorted(map(repr, each.documents_with(words))) for each in histories(seed))
        assert columns == intervals
    assert {each.attribute for each in histories(seed)[0].documents_with(("version",))} <= set(DOCUMENTS)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_intervals_within_a_time_are_those_that_hold_in_it(seed: int) -> None:
    columns, intervals = histories(seed)
    chance = random.Random(seed)
    begin, end = (BEGIN + timedelta(hours=hour) for hour in sorted(chance.choices(range(21), k=2)))
    for account, kind in intervals.kinds():
        for key in [each for each in intervals.of_kind(kind) if each[0] == account]:
            for history in (columns, intervals):
                rows = history.intervals_of(key)
                found = history.intervals_within(key, begin, end)
                assert [row for row in rows if row in found] == list(found)
                assert all(row in found for row in rows if row.valid_from <= end and row.valid_to >= begin)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_intervals_with_some_attributes_are_among_all_and_none_is_missing(seed: int) -> None:
    columns, intervals = histories(seed)
    chance = random.Random(seed)
    for account, kind in intervals.kinds():
        for key in [each for each in intervals.of_kind(kind) if each[0] == account]:
            for history in (columns, intervals):
                rows = history.intervals_of(key)
                there = sorted({each.attribute for each in rows})
                names = frozenset(chance.sample(there, chance.randint(0, len(there))))
                found = history.intervals_with(key, names)
                assert [row for row in rows if row in found] == list(found)
                assert all(row in found for row in rows if row.attribute in names)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_who_alone_had_an_arn_is_who_is_found_by_it_alone(seed: int) -> None:
    chance = random.Random(seed)
    rows = list(Crowd(chance).rows)
    ids = sorted({each.entity for each in rows})
    # Some are called as others, or as the unique id of others, or have their ARN.
    for place, each in enumerate(rows):
        if each.attribute == "entity" and each.kind in ("user", "role") and chance.random() < 0.3:
            name = chance.choice(("u1", "U2", "a:b", "a/b", "new", *ids))
            account = chance.choice((each.account, each.account, "444455556666"))
            told = {"name": name, "arn": f"arn:aws:iam::{account}:{each.kind}/{name}"}
            rows[place] = each._replace(value={**each.value, **told})
    for history in (history_of(rows, chance), IntervalHistory(rows, 1)):
        for kind in ("user", "role"):
            for key in history.of_kind(kind):
                described = [each.value for each in history.intervals_of(key) if each.attribute == "entity"]
                for arn in [each["arn"] for each in described if each["name"] == each["arn"].rpartition("/")[2]]:
                    assert history.has_alone(key, arn) == (list(history.with_arn(arn)) == [key]), (key, arn)
