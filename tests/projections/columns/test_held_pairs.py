"""Pairs of entities and policies in order: by one number, or by four where one is not large enough."""

from __future__ import annotations

import random

import numpy as np
import pytest

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.projections.columns import held_pairs
from erstwhile.projections.columns.builder import Builder
from erstwhile.projections.columns.held_pairs import Pairs, in_order
from tests.support.column_layers import rows_of
from tests.support.random_intervals import BEGIN


@pytest.mark.parametrize("most", [held_pairs._MOST, 0])
def test_pairs_are_in_the_order_of_entity_rank_row_and_place(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_pairs, "_MOST", most)
    builder = Builder()
    builder.add(
        rows_of(
            Interval("111122223333", "user", f"U{n}", attributes.TAG, "team", {"value": "a"}, BEGIN, FOREVER, 1, None)
            for n in range(9)
        )
    )  # fmt: skip
    segment, chance = builder.segment({}), random.Random(3)
    told = [
        tuple(chance.randrange(most_of) for most_of in (9, 4, 9, 5, 100, 100, 100)) for _ in range(60)
    ]  # fmt: skip
    pairs = Pairs(*np.array(told, dtype=np.int64).T)
    wanted = [1, 4, 7, 8]
    counts, *columns = in_order(segment, pairs, np.array(wanted, dtype=np.int64))
    expected = sorted((each for each in told if each[0] in wanted), key=lambda each: each[:4])
    assert counts.tolist() == [sum(each[0] == entity for each in expected) for entity in wanted]
    assert list(zip(*(each.tolist() for each in columns), strict=True)) == [each[4:] for each in expected]
