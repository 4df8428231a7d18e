"""Brings the tree to the head of the log, and signs checkpoints. Each step is one transaction; one process at a time
does it.

A tree that does not go on from what it was is never written: a signed checkpoint that does not fit the tiles, or an
event that is missing, stops the keeper, which says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import LiteralString

from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.hashing import leaf_hash
from erstwhile.domain.ledger.notes import Note, Signature, VerifierKey, parse_note, parse_verifier_key
from erstwhile.domain.ledger.ranges import range_hash
from erstwhile.domain.ledger.signing import Signer, signed
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import entries, use_utc
from erstwhile.projections.ledger.growing import GrowingTiles, edge_tiles
from erstwhile.projections.projector import set_checkpoint
from erstwhile.projections.sql import Connection

TOGETHER = 20_000
"""Events of one transaction."""
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('erstwhile.ledger'))"
_TRY_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(hashtext('erstwhile.ledger'))"
_HEAD: LiteralString = "SELECT coalesce(max(position), 0) FROM event"


class LedgerBroken(Exception):
    """the ledger cannot go on: the log does not fit it

    `erstwhile verify` says where and how.
    """


class OtherLedger(LedgerBroken):
    """the log is signed under another name"""

    def __init__(self, theirs: str, ours: str) -> None:
        super().__init__(
            f"this log is signed as {theirs}, and the keys here are of {ours}: give ERSTWHILE_LEDGER_KEY the keys that "
            f"sign it; where these are lost, remove ledger.key and set ERSTWHILE_LEDGER_ORIGIN={theirs}: new ones go on"
        )


class LedgerKeeper:
    """Has one connection. Any thread may use it, one at a time."""

    def __init__(
        self, connect: Callable[[], Connection], origin: str, signers: Sequence[Signer], now: Callable[[], int]
    ) -> None:
        """`origin`: the log's name in checkpoints; without signers none is made. `now`: seconds since 1970."""
        self.origin = origin
        self._signers = list(signers)
        self._connect = connect
        self._now = now
        self._connection: Connection | None = None
        self._busy = threading.Lock()

    def close(self) -> None:
        with self._busy:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def catch_up(self, waiting: bool = True, progress: Callable[[int, int], None] | None = None) -> int | None:
        """Adds all events of the log, and signs a checkpoint if there is none of that size; returns the size. While
        another process does it, it waits, or returns None. Raises LedgerBroken."""
        with self._busy:
            try:
                return self._catch_up(waiting, progress)
            except BaseException:
                self._close()
                raise

    def _catch_up(self, waiting: bool, progress: Callable[[int, int], None] | None) -> int | None:
        connection = self._opened()
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

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

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

    def _sign(self, connection: Connection, size: int) -> None:
        """What others signed of the same size stays."""
        last = latest(connection)
        if not self._signers or size == 0:
            return
        others: tuple[Signature, ...] = ()
        missing = self._signers
        ranges = [(0, size)]
        if last is not None:
            before = parse_head(last.text)
            if before.origin != self.origin:
                raise OtherLedger(before.origin, self.origin)
            if before.size == size:
                others, missing = last.signatures, self._not_among(last.signatures)
            ranges.append((0, before.size))
        if not missing:
            return
        node = tiles.nodes(connection, ranges)
        if last is not None and range_hash(0, before.size, node) != before.root:
            raise LedgerBroken(f"the tree of {before.size:,} events is not the one that was signed")
        note = signed(TreeHead(self.origin, size, range_hash(0, size, node)), missing, self._now())
        connection.execute(
            "INSERT INTO ledger_checkpoint (size, note) VALUES (%s, %s) "
            "ON CONFLICT (size) DO UPDATE SET note = excluded.note, made_at = excluded.made_at",
            (size, str(Note(note.text, (*others, *note.signatures)))),
        )
        connection.execute(
            "INSERT INTO ledger_key (verifier, since_size) SELECT unnest(%s::text[]), %s ON CONFLICT DO NOTHING",
            ([str(signer.key) for signer in missing], size),
        )

    def _not_among(self, signatures: Iterable[Signature]) -> list[Signer]:
        by = {(signature.name, signature.key_id) for signature in signatures}
        return [signer for signer in self._signers if (signer.key.name, signer.key.id) not in by]


def latest(connection: Connection) -> Note | None:
    """The largest checkpoint that was signed."""
    row = connection.execute("SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    return parse_note(row[0].encode()) if row is not None else None


def signed_with(connection: Connection) -> list[VerifierKey]:
    """The public keys that the database names: of all that ever signed."""
    rows = connection.execute("SELECT verifier FROM ledger_key ORDER BY since_size, verifier").fetchall()
    return [parse_verifier_key(text) for (text,) in rows]


def _head(connection: Connection) -> int:
    row = connection.execute(_HEAD).fetchone()
    return int(row[0]) if row is not None else 0
