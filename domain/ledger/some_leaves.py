"""One proof for many leaves: the parts of the tree that have none of them, as hashes.

Leaves and parts, left to right, make the whole tree: so the proof of a contiguous run of leaves has some dozen hashes,
however long the run is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.ledger.hashing import node_hash, root_of
from erstwhile.domain.ledger.ranges import Node


def aligned_subtrees(begin: int, end: int) -> Iterator[Node]:
    """The fewest perfect subtrees that [begin, end) consists of, left to right, wherever it begins."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        yield level, begin >> level
        begin += 1 << level


def gaps(indexes: Iterable[int], size: int) -> Iterator[tuple[int, int, int | None]]:
    """(begin, end, index): the leaves [begin, end) that are not among these, then the next one that is; None after the
    last gap. Raises ValueError unless the indexes grow and are below the size."""
    begin = 0
    for index in indexes:
        if not begin <= index < size:
            raise ValueError(f"leaf {index} comes after leaf {begin - 1}, in a tree of {size}")
        yield begin, index, index
        begin = index + 1
    yield begin, size, None


class PartsInOrder:
    """The tree that parts make which come left to right, each where the one before ends. Memory for log2(size)
    hashes."""

    def __init__(self) -> None:
        self.size = 0
        """Leaves so far."""
        self._edge: list[tuple[int, bytes]] = []
        """(level, hash) of the perfect subtrees so far."""

    def add(self, level: int, index: int, part: bytes) -> None:
        """The hash of a perfect subtree. Raises ValueError unless it begins where the last part ended."""
        if level < 0 or level > 62 or index << level != self.size:
            raise ValueError(f"a part of level {level} and number {index} does not begin at leaf {self.size}")
        self.size += 1 << level
        while self._edge and self._edge[-1][0] == level and index & 1:
            part = node_hash(self._edge.pop()[1], part)
            level, index = level + 1, index >> 1
        self._edge.append((level, part))

    def root(self) -> bytes:
        return root_of([part for _, part in self._edge])
