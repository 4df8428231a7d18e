"""Reads and writes tiles of the Merkle tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import LiteralString, NamedTuple

from erstwhile.domain.ledger.ranges import Range, nodes_of
from erstwhile.domain.ledger.tiles import Tile, TileNodes, tiles_of
from erstwhile.projections.sql import Connection

NAME = "ledger"
"""The tree's row in table `checkpoint`: how many events it has."""


class Tree(NamedTuple):
    """The tables of a tree."""

    tiles: LiteralString
    checkpoints: LiteralString


LOG = Tree("ledger_tile", "ledger_checkpoint")
DECISIONS = Tree("decision_tile", "decision_checkpoint")

_READ: LiteralString = (
    "SELECT level, number, hashes FROM {} JOIN unnest(%s::smallint[], %s::bigint[]) AS wanted (level, number) "
    "USING (level, number)"
)
_WRITE: LiteralString = (
    "INSERT INTO {} (level, number, hashes) SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[]) "
    "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"
)


def size(connection: Connection) -> int:
    """How many events are in the tree."""
    row = connection.execute("SELECT position FROM checkpoint WHERE projection = %s", (NAME,)).fetchone()
    return int(row[0]) if row is not None else 0


def read(connection: Connection, wanted: Iterable[Tile], tree: Tree = LOG) -> dict[Tile, bytes]:
    """Those of these tiles that there are."""
    tiles = sorted(wanted)
    if not tiles:
        return {}
    numbers = [tile.level for tile in tiles], [tile.number for tile in tiles]
    rows = connection.execute(_READ.format(tree.tiles), numbers, binary=True)
    return {Tile(level, number): hashes for level, number, hashes in rows}


def nodes(connection: Connection, ranges: list[Range], tree: Tree = LOG) -> TileNodes:
    """The hashes that these parts of the tree are made of."""
    return TileNodes(read(connection, tiles_of(nodes_of(ranges)), tree))


def write(connection: Connection, tiles: Mapping[Tile, bytes], tree: Tree = LOG) -> None:
    """In place of what these tiles had."""
    if tiles:
        connection.execute(
            _WRITE.format(tree.tiles),
            ([tile.level for tile in tiles], [tile.number for tile in tiles], list(tiles.values())),
        )
