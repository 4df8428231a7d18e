"""Where log and ledger are read when they are verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import LiteralString, Protocol

from erstwhile.domain.ledger.tiles import Tile
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import entries
from erstwhile.projections.sql import Connection

_HEAD: LiteralString = "SELECT coalesce(max(position), 0) FROM event"
_DETAILS: LiteralString = (
    "SELECT min(e.position) FROM event_details d JOIN event e USING (position) "
    "WHERE encode(sha256(d.salt || convert_to(d.details, 'UTF8')), 'hex') IS DISTINCT FROM e.data->>'details_sha256'"
)


class Source(Protocol):
    """Where log and ledger are read: a database, or a backup."""

    def head(self) -> int:
        """The last position of the log."""

    def tree_size(self) -> int:
        """How many events the stored tree has."""

    def notes(self) -> Iterable[tuple[int, str]]:
        """(size, note) of the stored checkpoints, by size."""

    def entries(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        """(position, entry of the tree) of the events with after < position ≤ upto, in order."""

    def tiles(self, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        """Those of these tiles that there are."""

    def altered_details(self) -> int | None:
        """The first position whose details are not those of which the event has the hash."""


class DatabaseSource:
    """Log and ledger of a database, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> int:
        row = self._connection.execute(_HEAD).fetchone()
        return int(row[0]) if row is not None else 0

    def tree_size(self) -> int:
        return tiles.size(self._connection)

    def notes(self) -> Iterable[tuple[int, str]]:
        return self._connection.execute("SELECT size, note FROM ledger_checkpoint ORDER BY size")

    def entries(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        return entries(self._connection, after, upto)

    def tiles(self, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        return tiles.read(self._connection, wanted)

    def altered_details(self) -> int | None:
        row = self._connection.execute(_DETAILS).fetchone()
        return row[0] if row is not None else None
