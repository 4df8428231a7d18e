"""Which parts of the tree a root or a proof is made of (RFC 9162, sections 2.1.1, 2.1.3 and 2.1.4).

A part is a range [begin, end) of leaves. A *perfect* subtree has 2^level leaves and begins at a multiple of that: its
hash never changes as the tree grows, and it is called (level, index), with begin = index · 2^level.
"""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.domain.ledger.hashing import root_of

Range = tuple[int, int]
Node = tuple[int, int]
"""(level, index) of a perfect subtree."""
NodeHash = Callable[[int, int], bytes]
"""(level, index) → the hash of that perfect subtree."""


def split(size: int) -> int:
    """The leaves of the left child of a tree with `size` leaves, at least 2: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def perfect_subtrees(begin: int, end: int) -> list[Node]:
    """The perfect subtrees that [begin, end) consists of, left to right. `begin` is a multiple of the largest power of
    two below end - begin, as in each part that the RFC names."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def range_hash(begin: int, end: int, node: NodeHash) -> bytes:
    """The Merkle tree hash of the leaves [begin, end)."""
    return root_of([node(level, index) for level, index in perfect_subtrees(begin, end)])


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The parts whose hashes prove that leaf `index` is in the tree of `size` leaves, from the leaf up. Raises
    ValueError where there is no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size} leaves")
    found: list[Range] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The parts whose hashes prove that the tree of `old` leaves is a beginning of the one of `new` leaves. Raises
    ValueError unless 0 ≤ old ≤ new."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves is no beginning of one of {new} leaves")
    if old in (0, new):
        return []
    found: list[Range] = []
    begin, end = 0, new
    is_whole = True  # the part is a whole one of the old tree, whose hash the verifier has
    while old != end:
        middle = begin + split(end - begin)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin, is_whole = middle, False
    if not is_whole:
        found.append((begin, end))
    return found[::-1]


def nodes_of(ranges: list[Range]) -> set[Node]:
    """All perfect subtrees that these parts are made of: what has to be read."""
    return {node for begin, end in ranges for node in perfect_subtrees(begin, end)}
