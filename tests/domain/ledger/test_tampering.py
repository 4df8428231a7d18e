"""What was done to the log, from the leaves as they were and as they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.ledger.tampering import Kind, first_difference, missing, tampering_at

LEAVES = [bytes([number]) for number in range(50)]


def seen(found: list[bytes]) -> tuple[Kind, int]:
    index = first_difference(LEAVES, found)
    assert index is not None
    tampering = tampering_at(index + 1, LEAVES[index:], found[index:])
    return tampering.kind, tampering.position


def test_equal_leaves_do_not_differ() -> None:
    assert first_difference(LEAVES, list(LEAVES)) is None


@given(st.integers(0, 49))
def test_a_changed_event(at: int) -> None:
    assert seen([*LEAVES[:at], b"other", *LEAVES[at + 1 :]]) == (Kind.CHANGED, at + 1)


@given(st.integers(0, 48), st.integers(1, 5))
def test_events_that_were_taken_out(at: int, count: int) -> None:
    expected = Kind.TRUNCATED if at + count >= 50 else Kind.DELETED
    assert seen([*LEAVES[:at], *LEAVES[at + count :]]) == (expected, at + 1)


@given(st.integers(0, 49), st.integers(1, 5))
def test_events_that_were_put_in(at: int, count: int) -> None:
    assert seen([*LEAVES[:at], *(bytes([200 + each]) for each in range(count)), *LEAVES[at:]]) == (
        Kind.INSERTED,
        at + 1,
    )


@given(st.integers(0, 48), st.data())
def test_events_that_changed_places(at: int, data: st.DataObject) -> None:
    other = data.draw(st.integers(at + 1, 49))
    found = list(LEAVES)
    found[at], found[other] = found[other], found[at]
    assert seen(found) == (Kind.REORDERED, at + 1)


def test_positions_without_events() -> None:
    assert (missing(3, 3).kind, missing(3, 3).position, missing(3, 5).until) == (Kind.DELETED, 3, 5)
    assert missing(3, 5).explanation == "3 events were taken out: positions are gapless in this log"
    assert missing(3, 3).explanation == "one event was taken out: positions are gapless in this log"
