"""Brings the tree to the head of the log, and signs checkpoints. Each step is one transaction; one process at a time
does it.

A tree that does not go on from what it was is never written: a signed checkpoint that does not fit the tiles, or an
event that is missing, stops the keeper, which says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import LiteralString

from erstwhile.domain.ledger.hashing import leaf_hash
from erstwhile.domain.ledger.notes import VerifierKey, parse_verifier_key
from erstwhile.domain.ledger.signing import Signer
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.broken import LedgerBroken
from erstwhile.projections.ledger.committed import entries, use_utc
from erstwhile.projections.ledger.growing import GrowingTiles, edge_tiles
from erstwhile.projections.ledger.one_connection import OneConnection
from erstwhile.projections.ledger.signing import OtherLedger, latest, sign
from erstwhile.projections.projector import set_checkpoint
from erstwhile.projections.sql import Connection

TOGETHER = 20_000
"""Events of one transaction."""
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('erstwhile.ledger'))"
_TRY_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(hashtext('erstwhile.ledger'))"
__all__ = ["LOCK", "LedgerBroken", "LedgerKeeper", "OtherLedger", "latest", "signed_with"]
_HEAD: LiteralString = "SELECT coalesce(max(position), 0) FROM event"


class LedgerKeeper(OneConnection):
    """Any thread may use it, one at a time."""

    def __init__(
        self, connect: Callable[[], Connection], origin: str, signers: Sequence[Signer], now: Callable[[], int]
    ) -> None:
        """`origin`: the log's name in checkpoints; without signers none is made. `now`: seconds since 1970."""
        super().__init__(connect)
        self.origin = origin
        self._signers = list(signers)
        self._now = now

    def catch_up(self, waiting: bool = True, progress: Callable[[int, int], None] | None = None) -> int | None:
        """Adds all events of the log, and signs a checkpoint if there is none of that size; returns the size. While
        another process does it, it waits, or returns None. Raises LedgerBroken."""
        with self._held() as connection:
            return self._catch_up(connection, waiting, progress)

    def _catch_up(
        self, connection: Connection, waiting: bool, progress: Callable[[int, int], None] | None
    ) -> int | None:
        start: int | None = None
        while True:
            with connection.transaction():
                row = connection.execute(LOCK if waiting else _TRY_LOCK).fetchone()
                if not waiting and row != (True,):
                    return None
                size, head = tiles.size(connection), _head(connection)
                start = size if start is None else start
                if size < head:
                    size = self._extend(connection, size, min(head, size + TOGETHER))
                if size >= head:
                    self._sign(connection, size)
            if progress is not None:
                progress(size - start, head - start)
            if size >= head:
                return size

    def _sign(self, connection: Connection, size: int) -> None:
        sign(connection, tiles.LOG, self.origin, self._signers, size, self._now())

    @staticmethod
    def _extend(connection: Connection, size: int, upto: int) -> int:
        try:
            growing = GrowingTiles(size, tiles.read(connection, edge_tiles(size)))
        except ValueError as error:
            raise LedgerBroken(str(error)) from None
        use_utc(connection)
        leaves = []
        for expected, (position, entry) in zip(count(size + 1), entries(connection, size, upto), strict=False):
            if position != expected:
                raise LedgerBroken(f"the log has no event at position {expected}")
            leaves.append(leaf_hash(entry))
        if size + len(leaves) != upto:
            raise LedgerBroken(f"the log has no event at position {size + len(leaves) + 1}")
        growing.add(leaves)
        tiles.write(connection, growing.changed | growing.partial())
        set_checkpoint(connection, tiles.NAME, growing.size)
        return growing.size


def signed_with(connection: Connection) -> list[VerifierKey]:
    """The public keys that the database names: of all that ever signed."""
    rows = connection.execute("SELECT verifier FROM ledger_key ORDER BY since_size, verifier").fetchall()
    return [parse_verifier_key(text) for (text,) in rows]


def _head(connection: Connection) -> int:
    row = connection.execute(_HEAD).fetchone()
    return int(row[0]) if row is not None else 0
