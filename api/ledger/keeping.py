"""The thread of a server that keeps the ledger: every second in which something came, the tree grows and is signed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from erstwhile.api.commanding.outages import is_away
from erstwhile.projections.ledger.keeper import LedgerBroken, LedgerKeeper, OtherLedger

log = logging.getLogger("erstwhile.ledger")

EVERY = 1.0
"""Seconds between two checkpoints, while events come."""


class LedgerThread:
    """Runs until it is closed. `failure`: what the last round ended with, if it failed."""

    def __init__(self, keeper: LedgerKeeper, position: Callable[[], int]) -> None:
        """`position`: how far the current Directory is, which shows that something came."""
        self.failure: BaseException | None = None
        self._keeper = keeper
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

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            self._round()
        self._round()

    def _round(self) -> None:
        position = self._position()
        if position == self._seen:
            return
        try:
            size = self._keeper.catch_up(waiting=False)
            if size is not None and size >= position:
                self._seen = position
            self.failure = None
        except Exception as error:
            if self.failure is None and not is_away(error):
                if isinstance(error, OtherLedger):
                    log.error("no checkpoint is signed: %s", error)
                elif isinstance(error, LedgerBroken):
                    log.error("the ledger is not kept: %s; `erstwhile verify` says more", error)
                else:
                    log.exception("the ledger is not kept")
            self.failure = error
