"""Decisions are recorded by another process: a server's interpreter is for deciding.

The process (`program`) is started with the first thing that it has to do, and again after it ended. What it had not
answered then is sent again, with the id under which it may have been recorded.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import psycopg

from erstwhile.api.decision_log.recorder import Progress
from erstwhile.api.support.channel import Channel, list_of
from erstwhile.projections.ledger.broken import LedgerBroken

ANSWERS_WITHIN = 660.0
"""Seconds in which the process must say something: more than its longest statement, and its grace, take."""
_ENDS_WITHIN = 2.0
"""Seconds in which it has to end once its sockets are closed."""
_RECORDS, _TREE = 0, 1
_ABANDONED = "what records them did not end in time"


class ProcessEnded(Exception):
    """the process that records decisions ended"""


class Abandoned(ProcessEnded):
    """the server ends, and no decision is recorded any more"""


class RecordingFailed(Exception):
    """the process that records decisions could not; with its traceback"""


class _Running:
    """The process, and a channel for each of the two threads that speak to it."""

    def __init__(self, dsn: str, within: float, masked: Sequence[str]) -> None:
        pairs = [socket.socketpair() for _ in (_RECORDS, _TREE)]
        theirs = [their for _, their in pairs]
        descriptors = [each.fileno() for each in theirs]
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "erstwhile.api.decision_log.program", *map(str, descriptors)],
                pass_fds=descriptors, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the server
            )  # fmt: skip
        except BaseException:
            for ours, _ in pairs:
                ours.close()
            raise
        finally:
            for each in theirs:
                each.close()
        # The tree may be long at it where much was recorded before; a process that hangs is seen by the other.
        self.channels = [Channel(pairs[_RECORDS][0], ANSWERS_WITHIN), Channel(pairs[_TREE][0])]
        self.locks = [threading.Lock() for _ in pairs]
        self.is_over = False
        with suppress(OSError):  # it is gone already, which the first question to it shows
            self.channels[_RECORDS].send((dsn, within, list(masked)))

    def end(self) -> str:
        """Kills it where it has not ended by itself. Returns how it ended."""
        self.is_over = True
        self.tidy()
        try:
            status = self.process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"

    def tidy(self) -> None:
        """Closes the channels of a process that is over. A thread that still speaks over one sees its end, and does
        this once more."""
        for channel, lock in zip(self.channels, self.locks, strict=True):
            if self.is_over and lock.acquire(blocking=False):
                try:
                    channel.close()
                finally:
                    lock.release()


class RecordingProcess:
    """Any thread may use it; two that ask for the same wait for each other."""

    def __init__(self, dsn: str, within: float, masked: Sequence[str]) -> None:
        """`dsn`: the database; `within`: seconds that a statement may take; `masked`: names of members (`Mask`)."""
        self._greeting = dsn, within, masked
        self._running: _Running | None = None
        self._is_abandoned = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        running = self._running
        return None if running is None else running.process.pid

    def record(self, entries: Sequence[bytes], before: int, progress: Progress) -> None:
        """As `Recorder.record`, of packed entries. Raises OperationalError, ProcessEnded or RecordingFailed."""
        with self._speaking(_RECORDS) as channel:
            channel.send((list_of(entries), before))
            while True:
                kind, number, words = channel.receive()
                if kind == "left_out":
                    progress.leave_out(number)
                elif kind == "committing":
                    progress.begin_commit(number)
                elif kind == "done":
                    return
                else:
                    _fail(kind, words)

    def take_in(self, waiting: bool) -> int | None:
        """Takes what was recorded into the tree over the decisions, as `decisions_taken_in.take_in` does. Raises
        LedgerBroken, too."""
        with self._speaking(_TREE) as channel:
            channel.send(waiting)
            kind, taken_in, words = channel.receive()
        if kind == "busy":
            return None
        if kind != "done":
            _fail(kind, words)
        return int(taken_in)

    def abandon(self) -> None:
        """Ends the process, whatever it does. A thread that waits for it hears Abandoned, as do all that come."""
        with self._lock:
            self._is_abandoned = True
            running, self._running = self._running, None
        if running is not None:
            running.process.kill()
            running.end()

    @contextmanager
    def _speaking(self, which: int) -> Iterator[Channel]:
        running = self._started()
        try:
            with running.locks[which]:
                yield running.channels[which]
        except (OSError, EOFError) as error:
            lost = self._lost(running, error)
            raise (Abandoned(_ABANDONED) if self._is_abandoned else ProcessEnded(lost)) from None
        finally:
            running.tidy()

    def _started(self) -> _Running:
        with self._lock:
            if self._is_abandoned:
                raise Abandoned(_ABANDONED)
            if self._running is None:
                try:
                    self._running = _Running(*self._greeting)
                except OSError as error:
                    raise ProcessEnded(f"the process that records decisions cannot be started: {error}") from None
            return self._running

    def _lost(self, running: _Running, error: OSError | EOFError) -> str:
        with self._lock:
            if self._running is running:
                self._running = None
        if isinstance(error, TimeoutError):
            running.process.kill()
            running.end()
            return f"the process that records decisions said nothing for {ANSWERS_WITHIN:g} s"
        return f"the process that records decisions {running.end()}"


def _fail(kind: str, words: Any) -> NoReturn:
    if kind == "away":
        raise psycopg.OperationalError(words)
    if kind == "broken":
        raise LedgerBroken(words)
    raise RecordingFailed(words)
