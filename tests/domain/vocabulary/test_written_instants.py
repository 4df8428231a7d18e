"""Instants written at once, against each of them written by `msgspec`."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, instant_of, micros_of
from erstwhile.domain.vocabulary.written_instants import written_instants, written_pairs

FIRST, LAST = -63_000_000_000_000_000, 252_000_000_000_000_000


@given(st.lists(st.one_of(st.integers(FIRST, LAST), st.integers(0, 9).map(lambda n: n * 1_000_000))))
@example([ALWAYS, NEVER, 0, 1, -1, 120_000, FIRST, LAST])
def test_they_are_what_msgspec_writes(micros: list[int]) -> None:
    told = [b"null" if each in (ALWAYS, NEVER) else msgspec.json.encode(instant_of(each)) for each in micros]
    columns = np.array(micros, dtype=np.int64)
    assert written_instants(columns) == told
    pairs = zip(told, reversed(told), strict=True)
    found = written_pairs(b"from ", columns, b" to ", columns[::-1])
    assert found.tolist() == [b"from %b to %b" % each for each in pairs]


def test_without_end_is_null() -> None:
    endless = np.array([micros_of(BEFORE), micros_of(FOREVER)])
    assert written_instants(endless) == [b"null", b"null"]
