"""The buffer of decisions that were served, and the thread that writes them: nobody's answer waits for it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import msgspec

from erstwhile.api.commanding.outages import is_away
from erstwhile.api.decision_log.masking import Mask
from erstwhile.api.decision_log.settings import DecisionLogSettings
from erstwhile.api.problems import Problem
from erstwhile.domain.vocabulary.storable_text import storable
from erstwhile.domain.vocabulary.typed import decoder
from erstwhile.projections.decision_rows import Logged, add
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile.decisions")

BUFFERED = 50_000
"""Decisions that wait to be written, at most."""
_TOGETHER = 5_000
_EVERY = 0.2
"""Seconds between two writes."""
_DENIED = b'{"decision":false'
_LONGEST = 2_000
"""Characters of a name in a column of its own; the question has it whole."""

Question = bytes | msgspec.Struct
"""As AuthZEN has it: JSON, or what was read of it."""
Entry = tuple[float, str, Question, bytes, int, float]
"""(seconds since 1970, the token's name, question, answer, log position, seconds that the answer took)"""


class _Named(msgspec.Struct):
    id: str = ""
    name: str = ""


class _Question(msgspec.Struct):
    subject: _Named
    action: _Named
    resource: _Named


class _Context(msgspec.Struct):
    effect: str = ""
    error: msgspec.Raw | None = None


class _Answer(msgspec.Struct):
    decision: bool
    context: _Context | None = None


_question = decoder(_Question)
_answer = decoder(_Answer)


class DecisionLog:
    """`written`, `dropped`, `refused`: counts since the start; `failure`: what the last write ended
    with, if it failed."""

    def __init__(self, connect: Callable[[], Connection], settings: DecisionLogSettings) -> None:
        self.settings = settings
        self.written = self.dropped = self.refused = 0
        self.failure: BaseException | None = None
        self._connect = connect
        self._mask = Mask(settings.masked)
        self._waiting: deque[Entry] = deque()
        self._connection: Connection | None = None
        self._days: set[date] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decisions", daemon=True)

    def start(self) -> None:
        if self.settings.is_on:
            self._thread.start()

    def close(self) -> None:
        """Writes what waits, if the database takes it, and ends."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        if self._connection is not None:
            self._connection.close()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def require_room(self) -> None:
        """Raises Problem 503 where the buffer is full and that refuses questions."""
        if self.settings.refuses and len(self._waiting) >= BUFFERED:
            self.refused += 1
            raise Problem(503, "decision_log_full", "decisions cannot be recorded now, and none is made without that")

    def note(self, asked_by: str, question: Question, answer: bytes, revision: int, started: float) -> None:
        """Records a decision that is about to be served. `answer`: as AuthZEN has it; `started`: by the performance
        counter."""
        settings = self.settings
        if settings.share < 1 and random.random() >= settings.share:
            return
        if settings.denied_only and not answer.startswith(_DENIED):
            return
        if len(self._waiting) >= BUFFERED:
            self.dropped += 1
            return
        self._waiting.append((time.time(), asked_by, question, answer, revision, time.perf_counter() - started))

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            self._write()
        self._write()

    def _write(self) -> None:
        """Writes all that waits; what could not be written waits on."""
        while self._waiting:
            batch = [self._waiting[at] for at in range(min(_TOGETHER, len(self._waiting)))]
            try:
                connection = self._opened()
                with connection.transaction():
                    add(connection, self._rows(batch), self._days)
                self.failure = None
            except Exception as error:
                self._days.clear()
                if not is_away(error):
                    log.exception("%s decisions cannot be recorded", len(batch))
                    self._forget(len(batch))  # it would fail for ever
                elif self.failure is None:
                    log.error("decisions wait for the database: %s", error)
                self.failure = error
                return
            self.written += len(batch)
            for _ in batch:
                self._waiting.popleft()

    def _forget(self, count: int) -> None:
        self.dropped += count
        for _ in range(count):
            self._waiting.popleft()

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _rows(self, batch: list[Entry]) -> Iterator[Logged]:
        for at, asked_by, question, answer, revision, took in batch:
            try:
                asked = question if isinstance(question, bytes) else msgspec.json.encode(question)
                masked, is_masked = self._mask.applied(asked)
                row = _row(at, asked_by, masked, is_masked, answer, revision, took)
            except (ValueError, TypeError, AttributeError, RecursionError):
                self.dropped += 1  # unmasked it is not recorded
                continue
            yield row


def _row(
    at: float, asked_by: str, question: bytes, is_masked: bool, answer: bytes, revision: int, took: float
) -> Logged:
    asked, told = _question.decode(question), _answer.decode(answer)
    effect = told.context.effect if told.context is not None else ""
    if not effect:
        is_error = told.context is not None and told.context.error is not None
        effect = "error" if is_error else ("allow" if told.decision else "implicit_deny")
    names = (asked.subject.id, asked.action.name, asked.resource.id)
    subject, action, resource = (storable(name, _LONGEST) for name in names)
    return Logged(
        0, datetime.fromtimestamp(at, UTC), storable(asked_by), subject, action, resource, effect, question.decode(),
        answer.decode(), is_masked, revision, int(took * 1e6),
    )  # fmt: skip
