"""The buffer of decisions that were served, and the thread that has them recorded: nobody's answer waits for it."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import msgspec

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.database.away import is_away
from erstwhile.api.decision_log.process import Abandoned, ProcessEnded
from erstwhile.api.decision_log.recorder import Progress
from erstwhile.api.decision_log.rows import Entry
from erstwhile.api.decision_log.settings import DecisionLogSettings
from erstwhile.api.problems import Problem

log = logging.getLogger("erstwhile.decisions")

Question = bytes | msgspec.Struct
"""As AuthZEN has it: JSON, or what was read of it."""
Noted = tuple[int, str, Question, bytes, int, float]
"""As an `Entry`, before its question is written."""
BUFFERED = 50_000
"""Decisions that wait to be recorded, at most."""
BYTES = 64 << 20
"""Bytes of their questions and answers, at most."""
_READ = 1_000
"""Bytes that a question of a batch, which is kept as it was read, counts as."""
_TOGETHER, _TOGETHER_BYTES = 5_000, 8 << 20
"""Decisions, and bytes of them, that are recorded at once, at most; one is, however large."""
_EVERY, _SELDOM = 0.2, 5.0
"""Seconds between two records; while the process that records ends again and again, twice as many each time, up to
so many."""
_ENDS = 10
"""How often it may end over one batch: then it may be the batch that ends it."""
_STARTS_AT_THE_END = 3
"""How often it is started anew while the server ends."""
_pack = msgspec.msgpack.Encoder().encode
_NOT_WRITTEN = (ValueError, TypeError, RecursionError, ArithmeticError)
_DENIED = b'{"decision":false'


class Recording(Protocol):
    """What records decisions for the log."""

    @property
    def pid(self) -> int | None:
        """The process that records, where there is one."""

    def record(self, entries: Sequence[bytes], before: int, progress: Progress) -> None:
        """Records packed entries once. `before`: the id that `begin_commit` was called with by an attempt before, of
        whose end nobody knows; 0: there was none. Raises what made it fail: OperationalError, with which it may be
        tried again, or any other."""

    def abandon(self) -> None:
        """Ends what another thread waits for: it fails, as does all that comes."""


class _Batch:
    """Decisions that are recorded together, and what is known of that."""

    def __init__(self, entries: Sequence[bytes], size: int) -> None:
        """`entries`: packed; `size`: what they count as."""
        self.entries, self.size = entries, size
        self.left_out = self.last = self.ends = 0
        """How many cannot be masked; the id under which the last one may be recorded; how often the process ended."""

    def leave_out(self, count: int) -> None:
        self.left_out = count

    def begin_commit(self, last: int) -> None:
        self.last = last


class DecisionLog(Rounds):
    """`written`, `dropped`, `refused`: counts since the start."""

    words = "decisions cannot be recorded"
    known = (ProcessEnded,)

    def __init__(self, recording: Recording, settings: DecisionLogSettings) -> None:
        super().__init__("decision_log", log, first=_EVERY, patience=10.0)
        self.settings = settings
        self._is_partial = settings.share < 1 or settings.denied_only
        self.written = self.dropped = self.refused = 0
        self._recording = recording
        self._waiting: deque[Noted] = deque()
        """As they were noted: to pack each when it is noted costs the loop 3 µs, many times what it takes to pack
        thousands in a row."""
        self._batch: _Batch | None = None
        """What was taken out of it and is not recorded yet."""
        self._held = 0
        """How many decisions that is."""
        self._bytes = 0
        """What all that waits counts as."""

    def close(self) -> None:
        """Has recorded what waits, if the database takes it, and ends."""
        super().close()
        if self._thread.is_alive():
            self._recording.abandon()
            self._join()

    @property
    def waiting(self) -> int:
        return len(self._waiting) + self._held

    @property
    def process(self) -> int | None:
        """The process that records, where there is one."""
        return self._recording.pid

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
        """Has recorded what waits. What comes meanwhile waits for the next time, unless it is a whole batch: small ones
        cost more."""
        while self._batch is not None or self._waiting:
            batch = self._batch or self._taken()
            self._record(batch)
            self.written += len(batch.entries) - batch.left_out
            self._let_go(batch)
            if len(self._waiting) < _TOGETHER:
                break
        return _EVERY

    def _record(self, batch: _Batch) -> None:
        known = batch.left_out
        try:
            self._recording.record(batch.entries, batch.last, batch)
        finally:
            self.dropped += batch.left_out - known  # each attempt says so
            self._held -= batch.left_out - known

    def _after(self, error: Exception) -> float:
        batch = self._batch
        if batch is None or is_away(error):
            return _EVERY
        if isinstance(error, ProcessEnded):
            batch.ends += 1
            if batch.ends < _ENDS:
                return float(min(_EVERY * 2 ** (batch.ends - 1), _SELDOM))
        log.error("%s decisions are dropped", self._held)  # it would fail for ever
        self.dropped += self._held
        self._let_go(batch)
        return _EVERY

    def _say(self, error: Exception) -> None:
        if is_away(error):
            log.error("decisions wait for the database: %s", error)
        else:
            super()._say(error)

    def _end(self) -> None:
        self.attempt()
        starts = 0
        while self.waiting and starts < _STARTS_AT_THE_END:
            if isinstance(self.failure, ProcessEnded) and not isinstance(self.failure, Abandoned):
                starts += 1
            elif self.failure is not None:
                break
            self.attempt()  # the last calls were answered meanwhile, or the process is started anew
        if self.waiting:
            self.dropped += self.waiting
            log.error("the server ends, and %s decisions are not recorded: %s", self.waiting, self.failure)

    def _taken(self) -> _Batch:
        """The next batch, out of what waits."""
        entries: list[bytes] = []
        size = taken = 0
        for index in range(min(_TOGETHER, len(self._waiting))):
            noted = self._waiting[index]
            _, _, question, answer, _, _ = noted
            one = len(answer) + (len(question) if isinstance(question, bytes) else _READ)
            if taken and size + one > _TOGETHER_BYTES:
                break
            size += one
            taken += 1
            try:
                entries.append(_pack(noted if isinstance(question, bytes) else _written(noted)))
            except _NOT_WRITTEN:
                self.dropped += 1
        batch = _Batch(entries, size)
        self._batch, self._held = batch, len(entries)
        for _ in range(taken):
            self._waiting.popleft()
        return batch

    def _let_go(self, batch: _Batch) -> None:
        """The batch is recorded, or dropped."""
        self._bytes -= batch.size
        self._batch, self._held = None, 0


def _written(noted: Noted) -> Entry:
    """With its question as JSON."""
    at, asked_by, question, answer, revision, took = noted
    return at, asked_by, msgspec.json.encode(question), answer, revision, took
