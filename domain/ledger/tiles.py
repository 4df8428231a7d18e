"""Nodes by the tiles that hold them (C2SP tlog-tiles).

A tile is up to 256 hashes side by side; tile `number` of level L has those of the perfect subtrees of 256^L leaves
that begin at leaf number · 256^(L+1). Hashes between two levels of tiles are made from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from erstwhile.domain.ledger.hashing import SIZE, perfect_root
from erstwhile.domain.ledger.ranges import Node

WIDTH = 256
"""Hashes of a full tile."""
HEIGHT = 8
"""Levels of nodes for each level of tiles."""
_PATH = re.compile(r"(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?", re.ASCII)
_LONGEST = 7
"""Path elements of the largest index: 10^21 is above 2^63."""


class Tile(NamedTuple):
    level: int
    number: int


def tile_of(node: Node) -> tuple[Tile, int, int]:
    """The tile that holds a node's leaves within it; the first of these hashes, and how many they are."""
    level, index = node
    tile_level, inside = divmod(level, HEIGHT)
    first = index << inside
    return Tile(tile_level, first // WIDTH), first % WIDTH, 1 << inside


def tiles_of(nodes: Iterable[Node]) -> set[Tile]:
    return {tile_of(node)[0] for node in nodes}


class MissingTile(LookupError):
    """The tiles at hand do not hold this node."""


class TileNodes:
    """Hashes of nodes, from tiles at hand. Called with (level, index); raises MissingTile."""

    def __init__(self, tiles: Mapping[Tile, bytes]) -> None:
        self._tiles = tiles

    def __call__(self, level: int, index: int) -> bytes:
        tile, first, count = tile_of((level, index))
        held = self._tiles.get(tile, b"")
        part = held[first * SIZE : (first + count) * SIZE]
        if len(part) != count * SIZE:
            raise MissingTile(f"tile {tile.level}/{tile.number} has {len(held) // SIZE} hashes, not {first + count}")
        return perfect_root(hashes_of(part))


def hashes_of(tile: bytes) -> list[bytes]:
    return [tile[at : at + SIZE] for at in range(0, len(tile), SIZE)]


def width_at(tile: Tile, size: int) -> int:
    """How many hashes the tile has in the tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * tile.level) - tile.number * WIDTH))


def path_of(index: int) -> str:
    """1234067 → x001/x234/067."""
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts))


def parse_path(path: str) -> tuple[int, int] | None:
    """(index, width) of the last part of a tile's address, `x001/x234/067` or `067.p/12`; None for one that is none.
    Only the shortest form is one."""
    match = _PATH.fullmatch(path)
    if match is None or match["index"].count("/") >= _LONGEST:
        return None
    index = int(match["index"].replace("x", "").replace("/", ""))
    width = int(match["width"] or WIDTH)
    if path_of(index) != match["index"] or (match["width"] and width >= WIDTH):
        return None
    return index, width
