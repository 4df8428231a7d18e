"""A tree that grows at its right edge: it keeps the hashes of the perfect subtrees there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.ledger.hashing import node_hash, root_of


class GrowingTree:
    """`size` leaves; memory for log2(size) hashes."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []
        """The hashes of `perfect_subtrees(0, size)`."""

    @classmethod
    def of(cls, other: GrowingTree) -> GrowingTree:
        """A copy, which grows by itself."""
        tree = cls()
        tree.size, tree._edge = other.size, list(other._edge)
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

    @property
    def edge(self) -> list[bytes]:
        """The hashes of the perfect subtrees that it consists of, left to right."""
        return list(self._edge)

    def root(self) -> bytes:
        return root_of(self._edge)
