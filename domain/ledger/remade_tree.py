"""The tree as the events make it, held against the checkpoints that were signed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from erstwhile.domain.ledger.checkpoints import TreeHead
from erstwhile.domain.ledger.hashing import perfect_root, root_of
from erstwhile.domain.ledger.tampering import Kind, Tampering
from erstwhile.domain.ledger.tiles import WIDTH
from erstwhile.domain.ledger.tree import GrowingTree


class Checkpoint(msgspec.Struct, frozen=True):
    """One that was signed, or says so. `signers`: names of the given keys that signed it; `bad`: what is wrong with the
    signature of a given key."""

    head: TreeHead
    signers: tuple[str, ...]
    bad: str = ""


class RemadeTree:
    """The tree as the events make it, and how far it is what was signed."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        """`checkpoints`: by size."""
        self.size = 0
        self.good = 0
        """Events of the largest checkpoint that a given key has signed."""
        self.signers: tuple[str, ...] = ()
        self.tile_roots: list[bytes] = []
        self._tree = GrowingTree()
        """Of the roots of full tiles."""
        self._pending = [each for each in reversed(checkpoints) if each.head.size]
        self._foreign: Checkpoint | None = None
        """The first checkpoint after the last good one that none of the given keys has signed."""

    def add(self, leaves: list[bytes]) -> Tampering | None:
        """The leaves of the next tile; fewer than it holds at the end alone."""
        end = self.size + len(leaves)
        if len(leaves) == WIDTH and not self._is_pending(end - 1):
            self.size = end
            self._full(perfect_root(leaves))
            return self._check_all(self._tree.edge) if self._is_pending(end) else None
        inner = GrowingTree()
        for leaf in leaves:
            inner.append(leaf)
            self.size += 1
            if self._is_pending(self.size):
                found = self._check_all([*self._tree.edge, *inner.edge])
                if found is not None:
                    return found
        if inner.size == WIDTH:
            self._full(inner.root())
        return None

    def next_signed(self, position: int) -> TreeHead | None:
        """Of the first checkpoint with the event at `position` that a given key has signed."""
        later = (each for each in reversed(self._pending) if each.head.size >= position)
        return next((each.head for each in later if each.signers), None)

    def root_with(self, leaves: Sequence[bytes]) -> bytes:
        """The root of the tree that goes on with these leaves, from the end of its last full tile."""
        inner = GrowingTree()
        more = GrowingTree.of(self._tree)
        for at in range(0, len(leaves), WIDTH):
            tile = leaves[at : at + WIDTH]
            if len(tile) == WIDTH:
                more.append(perfect_root(tile))
            else:
                inner.extend(tile)
        return root_of([*more.edge, *inner.edge])

    def unsigned(self) -> Tampering | None:
        """Checkpoints at the end that none of the given keys has signed."""
        return None if self._foreign is None else self._re_signed(self._foreign, "no given key has signed it")

    def _full(self, root: bytes) -> None:
        self._tree.append(root)
        self.tile_roots.append(root)

    def _is_pending(self, size: int) -> bool:
        return bool(self._pending) and self._pending[-1].head.size <= size

    def _check_all(self, edge: Sequence[bytes]) -> Tampering | None:
        root = root_of(edge)
        while self._is_pending(self.size):
            checkpoint = self._pending.pop()
            if checkpoint.bad:
                return self._re_signed(checkpoint, checkpoint.bad)
            if checkpoint.head.root != root:
                if not checkpoint.signers:
                    return self._re_signed(checkpoint, "no given key has signed it, and its root is another one")
                explanation = "one of these events, and the tree with it, is not what was signed"
                return Tampering(Kind.CHANGED, self.good + 1, self.size, explanation)
            if checkpoint.signers:
                self.good, self.signers, self._foreign = self.size, checkpoint.signers, None
            elif self._foreign is None:
                self._foreign = checkpoint
        return None

    def _re_signed(self, checkpoint: Checkpoint, why: str) -> Tampering:
        size = checkpoint.head.size
        return Tampering(Kind.RE_SIGNED, self.good + 1, size, f"the checkpoint of {size:,} events: {why}")
