"""Adds leaves at the tree's right edge, as tiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erstwhile.domain.ledger.hashing import SIZE, perfect_root
from erstwhile.domain.ledger.tiles import HEIGHT, WIDTH, Tile, hashes_of

_FULL = WIDTH * SIZE


def edge_tiles(size: int) -> list[Tile]:
    """The tiles that the next leaf of a tree with `size` leaves may be added to, from the leaves up."""
    found = [Tile(0, size // WIDTH)]
    while size >= WIDTH:
        size //= WIDTH
        found.append(Tile(len(found), size // WIDTH))
    return found


class GrowingTiles:
    """Leaves are added to what the edge's tiles hold. `changed`: the tiles that are to be written."""

    def __init__(self, size: int, edge: Mapping[Tile, bytes]) -> None:
        """`edge`: what there is of `edge_tiles(size)`. What is beyond the size is not looked at."""
        self.size = size
        self.changed: dict[Tile, bytes] = {}
        self._edge: list[bytearray] = []
        for tile in edge_tiles(size):
            width = (size >> HEIGHT * tile.level) % WIDTH
            held = edge.get(tile, b"")[: width * SIZE]
            if len(held) != width * SIZE:
                raise ValueError(f"tile {tile.level}/{tile.number} has {len(held) // SIZE} hashes instead of {width}")
            self._edge.append(bytearray(held))

    def add(self, leaves: Iterable[bytes]) -> None:
        """Hashes of leaves, in order."""
        self.add_hashes(b"".join(leaves))

    def add_hashes(self, leaves: bytes) -> None:
        """Hashes of leaves side by side, in order."""
        begin = 0
        while begin < len(leaves):
            held = self._edge[0]
            end = min(len(leaves), begin + _FULL - len(held))
            held += leaves[begin:end]
            self.size += (end - begin) // SIZE
            if len(held) == _FULL:
                self._carry()
            begin = end

    def _carry(self) -> None:
        """The lowest tile is full: its root goes up."""
        level, count = 0, self.size
        while len(self._edge[level]) == _FULL:
            count //= WIDTH
            whole = bytes(self._edge[level])
            self.changed[Tile(level, count - 1)] = whole
            self._edge[level] = bytearray()
            if level + 1 == len(self._edge):
                self._edge.append(bytearray())
            self._edge[level + 1] += perfect_root(hashes_of(whole))
            level += 1

    def partial(self) -> dict[Tile, bytes]:
        """The edge's tiles as they are now; those without a hash are left out."""
        tiles = (Tile(level, (self.size >> HEIGHT * level) // WIDTH) for level in range(len(self._edge)))
        return {tile: bytes(held) for tile, held in zip(tiles, self._edge, strict=True) if held}
