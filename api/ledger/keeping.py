"""The threads of a server that keep the ledger: every second in which something came, the tree grows and is signed. The
tree over the decision log has a thread of its own: a tree that cannot be kept does not stop the other."""

from __future__ import annotations

import logging
from collections.abc import Callable

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.decision_log.process import ProcessEnded
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import LedgerBroken, LedgerKeeper, OtherLedger

log = logging.getLogger("erstwhile.ledger")

EVERY = 1.0
"""Seconds between two checkpoints, while events come."""
PATIENCE = 10.0
"""Seconds in which what came last is signed."""


class _TreeThread(Rounds):
    """Signs what came last before it ends."""

    def _after(self, error: Exception) -> float:
        return EVERY

    def _end(self) -> None:
        self.attempt()

    def _say(self, error: Exception) -> None:
        if isinstance(error, OtherLedger):
            log.error("no checkpoint is signed: %s", error)
        elif isinstance(error, LedgerBroken):
            log.error("%s: %s; `erstwhile verify` says more", self.words, error)
        else:
            super()._say(error)


class LedgerThread(_TreeThread):
    """Keeps the tree over the events."""

    words = "the ledger is not kept"

    def __init__(self, keeper: LedgerKeeper, position: Callable[[], int]) -> None:
        """`position`: how far the current Directory is, which shows that something came."""
        super().__init__("ledger", log, first=EVERY, patience=PATIENCE)
        self._keeper = keeper
        self._position = position
        self._seen = -1

    def close(self) -> None:
        super().close()
        self._keeper.close()

    def _round(self) -> float:
        position = self._position()
        if position != self._seen:
            size = self._keeper.catch_up(waiting=False)
            if size is not None and size >= position:
                self._seen = position
        return EVERY


class DecisionTreeThread(_TreeThread):
    """Keeps the tree over the decision log."""

    words = "the tree of decisions is not kept"
    known = (ProcessEnded,)

    def __init__(self, keeper: DecisionKeeper) -> None:
        super().__init__("decision_tree", log, first=EVERY, patience=PATIENCE)
        self._keeper = keeper

    def close(self) -> None:
        super().close()
        self._keeper.close()

    def _round(self) -> float:
        self._keeper.catch_up(waiting=self.is_stopping)
        return EVERY
