"""The order of those who are settled: by list, rank, first instant and unique id, whether ranks repeat or not."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.directory.named import Principals, texts, written_head
from erstwhile.domain.history.at_once.settled import settled
from erstwhile.domain.history.at_once.spans import Spans


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(0, 5)), max_size=12), st.randoms()
)  # fmt: skip
def test_order(those: list[tuple[int, int, int]], chance: random.Random) -> None:
    lists, ranks, begins = np.array(those, dtype=np.int64).reshape(-1, 3).T
    ids = [f"AIDA{number}" for number in range(len(those))]
    chance.shuffle(ids)
    heads = [written_head(("1", "user", each), f"arn:{rank:02}") for each, (_, rank, _) in zip(ids, those, strict=True)]
    found = settled(
        Principals(texts(heads), ranks), Spans(np.arange(len(those)), begins, begins + 1, lists)
    )  # fmt: skip
    expected = sorted(range(len(those)), key=lambda place: (those[place], ids[place]))
    assert [each.key[2] for each in found.principals.each() if each] == [ids[place] for place in expected]
    assert found.how.tolist() == [those[place][0] for place in expected]
