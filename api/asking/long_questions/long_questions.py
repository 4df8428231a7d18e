"""What a server has of the processes that answer its long questions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from threading import Lock

from erstwhile.api.asking.long_questions.messages import Message, pieces_of
from erstwhile.api.asking.long_questions.process import AnsweringProcess
from erstwhile.api.asking.long_questions.question import Ground, IsLong, Job, LongQuestion
from erstwhile.api.asking.long_questions.turns import Turns
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.problems import Problem

log = logging.getLogger("erstwhile")

FEW = 300
"""Principals that are compared in the server: each takes some 5 ms, and to start a process takes a second."""


class LongQuestions:
    """Any thread may ask."""

    def __init__(self, ground: Ground, most: int, few: int = FEW) -> None:
        """`most`: processes at once, one at least; `few`: principals that are compared without one."""
        self.few = few
        self._ground = ground
        self._turns = Turns(most)
        self._running: set[AnsweringProcess] = set()
        self._is_closed = False
        self._lock = Lock()
        self.started = self.lost = 0
        """Processes that were started, and that ended before their answer did."""

    @property
    def running(self) -> int:
        return self._turns.running

    @property
    def waiting(self) -> int:
        """Questions that wait for their turn."""
        return self._turns.waiting

    @contextmanager
    def answered(self, here: AbstractContextManager[Pieces], stop: Stop) -> Iterator[Pieces]:
        """What `here` answers; where it raises IsLong, what another process does. Raises what either raises, and
        Problem 503 where the process cannot be started, or ends before its answer does."""
        with ExitStack() as parts:
            long: LongQuestion | None = None
            try:
                pieces = parts.enter_context(here)
            except IsLong as error:
                long = error.question
            if long is not None:
                pieces = parts.enter_context(self._asked(long, stop))
            yield pieces

    def close(self) -> None:
        """Ends all of them."""
        with self._lock:
            self._is_closed = True
            running = list(self._running)
        for process in running:
            process.kill()

    @contextmanager
    def _asked(self, question: LongQuestion, stop: Stop) -> Iterator[Pieces]:
        with self._turns.turn(stop):
            process = self._start(question)
            try:
                with stop.heard_by(process.kill):
                    yield pieces_of(partial(self._receive, process, stop))
            finally:
                with self._lock:
                    self._running.discard(process)
                process.end()

    def _start(self, question: LongQuestion) -> AnsweringProcess:
        with self._lock:
            if self._is_closed:
                raise Problem(503, "ending", "the server is ending; ask another, or this one again soon")
            try:
                process = AnsweringProcess(Job(self._ground, question))
            except OSError as error:
                log.error("a process that answers a question cannot be started: %s", error)
                raise _lost("cannot be started now") from None
            self._running.add(process)
            self.started += 1
        return process

    def _receive(self, process: AnsweringProcess, stop: Stop) -> Message:
        try:
            return process.receive()
        except (EOFError, OSError):
            stop.check()
            how = process.end()
            with self._lock:
                self.lost += 1
            if not self._is_closed:
                log.error("the process that answers a question %s", how)
            raise _lost(how) from None


def _lost(how: str) -> Problem:
    return Problem(
        503, "answer_lost",
        f"the process that was to answer {how}: come again, or ask about one principal, one account or a shorter time, "
        "which takes less memory",
    )  # fmt: skip
