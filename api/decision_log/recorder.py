"""Records decisions in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from erstwhile.api.decision_log.masking import Mask
from erstwhile.api.decision_log.rows import Entry, RowMaker
from erstwhile.projections.decision_rows import add_lines, has_line
from erstwhile.projections.sql import Connection


class Progress(Protocol):
    """Hears how far an attempt to record decisions has come, before it has ended."""

    def leave_out(self, count: int) -> None:
        """So many of them cannot be masked, and are not recorded."""

    def begin_commit(self, last: int) -> None:
        """What comes next is the commit, with which the last decision has this id."""


class Recorder:
    """For one thread. `connect` is called for a connection when one is needed."""

    def __init__(self, connect: Callable[[], Connection], masked: Sequence[str]) -> None:
        self._connect = connect
        self._maker = RowMaker(Mask(masked))
        self._connection: Connection | None = None
        self._days: set[date] = set()
        """Those whose partitions are known to be there."""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def record(self, entries: Sequence[Entry], before: int, progress: Progress) -> None:
        """Records decisions once. `before`: the id that `begin_commit` was called with by an attempt before, of whose
        end nobody knows; 0: there was none. Raises what made it fail."""
        rows = self._maker.rows(entries)
        if rows.left_out:
            progress.leave_out(rows.left_out)
        if not rows.lines:
            return
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            with self._connection.transaction():
                # The connection may have been lost, or a process ended, while an attempt before was committed.
                if before and has_line(self._connection, before, rows.lines[-1]):
                    return
                progress.begin_commit(add_lines(self._connection, rows.lines, rows.days, self._days))
        except BaseException:
            self._days.clear()  # a partition that was made in a transaction is gone with it
            raise
