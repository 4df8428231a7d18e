"""Waits on the event loop until the current Directory has applied an event, without a thread for each caller.

`reached(position)` waits for one event, and so does `comes(position, seconds)` for one that need not come. `expect()`
waits for one command: until it is committed and applied. `caught_up()` waits for all events that a response of any
process has acknowledged: the processes of a home share that position in a file; otherwise it is the log's head. Many
callers share one query for the head: each waits for a query that began after its call.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Any

import psycopg

from erstwhile.api.asking.moments import stale
from erstwhile.api.commanding.completion import Committed
from erstwhile.api.database.database import Database
from erstwhile.api.database.shared_head import SharedHead
from erstwhile.api.problems import Problem
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.current import CurrentDirectory

WAIT = 10.0
"""Seconds after which a caller gets 503 because the Directory lags."""
LOOK, REST = 2.0, 2.0
"""Seconds that a query for the log's head may take; seconds without another query after one that failed."""


class Pending:
    """The completion of one command: the writer's thread reports to it, and `future` ends on the loop once the command
    is applied."""

    __slots__ = ("_post", "future")

    def __init__(self, future: asyncio.Future[Committed], post: Callable[[Posted], None]) -> None:
        self.future = future
        self._post = post

    def set_result(self, committed: Committed) -> None:
        self._post((self.future, committed))

    def set_exception(self, error: BaseException) -> None:
        self._post((self.future, error))

    def done(self) -> bool:
        return self.future.done()


Posted = tuple[asyncio.Future[Committed], Committed | BaseException]
Waiting = tuple[int, int, float, asyncio.Future[Any], Committed | None]
"""(position, number, when to give up, the caller's future, its result)"""


class ReadYourWrites:
    """Belongs to one event loop: the one on which it is first used."""

    def __init__(self, database: Database, current: CurrentDirectory) -> None:
        self._database = database
        self._current = current
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[Waiting] = []
        self._giving_up: asyncio.TimerHandle | None = None
        self._posted: list[Posted] = []
        self._is_posted = False
        self._numbers = itertools.count()
        self._asking: list[asyncio.Future[None]] = []
        self._looking: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._rests_until = 0.0
        current.on_applied(self._applied)

    def _applied(self) -> None:
        """Called by the thread that follows the log."""
        if self._loop is not None and self._waiting and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        position = self._current.position
        while self._waiting and self._waiting[0][0] <= position:
            _, _, _, future, outcome = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(outcome)

    def expect(self) -> Pending:
        """For one command: `future` ends with what was committed, once it is applied; it raises the writer's error, or
        Problem when the Directory does not apply it in time."""
        loop = self._loop = asyncio.get_running_loop()
        return Pending(loop.create_future(), self._post)

    def _post(self, posted: Posted) -> None:
        """Called by the writer's thread. Wakes the loop once for everything that is posted until it runs."""
        self._posted.append(posted)
        if not self._is_posted and self._loop is not None and not self._loop.is_closed():
            self._is_posted = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._is_posted = False  # before taking the list: later posts wake the loop again
        posted, self._posted = self._posted, []
        for future, outcome in posted:
            if future.done():
                continue  # its caller has gone
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            elif outcome.position <= self._current.position:
                future.set_result(outcome)
            else:
                self._wait(outcome.position, future, outcome)

    def _wait(self, position: int, future: asyncio.Future[Any], outcome: Committed | None, longer: float = 0.0) -> None:
        loop = asyncio.get_running_loop()
        heapq.heappush(self._waiting, (position, next(self._numbers), loop.time() + WAIT + longer, future, outcome))
        if self._giving_up is None:
            self._giving_up = loop.call_later(WAIT, self._give_up)
        if self._current.position >= position:
            self._wake()  # it was applied meanwhile

    def _give_up(self) -> None:
        """Ends the futures that have waited too long. One timer serves all."""
        loop = asyncio.get_running_loop()
        now, self._giving_up = loop.time(), None
        for position, _, until, future, _ in self._waiting:
            if until <= now and not future.done():
                future.set_exception(stale(position, self._current.position))
        self._waiting = [each for each in self._waiting if not each[3].done()]
        heapq.heapify(self._waiting)
        if self._waiting:
            soonest = min(until for _, _, until, _, _ in self._waiting)
            self._giving_up = loop.call_at(soonest, self._give_up)

    async def reached(self, position: int) -> None:
        """Raises Problem when the Directory does not come to the position in time."""
        if self._current.position >= position:
            return
        self._loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = self._loop.create_future()
        self._wait(position, future, None)
        await future

    async def comes(self, position: int, seconds: float) -> bool:
        """Waits for an event of this position; False where none came within so many seconds."""
        if self._current.position >= position:
            return True
        self._loop = loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._wait(position, future, None, longer=seconds)
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return False
        return True

    async def caught_up(self) -> None:
        """Raises Problem when the Directory does not catch up in time. Where the database does not answer, returns with
        what is in memory."""
        shared = self._database.shared_head
        if shared is not None:
            acknowledged = shared.read()
            if self._current.position < acknowledged:
                await self._reached_if_there(shared, acknowledged)
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            return
        future = loop.create_future()
        self._asking.append(future)
        if self._looking is None or self._looking.done():
            self._loop = loop
            self._looking = loop.create_task(self._look())
        await future

    async def _reached_if_there(self, shared: SharedHead, acknowledged: int) -> None:
        try:
            await self.reached(acknowledged)
        except Problem:
            # A database that was restored to an earlier state has fewer events than the file says.
            try:
                head = await asyncio.wait_for(self._head(), LOOK)
            except (psycopg.Error, TimeoutError):
                return
            shared.correct(acknowledged, head)
            await self.reached(head)

    async def _look(self) -> None:
        """Queries the log's head for the callers so far, and again for those that came meanwhile."""
        while self._asking:
            asked, self._asking = self._asking, []
            try:
                try:
                    top = await asyncio.wait_for(self._head(), LOOK)
                except (psycopg.Error, TimeoutError):
                    top = 0
                    self._rests_until = asyncio.get_running_loop().time() + REST
                if self._current.position < top:
                    await self.reached(top)
            except Exception as error:  # noqa: BLE001 - the waiting callers must learn of any error
                for future in asked:
                    if not future.done():
                        future.set_exception(error)
                continue
            for future in asked:
                if not future.done():
                    future.set_result(None)

    async def _head(self) -> int:
        """Asked over an asynchronous connection: a thread would wait for the interpreter behind every request. Raises
        TimeoutError where the database does not answer."""
        if self._connection is None or self._connection.closed:
            async with asyncio.timeout(WAIT):
                self._connection = await psycopg.AsyncConnection.connect(self._database.dsn, autocommit=True)
        try:
            async with asyncio.timeout(WAIT):
                return await EventLog.head_async(self._connection)
        except BaseException:
            await self._connection.close()
            raise

    async def close(self) -> None:
        """To be called on the loop."""
        if self._looking is not None:
            self._looking.cancel()
        if self._giving_up is not None:
            self._giving_up.cancel()
        if self._connection is not None:
            await self._connection.close()
