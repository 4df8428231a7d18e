"""The order of those who are settled: by list, rank and first instant, whether ranks repeat or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.directory.named import Principals, texts
from erstwhile.domain.history.at_once.settled import settled
from erstwhile.domain.history.at_once.spans import Spans


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(0, 5)), max_size=12))
def test_order(those: list[tuple[int, int, int]]) -> None:
    lists, ranks, begins = np.array(those, dtype=np.int64).reshape(-1, 3).T
    principals = Principals(texts([b"%d" % number for number in range(len(those))]), ranks)
    found = settled(principals, Spans(np.arange(len(those)), begins, begins + 1, lists))
    expected = sorted(range(len(those)), key=lambda place: those[place])
    assert [int(head) for head in found.principals.heads.tolist()] == expected
    assert found.how.tolist() == [those[place][0] for place in expected]
