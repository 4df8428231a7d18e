"""A tree that grows at its right edge: it keeps the hashes of the perfect subtrees there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.ledger.hashing import EMPTY_ROOT, node_hash
from erstwhile.domain.ledger.ranges import NodeHash, perfect_subtrees


class GrowingTree:
    """`size` leaves; memory for log2(size) hashes."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []
        """The hashes of `perfect_subtrees(0, size)`."""

    @classmethod
    def at(cls, size: int, node: NodeHash) -> GrowingTree:
        """The tree of `size` leaves, whose nodes are at hand."""
        tree = cls()
        tree.size = size
        tree._edge = [node(level, index) for level, index in perfect_subtrees(0, size)]
        return tree

    def append(self, leaf: bytes) -> None:
        """Adds a leaf's hash."""
        edge, ones = self._edge, self.size
        while ones & 1:
            leaf = node_hash(edge.pop(), leaf)
            ones >>= 1
        edge.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        if not self._edge:
            return EMPTY_ROOT
        whole = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            whole = node_hash(left, whole)
        return whole
