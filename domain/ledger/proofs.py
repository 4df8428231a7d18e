"""Inclusion and consistency proofs (RFC 9162, sections 2.1.3 and 2.1.4)."""

from __future__ import annotations

from erstwhile.domain.ledger.ranges import NodeHash, consistency_ranges, inclusion_ranges, range_hash


def inclusion_proof(index: int, size: int, node: NodeHash) -> list[bytes]:
    """That leaf `index` is in the tree of `size` leaves, from the leaf's sibling up. Raises ValueError where there is
    no such leaf."""
    return [range_hash(begin, end, node) for begin, end in inclusion_ranges(index, size)]


def consistency_proof(old: int, new: int, node: NodeHash) -> list[bytes]:
    """That the tree of `old` leaves is a beginning of the one of `new` leaves. Raises ValueError unless 0 ≤ old ≤
    new."""
    return [range_hash(begin, end, node) for begin, end in consistency_ranges(old, new)]
