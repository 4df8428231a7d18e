"""One proof for many leaves: whichever they are, they and the other parts make the tree's root."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.ledger.hashing import leaf_hash, node_hash
from erstwhile.domain.ledger.ranges import range_hash
from erstwhile.domain.ledger.some_leaves import PartsInOrder, aligned_subtrees, gaps
from erstwhile.domain.ledger.tree import GrowingTree

LEAVES = [leaf_hash(bytes([number])) for number in range(200)]


def node(level: int, index: int) -> bytes:
    if level == 0:
        return LEAVES[index]
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))


@given(st.integers(1, 200), st.sets(st.integers(0, 199)))
def test_leaves_and_the_parts_between_them_make_the_root(size: int, chosen: set[int]) -> None:
    chosen = {index for index in chosen if index < size}
    made = PartsInOrder()
    for begin, end, index in gaps(sorted(chosen), size):
        for level, number in aligned_subtrees(begin, end):
            made.add(level, number, node(level, number))
        if index is not None:
            made.add(0, index, LEAVES[index])
    whole = GrowingTree()
    whole.extend(LEAVES[:size])
    assert made.size == size
    assert made.root() == whole.root() == range_hash(0, size, node)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_parts_of_a_gap_lie_side_by_side(begin: int, length: int) -> None:
    at = begin
    for level, index in aligned_subtrees(begin, begin + length):
        assert index << level == at
        at += 1 << level
    assert at == begin + length


def test_what_does_not_follow_is_refused() -> None:
    made = PartsInOrder()
    made.add(1, 0, sha256(b"").digest())
    for level, index in ((0, 1), (0, 3), (2, 0), (1, 2), (-1, 1), (63, 0)):
        with pytest.raises(ValueError, match="does not begin at leaf 2"):
            made.add(level, index, bytes(32))
    with pytest.raises(ValueError, match="comes after leaf"):
        list(gaps([3, 3], 9))
    with pytest.raises(ValueError, match="in a tree of 9"):
        list(gaps([9], 9))
