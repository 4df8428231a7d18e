"""The buffer of decisions that were served, and the thread that writes them: nobody's answer waits for it."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import date

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.commanding.outages import is_away
from erstwhile.api.decision_log.masking import Mask
from erstwhile.api.decision_log.rows import Entry, Question, RowMaker, Rows
from erstwhile.api.decision_log.settings import DecisionLogSettings
from erstwhile.api.problems import Problem
from erstwhile.projections.decision_rows import add_lines, has_line
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile.decisions")

BUFFERED = 50_000
"""Decisions that wait to be written, at most."""
BYTES = 64 << 20
"""Bytes of their questions and answers, at most."""
_READ = 1_000
"""Bytes that a question of a batch, which is kept as it was read, counts as."""
_TOGETHER = 5_000
_EVERY = 0.2
"""Seconds between two writes."""
_DENIED = b'{"decision":false'


class DecisionLog(Rounds):
    """`written`, `dropped`, `refused`: counts since the start."""

    words = "decisions cannot be recorded"

    def __init__(self, connect: Callable[[], Connection], settings: DecisionLogSettings) -> None:
        super().__init__("decision_log", log, first=_EVERY, patience=10.0)
        self.settings = settings
        self._is_partial = settings.share < 1 or settings.denied_only
        self.written = self.dropped = self.refused = 0
        self._connect = connect
        self._maker = RowMaker(Mask(settings.masked))
        self._waiting: deque[Entry] = deque()
        self._batch: Rows | None = None
        """What was taken out of it and is not written yet."""
        self._held = self._held_bytes = 0
        """How many decisions that is, and what they count as."""
        self._bytes = 0
        """What all that waits counts as."""
        self._last = 0
        """The id that the batch's last decision has, if the attempt that gave it was committed."""
        self._connection: Connection | None = None
        self._days: set[date] = set()

    def close(self) -> None:
        """Writes what waits, if the database takes it, and ends."""
        super().close()
        if self._connection is not None:
            self._connection.close()

    @property
    def waiting(self) -> int:
        return len(self._waiting) + self._held

    def require_room(self) -> None:
        """Raises Problem 503 where the buffer is full and that refuses questions."""
        if self.settings.refuses and (len(self._waiting) + self._held >= BUFFERED or self._bytes >= BYTES):
            self.refused += 1
            raise Problem(503, "decision_log_full", "decisions cannot be recorded now, and none is made without that")

    def note(self, asked_by: str, question: Question, answer: bytes, revision: int, started: float) -> None:
        """Records a decision that is about to be served. `answer`: as AuthZEN has it; `started`: by the performance
        counter."""
        if self._is_partial and not self._is_chosen(answer):
            return
        if len(self._waiting) + self._held >= BUFFERED or self._bytes >= BYTES:
            self.dropped += 1
            return
        # First, and then the sum: no other thread comes between its reading and its writing.
        size = len(answer) + (len(question) if isinstance(question, bytes) else _READ)
        self._bytes += size
        took = time.perf_counter() - started
        self._waiting.append((time.time_ns() // 1000, asked_by, question, answer, revision, took))

    def _is_chosen(self, answer: bytes) -> bool:
        settings = self.settings
        if settings.share < 1 and random.random() >= settings.share:
            return False
        return not settings.denied_only or answer.startswith(_DENIED)

    def _round(self) -> float:
        """Writes what waits. What comes meanwhile waits for the next time, unless it is a whole batch: small ones cost
        more."""
        while self._batch is not None or self._waiting:
            batch = self._batch or self._taken()
            self._record(batch)
            self.written += len(batch.lines)
            self._let_go()
            if len(self._waiting) < _TOGETHER:
                break
        return _EVERY

    def _after(self, error: Exception) -> float:
        self._days.clear()
        if not is_away(error) and self._batch is not None:
            log.error("%s decisions are dropped", len(self._batch.lines))
            self.dropped += len(self._batch.lines)  # it would fail for ever
            self._let_go()
        return _EVERY

    def _say(self, error: Exception) -> None:
        if is_away(error):
            log.error("decisions wait for the database: %s", error)
        else:
            super()._say(error)

    def _end(self) -> None:
        self.attempt()
        while self.waiting and self.failure is None:  # the last calls were answered meanwhile
            self.attempt()
        if self.waiting:
            self.dropped += self.waiting
            log.error("the server ends, and %s decisions are not recorded: %s", self.waiting, self.failure)

    def _record(self, batch: Rows) -> None:
        """Adds a batch once, even where the connection was lost while the last attempt was committed."""
        connection = self._opened()
        with connection.transaction():
            if self._last and has_line(connection, self._last, batch.lines[-1]):
                return
            self._last = 0
            self._last = add_lines(connection, batch.lines, batch.days, self._days)

    def _taken(self) -> Rows:
        """The next batch, out of what waits."""
        entries = [self._waiting[at] for at in range(min(_TOGETHER, len(self._waiting)))]
        batch = self._maker.rows(entries)
        self.dropped += batch.left_out
        for _ in entries:
            self._waiting.popleft()
        self._batch, self._held = batch, len(batch.lines)
        self._held_bytes = sum(
            [len(answer) + (len(asked) if isinstance(asked, bytes) else _READ) for _, _, asked, answer, _, _ in entries]
        )
        return batch

    def _let_go(self) -> None:
        """The batch is written, or dropped."""
        self._bytes -= self._held_bytes
        self._batch, self._held, self._held_bytes, self._last = None, 0, 0, 0

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection
