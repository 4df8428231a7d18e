"""Arithmetic over intervals, against the same for one instant after another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.history.at_once.spans import Spans, meetings, merged, spans, steps, uncovered
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER

KEYS, INSTANTS = range(4), range(12)
Plain = list[tuple[int, int, int, int]]
some = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(INSTANTS), st.integers(1, 5), st.integers(0, 2)))


def made(rows: Plain) -> Spans:
    """From keys, beginnings, lengths and numbers."""
    key, begin, length, what = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Spans(key, begin, begin + length, what)


def there(rows: Plain, key: int, at: int) -> list[int]:
    """The places of the intervals that hold at an instant."""
    return [place for place, row in enumerate(rows) if row[0] == key and row[1] <= at < row[1] + row[2]]


@given(some, some)
def test_meetings(left: Plain, right: Plain) -> None:
    right.sort(key=lambda row: row[0])
    found = meetings(made(left), made(right))
    pairs = list(zip(*(column.tolist() for column in found), strict=True))
    assert [pair[:2] for pair in pairs] == sorted(pair[:2] for pair in pairs)
    for key in KEYS:
        for at in range(20):
            wanted = [(one, other) for one in there(left, key, at) for other in there(right, key, at)]
            assert [(a, b) for a, b, begin, end in pairs if left[a][0] == key and begin <= at < end] == wanted


@given(some, st.sampled_from(INSTANTS), st.integers(1, 12))
def test_steps_and_what_is_not_covered(rows: Plain, begin: int, length: int) -> None:
    end = begin + length
    found = steps(made(rows), (np.ones(len(rows), dtype=np.int64), made(rows).what), begin, end)
    states = list(zip(*(column.tolist() for column in (*found[:3], *found.sums)), strict=True))
    gaps = uncovered(made(rows), np.array(KEYS, dtype=np.int64), begin, end)
    open_at = {(key, at) for key, since, until in zip(*(c.tolist() for c in gaps[:3]), strict=True)
               for at in range(since, until)}  # fmt: skip
    for key in KEYS:
        for at in range(begin, end):
            holding = there(rows, key, at)
            at_once = [state[3:] for state in states if state[0] == key and state[1] <= at < state[2]]
            assert at_once in ([(len(holding), sum(rows[place][3] for place in holding))], [] if not holding else [()])
            assert ((key, at) in open_at) == (not holding)
    assert all(begin <= since < until <= end for _, since, until, *_ in states)


def test_all_time_is_an_interval_like_any_other() -> None:
    key = np.array([0, 1], dtype=np.int64)
    always = spans(key, np.array([ALWAYS, 3], dtype=np.int64), np.array([5, NEVER], dtype=np.int64))
    gaps = uncovered(always, key, ALWAYS, NEVER)
    assert [column.tolist() for column in gaps[:3]] == [[0, 1], [5, ALWAYS], [NEVER, 3]]


def test_neighbours_that_say_the_same_are_one() -> None:
    rows = [(0, 1, 2, 7), (0, 3, 2, 7), (0, 5, 1, 8), (0, 7, 1, 8), (1, 8, 1, 8)]
    found = merged(made(rows))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [
        (0, 1, 5, 7), (0, 5, 6, 8), (0, 7, 8, 8), (1, 8, 9, 8)
    ]  # fmt: skip
