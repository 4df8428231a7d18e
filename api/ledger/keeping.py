"""The thread of a server that keeps the ledger: every second in which something came, the tree grows and is signed, and
so does the tree over the decision log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from erstwhile.api.commanding.outages import is_away
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import LedgerBroken, LedgerKeeper, OtherLedger

log = logging.getLogger("erstwhile.ledger")

EVERY = 1.0
"""Seconds between two checkpoints, while events come."""


class LedgerThread:
    """Runs until it is closed. `failure`: what the last round ended with, of either tree, if it failed."""

    def __init__(
        self, keeper: LedgerKeeper, position: Callable[[], int], decisions: DecisionKeeper | None = None
    ) -> None:
        """`position`: how far the current Directory is, which shows that something came."""
        self.failure: BaseException | None = None
        self._failures: dict[str, BaseException] = {}
        self._keeper = keeper
        self._decisions = decisions
        self._position = position
        self._seen = -1
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Signs what came last, and ends."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._keeper.close()
        if self._decisions is not None:
            self._decisions.close()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            self._round()
        self._round(last=True)

    def _round(self, last: bool = False) -> None:
        self._guarded("the ledger", self._keep_events)
        decisions = self._decisions
        if decisions is not None:
            self._guarded("the tree of decisions", lambda: decisions.catch_up(waiting=last))
        self.failure = next(iter(self._failures.values()), None)

    def _keep_events(self) -> None:
        position = self._position()
        if position == self._seen:
            return
        size = self._keeper.catch_up(waiting=False)
        if size is not None and size >= position:
            self._seen = position

    def _guarded(self, what: str, keep: Callable[[], None]) -> None:
        """One tree that cannot be kept does not stop the other."""
        try:
            keep()
            self._failures.pop(what, None)
        except Exception as error:
            if what not in self._failures and not is_away(error):
                if isinstance(error, OtherLedger):
                    log.error("no checkpoint is signed: %s", error)
                elif isinstance(error, LedgerBroken):
                    log.error("%s is not kept: %s; `erstwhile verify` says more", what, error)
                else:
                    log.exception("%s is not kept", what)
            self._failures[what] = error
