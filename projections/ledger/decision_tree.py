"""Keeps the tree over the decision log: takes in what was recorded, and signs checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import LiteralString

from erstwhile.domain.ledger.decision_leaves import origin_of_decisions
from erstwhile.domain.ledger.signing import Signer
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.decisions_taken_in import LAST, LOCK, TRY_LOCK, size, take_in
from erstwhile.projections.ledger.one_connection import OneConnection
from erstwhile.projections.ledger.signing import sign
from erstwhile.projections.sql import Connection

BETWEEN = 60
"""Seconds between two checkpoints, while decisions come: they come all day, and a checkpoint has 4 kB."""
_SIGNED: LiteralString = f"""
SELECT size, made_at BETWEEN clock_timestamp() - {BETWEEN} * interval '1 second' AND clock_timestamp()
FROM decision_checkpoint ORDER BY size DESC LIMIT 1
"""


class DecisionKeeper(OneConnection):
    """Any thread may use it, one at a time."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        origin: str,
        signers: Sequence[Signer],
        now: Callable[[], int],
        elsewhere: Callable[[bool], int | None] | None = None,
    ) -> None:
        """`origin`: the name of the log of events; `now`: seconds since 1970; `elsewhere`: takes in what was recorded,
        as `take_in` does, in another process."""
        super().__init__(connect)
        self.origin = origin_of_decisions(origin)
        self._signers = list(signers)
        self._now = now
        self._elsewhere = elsewhere
        self._seen = 0
        """All decisions up to this id are taken in."""
        self._is_signed = False

    def catch_up(self, waiting: bool = True, progress: Callable[[int, int], None] | None = None) -> None:
        """Takes in what was recorded, and signs a checkpoint; while another process does it, or writes decisions, it
        waits. Without `waiting` it does not, and leaves a checkpoint for later where the last one is younger than
        BETWEEN. Raises LedgerBroken."""
        with self._held() as connection:
            self._catch_up(connection, waiting, progress)

    def _catch_up(self, connection: Connection, waiting: bool, progress: Callable[[int, int], None] | None) -> None:
        [(last,)] = connection.execute(LAST).fetchall()
        if last == self._seen and self._is_signed:
            return
        if last != self._seen:
            if self._elsewhere is not None:
                taken_in = self._elsewhere(waiting)
            else:
                taken_in = take_in(connection, self._seen, waiting, progress)
            if taken_in is None:
                return
            self._seen, self._is_signed = taken_in, False
        with connection.transaction():
            if connection.execute(LOCK if waiting else TRY_LOCK).fetchone() != (False,):
                use_utc(connection)
                self._is_signed = self._sign(connection, waiting)

    def _sign(self, connection: Connection, waiting: bool) -> bool:
        """Returns whether all of the tree is signed."""
        whole = size(connection)
        row = connection.execute(_SIGNED).fetchone()
        if not waiting and row is not None and row[1]:
            return bool(row[0] == whole)
        sign(connection, tiles.DECISIONS, self.origin, self._signers, whole, self._now())
        return True
