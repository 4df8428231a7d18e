"""Records inside a block."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from erstwhile.projections.evidence_blocks import inflate, pack, record_at, some_records

records = st.lists(st.sampled_from([b"", b'{"a":1}', b'{"b":"x"}']), min_size=1, max_size=12)


@given(records, st.lists(st.integers(0, 14), max_size=8))
def test_some_records_are_those_of_their_lines(block: list[bytes], wanted: list[int]) -> None:
    packed = pack(block)
    lines = inflate(packed)
    assert some_records(packed, wanted) == {
        line: record for line in wanted if (record := record_at(lines, line)) is not None
    }
