"""The writer: commands → events, many in one transaction (group commit).

A batch is decided in sequence on a speculative Directory and appended with every command's own condition.
Should any condition fail, nothing of the batch is committed: the writer catches up and decides it again, for
what was built on a loser is void with it; in the end while no other writer appends. A command that is
refused, or that the database does not take, fails alone.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import psycopg

from erstwhile.api.commanding.completion import Committed, Completion, LostRace, WriterClosed
from erstwhile.api.commanding.provenance import Provenance, SideStatement, storable_provenance
from erstwhile.api.commanding.speculation import Speculative
from erstwhile.api.commanding.submitting import Submitting
from erstwhile.api.commanding.waiting_commands import Waiting
from erstwhile.api.database.away import is_away, is_lost
from erstwhile.domain.commands import Command, dependencies_of, handle
from erstwhile.domain.commands.account import RecordRefusal
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.codec import NotIJson
from erstwhile.domain.event_log.event_log import Appended, EventLog
from erstwhile.domain.events import BareEvent, Event
from erstwhile.domain.replay.set_apart import reason_of
from erstwhile.domain.vocabulary.refusals import Refusal, ValidationError

logger = logging.getLogger("erstwhile")

MAX_BATCH = 64
_ATTEMPTS = 10
_RACES = 3
"""Attempts of a batch after which the writer locks the log for it."""
_PATIENCE = 5.0
"""Seconds to wait for a database that went away, to learn whether a commit happened."""


class CommandWriter(Submitting):
    """One thread, from `start` to `close`, that owns a connection and a Directory. Call `submit` from anywhere."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        directory: Directory,
        max_batch: int = MAX_BATCH,
        acknowledge: Callable[[int], None] = lambda _position: None,
        publish: Callable[[list[BareEvent]], None] = lambda _events: None,
    ) -> None:
        """`acknowledge` is called with each position before any caller learns it; `publish` with the appended events,
        so that this process need not read them back."""
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None
        self._speculative = Speculative(directory)
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._max_batch = max_batch
        self._acknowledge = acknowledge
        self._publish = publish
        self._closed = False

    def submit_to(
        self,
        completion: Completion,
        command: Command,
        caller: Provenance | None = None,
        beside: SideStatement | None = None,
    ) -> None:
        if self._closed:
            completion.set_exception(WriterClosed("the writer is closed; the command was not done"))
        else:
            self._queue.put(Waiting(command, storable_provenance(caller or Provenance()), completion, beside))

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, or None for an account that the writer has not heard of."""
        return self._speculative.directory.mode(account)

    @property
    def backend(self) -> int:
        """The backend that appends; 0 while there is none."""
        connection = self._connection
        return connection.info.backend_pid if connection is not None and not connection.closed else 0

    def close(self) -> None:
        """Finishes what was submitted, and ends."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        going = True
        while going:
            batch: list[Waiting] = []
            waiting = self._queue.get()
            while waiting is not None:
                batch.append(waiting)
                if len(batch) >= self._max_batch or self._queue.empty():
                    break
                waiting = self._queue.get()
            going = waiting is not None
            # A caller that has been answered "too long" must not find the command done later.
            batch = [each for each in batch if not each.completion.done()]
            if batch:
                self._run_batch(batch)
        if self._connection is not None:
            self._connection.close()

    def _run_batch(self, batch: list[Waiting]) -> None:
        try:
            for number in range(_ATTEMPTS):
                if self._attempt(batch) if number < _RACES else self._attempt_alone(batch):
                    return
            raise LostRace(f"a batch lost its race {_ATTEMPTS} times; nothing of it is done")
        except Exception as error:  # noqa: BLE001 - the waiting callers must learn of any error
            self._speculative.undo()
            waiting = [each for each in batch if not each.completion.done()]
            if len(waiting) > 1 and not is_away(error):
                # One command is at fault: the others are tried without it.
                for each in waiting:
                    self._run_batch([each])
                return
            for each in waiting:
                self._fail(each, error)

    def _fail(self, waiting: Waiting, error: Exception) -> None:
        """Reports the error to the caller, and records the attempt."""
        if not is_away(error) and not isinstance(waiting.command, RecordRefusal):
            logger.error("%s cannot be done", type(waiting.command).__name__, exc_info=error)
            try:
                waiting.record("InternalFailure", "the command could not be done here")
                if waiting.item is not None:
                    self._log().append_encoded([waiting.item])
            except Exception:
                logger.exception("that %s was refused is not recorded", type(waiting.command).__name__)
        waiting.completion.set_exception(error)

    def _attempt_alone(self, batch: list[Waiting]) -> bool:
        """As `_attempt`, with the log locked: no other writer can come first again."""
        with self._log().locked():
            self._catch_up()
            return self._attempt(batch)

    def _attempt(self, batch: list[Waiting]) -> bool:
        """Decides and appends; False when another writer's events made a decision void."""
        directory = self._speculative.directory
        try:
            after = directory.position
            items, appended = self._decide_and_append(batch, after)
        except psycopg.Error as error:
            if not is_lost(error):
                raise
            return self._settle(batch)
        if appended is None:
            self._speculative.undo()
            self._catch_up()
            return False
        positions: Iterator[int] = iter(())
        if items:
            results = [position for position in appended.positions if position is not None]
            positions = iter(results)
            self._advance(after, results, items)
            self._acknowledge(results[-1])
            self._publish(appended.bare_events([(each.command.account, each.recorded) for each in batch if each.item]))
        for waiting in batch:
            position = next(positions) if waiting.item is not None else directory.position
            waiting.answer(position)
        return True

    def _decide_and_append(self, batch: list[Waiting], after: int) -> tuple[list[dict[str, Any]], Appended | None]:
        """None where another writer's events came first."""
        now = datetime.now(UTC)
        for waiting in batch:
            self._decide(waiting, after, now)
        if any(not waiting.bodies for waiting in batch) and self._log().head() > after:
            # A refusal, and a command without effect, are answered at the head of the log only: another writer's events
            # may have made the answer untrue.
            return [], None
        items = [waiting.item for waiting in batch if waiting.item is not None]
        if not items:
            return [], Appended([], after, now)
        return items, self._append(items, [each.beside for each in batch if each.beside and each.bodies])

    def _decide(self, waiting: Waiting, after: int, now: datetime) -> None:
        directory, command = self._speculative.directory, waiting.command
        waiting.begin()
        try:
            depends = dependencies_of(directory, command)
            bodies = handle(directory, command)
            if not bodies:
                return
            waiting.propose(bodies, depends, after)
        except NotIJson as error:
            waiting.refuse(ValidationError(str(error)))
        except Refusal as refusal:
            waiting.refuse(refusal)
        else:
            self._speculative.apply(command.account, waiting.bodies, now)

    def _append(self, items: list[dict[str, Any]], side_statements: list[SideStatement]) -> Appended | None:
        """None (and nothing committed) when any command lost its race."""
        connection = self._connected()
        # Without side statements, the one statement is a transaction of its own.
        with connection.transaction() if side_statements else nullcontext():
            found = EventLog.within(connection).append_encoded(items, whole=True)
            if None in found.positions:
                return None
            for statement, parameters in side_statements:
                connection.execute(statement, parameters)
        return found

    def _log(self) -> EventLog:
        return EventLog.within(self._connected())

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _connected_again(self) -> psycopg.Connection[Any]:
        """As `_connected`, but waits for a database that may be restarting."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._connected()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _settle(self, batch: list[Waiting]) -> bool:
        """The connection broke in the middle: looks up by event id whether the commit happened; never appends again
        blindly. False where the batch is to be decided anew."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._speculative.undo()
        sent = [waiting for waiting in batch if waiting.item is not None]
        log = EventLog.within(self._connected_again())
        last = log.find_event(sent[-1].first_event) if sent else None
        if last is None:
            self._catch_up()
            return False
        self._catch_up()
        self._acknowledge(self._speculative.directory.position)
        for waiting in batch:
            found = log.find_event(waiting.first_event) if waiting.item is not None else None
            position = self._speculative.directory.position
            if found is not None:
                position = found + max(len(waiting.bodies), 1) - 1
            waiting.answer(position)
        return True

    def _advance(self, after: int, results: list[int], items: list[dict[str, Any]]) -> None:
        """Applies the events of other writers that came between; our own are applied already."""
        last = results[-1]
        own = sum(len(item["events"]) for item in items)
        if last - after > own:
            for event in self._log().read_after(after, last - own, _pass_over):
                self._learn(event)
        self._speculative.keep(last)

    def _catch_up(self) -> None:
        log, directory = self._log(), self._speculative.directory
        top = log.head()
        for event in log.read_after(directory.position, top, _pass_over):
            self._learn(event)
        self._speculative.keep(top)

    def _learn(self, event: Event) -> None:
        try:
            self._speculative.learn(event)
        except Exception as error:  # noqa: BLE001 - like every replay, the writer sets the event apart
            _pass_over(event.position, reason_of(error))


def _pass_over(position: int, reason: str) -> None:
    logger.error("commands are decided without event %s: %s", position, reason)


__all__ = ["CommandWriter", "Committed", "Completion", "Provenance", "SideStatement", "WriterClosed"]
